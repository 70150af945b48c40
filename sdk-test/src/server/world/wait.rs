//! Callers that wait for a run's history to grow, or for the run to close.

use tonic::Status;

use super::{RunIndex, World};
use crate::server::refusal::Answer;
use crate::server::run::Run;
use crate::server::waiters::{Waiter, Waiting};

/// A caller, and what it waits for.
#[derive(Debug)]
pub(crate) struct HistoryWait {
    /// The first event the caller does not have.
    next_id: i64,
    only_close: bool,
    waiter: Waiter<Answer<()>>,
}

impl HistoryWait {
    fn is_over(&self, run: &Run) -> bool {
        !run.is_open() || (!self.only_close && run.history.last_id() >= self.next_id)
    }
}

impl World {
    /// Waits until the run has an event with this id, or has closed.
    pub(crate) fn wait_for_history(
        &mut self,
        run: RunIndex,
        next_id: i64,
        only_close: bool,
    ) -> Waiting<Answer<()>> {
        let (waiter, waiting) = self.waiters.pair();
        let wait = HistoryWait {
            next_id,
            only_close,
            waiter,
        };
        let waits = self.history_waits.entry(run).or_default();
        waits.retain(|wait| !wait.waiter.is_gone());
        waits.push(wait);
        waiting
    }

    /// Tells the callers whose wait is over.
    pub(super) fn history_grew(&mut self, index: RunIndex) {
        let Some(run) = self.runs.get(&index) else {
            return;
        };
        let Some(waits) = self.history_waits.get_mut(&index) else {
            return;
        };
        let over = waits.extract_if(.., |wait| wait.is_over(run));
        over.for_each(|wait| wait.waiter.tell(Ok(())));
        if waits.is_empty() {
            self.history_waits.remove(&index);
        }
    }
    /// Ends the waits of all callers for histories and updates: what they wait for does not come. Those who wait
    /// for a time go on, since it will come.
    pub(super) fn give_up_waits(&mut self, reason: &Status) {
        let waits = self.history_waits.drain();
        for wait in waits.flat_map(|(_, waits)| waits) {
            wait.waiter.tell(Err(reason.clone()));
        }
        for run in self.runs.values_mut() {
            run.updates.give_up_waits(reason);
        }
    }
}
