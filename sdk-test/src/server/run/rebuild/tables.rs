//! What is pending in a run, in words, so that two runs can be compared.

use crate::server::run::{AttemptState, Run, TaskKind};

impl Run {
    /// Everything that the history says is pending, a line each. Settings of activities that
    /// `UpdateActivityOptions` has changed are in no history: they are left out.
    pub(crate) fn tables(&self) -> String {
        let mut words = Vec::new();
        for (id, activity) in &self.activities {
            words.push(format!(
                "activity {id} {} {:?} canceled by {}",
                activity.activity_id, activity.scheduled_time, activity.cancel_requested_id
            ));
        }
        words.push(format!("{:?}", self.activity_ids));
        for (id, timer) in &self.timers {
            words.push(format!("timer {id} {} {:?}", timer.started_id, timer.due));
        }
        for (id, child) in &self.children {
            words.push(format!(
                "child {id} {} {} {} {:?}",
                child.workflow_id, child.run_id, child.started_id, child.parent_close_policy
            ));
        }
        for (id, operation) in &self.operations {
            let asked = operation.cancellation.as_ref();
            let asked = asked.map(|asked| {
                let is_over = asked.attempts.state == AttemptState::Succeeded;
                (asked.requested_id, is_over)
            });
            words.push(format!(
                "operation {id} {} {:?} {:?} {:?} {asked:?}",
                operation.operation,
                operation.token,
                operation.started_time,
                operation.deadline()
            ));
        }
        let task = self.workflow_task.as_ref();
        let task = task.filter(|task| task.kind == TaskKind::Normal);
        let task = task.map(|task| {
            let started = task.started.as_ref().map(|started| started.id);
            (task.scheduled_id, task.attempt, started)
        });
        words.push(format!(
            "task {task:?} last {} {}",
            self.last_started_id, self.last_completed_id
        ));
        words.push(format!(
            "{:?} {} {:?} {:?} {:?}",
            self.status, self.signals, self.signal_requests, self.memo, self.search_attributes
        ));
        words.push(format!(
            "{:?} {:?} {:?}",
            self.skipped(),
            self.time_skipping,
            self.options
        ));
        words.push(format!(
            "{:?} {:?}",
            self.history.batches(),
            self.history.size_bytes()
        ));
        words.join("\n")
    }
}
