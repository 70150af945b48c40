//! The ends of the workflows that schedules started.

use crate::server::run::ChildEnd;
use crate::server::schedule_policy::WorkflowOutcome;
use crate::server::world::{RunIndex, World};

impl World {
    /// An execution has ended: the schedule that started it is told, if it waits for that.
    pub(in crate::server::world) fn tell_schedule(&mut self, index: RunIndex, end: &ChildEnd) {
        let Some(run) = self.run(index) else { return };
        let first_run = run.started().first_execution_run_id.as_str();
        // Most runs are of no schedule.
        if !self.schedules.followed.contains_key(first_run) {
            return;
        }
        let workflow_id = run.workflow_id.clone();
        let (result, failure) = match end {
            ChildEnd::Completed(result) => (result.clone(), None),
            ChildEnd::Failed(failure, _) => (None, failure.as_deref().cloned()),
            ChildEnd::Canceled(_) | ChildEnd::TimedOut(_) | ChildEnd::Terminated => (None, None),
        };
        let outcome = WorkflowOutcome {
            status: run.status,
            result,
            failure,
        };
        let first_run = first_run.to_owned();
        if let Some(number) = self.schedules.followed.remove(first_run.as_str()) {
            self.change_schedule(number, |state, now| {
                state.workflow_closed(&workflow_id, outcome, now)
            });
        }
    }
}
