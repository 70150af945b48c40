//! Local activities within a task: replayed from their markers, or run and waited for.

use super::Run;
use crate::completion::Completion;
use crate::error::RunError;
use crate::machines::{LocalActivityEnd, LocalActivityRequest};

impl Run {
    /// What the driver has to do for the run's local activities; ask after each step.
    pub fn take_local_activity_requests(&mut self) -> Vec<LocalActivityRequest> {
        let mut tables = self.shared.tables.borrow_mut();
        let more = tables.more.as_mut();
        more.map(|more| std::mem::take(&mut more.local_activities.requests))
            .unwrap_or_default()
    }

    /// Local activities have ended, while a task waits for them ([`Completion::Waiting`]): goes on
    /// with the task.
    pub fn local_activities_ended(&mut self, ends: Vec<LocalActivityEnd>) -> Completion {
        let result = self.guarded(|run| {
            let (wakers, time) = {
                let mut tables = run.shared.tables.borrow_mut();
                let (more, commands, numbers) = tables.for_local_activities();
                more.local_activities.ended(commands, ends, numbers)
            };
            run.shared.advance_to(time);
            wakers.into_iter().for_each(std::task::Waker::wake);
            run.run_until_idle()?;
            run.check_stuck()?;
            run.queue_end();
            run.settle_local_activities(true);
            run.answer_task()
        });
        result.unwrap_or_else(|error| Completion::Failed(error.into_failed_task()))
    }

    /// The task has taken long for its local activities: completes it, and asks for another one in
    /// which they go on (protocol 2.10).
    pub fn heartbeat(&mut self) -> Completion {
        let result = self.guarded(|run| run.complete(true));
        result.unwrap_or_else(|error| Completion::Failed(error.into_failed_task()))
    }

    /// The end of a replayed task: gives the code what its markers say, activation by activation.
    pub(super) fn replay_local_activities(&mut self) -> Result<(), RunError> {
        while !self.ended {
            self.settle_local_activities(false);
            let next = {
                let mut tables = self.shared.tables.borrow_mut();
                let (more, _, numbers) = tables.for_local_activities();
                more.local_activities.next_recorded(numbers)
            };
            let Some((wakers, time)) = next else {
                return Ok(());
            };
            self.shared.advance_to(time);
            wakers.into_iter().for_each(std::task::Waker::wake);
            self.run_until_idle()?;
            self.queue_end();
        }
        Ok(())
    }

    /// What the code scheduled in this activation waits for its marker, or is run.
    pub(super) fn settle_local_activities(&mut self, live: bool) {
        let now = self.shared.now();
        let mut tables = self.shared.tables.borrow_mut();
        if let Some(more) = &mut tables.more {
            match self.ended {
                true => more.local_activities.give_up(),
                false => more.local_activities.settle(live, now),
            }
        }
    }

    /// Whether the task has to wait for local activities.
    pub(super) fn runs_local_activities(&self) -> bool {
        let tables = self.shared.tables.borrow();
        let more = tables.more.as_ref();
        !self.ended && more.is_some_and(|more| more.local_activities.is_running())
    }
}
