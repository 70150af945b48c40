//! What is run: so many workflows of a type, and what one unit of their work is.

/// Some workflows of one type.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Workload {
    /// The workflow type, which is also the workload's name.
    pub(super) workflow: &'static str,
    /// What one unit is, for the table.
    pub(super) unit: &'static str,
    pub(super) workflows: u64,
    /// Each workflow's argument: how many units it has.
    pub(super) units_each: u64,
    pub(super) in_flight: u64,
    /// How many events a unit adds to the history, beside those of workflow tasks.
    events_of_unit: u64,
}

/// Everything but the idle workflows.
pub(super) const WORKLOADS: [Workload; 5] = [
    Workload {
        workflow: "one_activity",
        unit: "workflow of one activity",
        workflows: 2000,
        units_each: 1,
        in_flight: 50,
        events_of_unit: 3,
    },
    Workload {
        workflow: "seq",
        unit: "activity, one by one",
        workflows: 20,
        units_each: 100,
        in_flight: 20,
        events_of_unit: 3,
    },
    Workload {
        workflow: "fanout",
        unit: "activity, in parallel",
        workflows: 5,
        units_each: 500,
        in_flight: 5,
        events_of_unit: 3,
    },
    Workload {
        workflow: "timers",
        unit: "timer",
        workflows: 5,
        units_each: 500,
        in_flight: 5,
        events_of_unit: 2,
    },
    Workload {
        workflow: "signals",
        unit: "signal",
        workflows: 5,
        units_each: 500,
        in_flight: 5,
        events_of_unit: 1,
    },
];

/// The workflows that stay in the cache while the memory is looked at.
pub(super) const IDLE: Workload = Workload {
    workflow: "idle",
    unit: "cached workflow",
    workflows: 2000,
    units_each: 1,
    in_flight: 50,
    events_of_unit: 1,
};

/// What is run before anything is measured, so that connections are open and code is in memory.
pub(super) const WARM_UP: Workload = Workload {
    workflow: "one_activity",
    unit: "workflow",
    workflows: 100,
    units_each: 1,
    in_flight: 50,
    events_of_unit: 3,
};

impl Workload {
    /// All units of all workflows.
    pub(super) fn units(&self) -> u64 {
        self.workflows * self.units_each
    }

    /// How many workflow tasks histories of this length in total are made of: a workflow has one
    /// event at each end, a unit has its own, and three are left for each task. A worker that is
    /// slower needs fewer tasks, since more results wait for each.
    pub(super) fn workflow_tasks(&self, events: u64) -> f64 {
        let others = 2 * self.workflows + self.events_of_unit * self.units();
        events.saturating_sub(others) as f64 / 3.0
    }

    /// How it is described in the table.
    pub(super) fn size(&self) -> String {
        if self.units_each == 1 {
            format!("{}, {} in flight", self.workflows, self.in_flight)
        } else {
            format!("{} x {}", self.workflows, self.units_each)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn workflow_tasks_are_what_the_other_events_leave() {
        // Started, 3 for a task, 3 for the activity, 3 for a task, completed.
        assert_eq!(WARM_UP.workflow_tasks(100 * 11), 200.0);
        assert_eq!(IDLE.units(), 2000);
        assert_eq!(WORKLOADS[1].size(), "20 x 100");
    }
}
