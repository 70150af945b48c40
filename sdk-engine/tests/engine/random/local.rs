//! A run with the local activities that are being run for it.

use std::collections::BTreeMap;
use std::time::Duration;

use durably_engine::{
    ActivityCancellationType, Completion, LocalActivityEnd, LocalActivityOutcome,
    LocalActivityRequest, Run,
};

use super::dice::Dice;
use crate::support::fixture::{failure, payloads};

pub(super) struct Worker {
    pub(super) run: Run,
    /// By number, whether their end is awaited when they are canceled.
    running: BTreeMap<u32, ActivityCancellationType>,
}

impl Worker {
    pub(super) fn new(run: Run) -> Self {
        let running = BTreeMap::new();
        Self { run, running }
    }

    /// Goes on with a task until it is answered. Runs in the same state that are given the same dice
    /// go on the same way: the ends take no time, so the run's clock stays the same.
    pub(super) fn go_on(&mut self, mut completion: Completion, dice: &mut Dice) -> Completion {
        loop {
            self.take_requests();
            if !matches!(completion, Completion::Waiting) {
                return completion;
            }
            if dice.one_in(5) {
                completion = self.run.heartbeat();
                continue;
            }
            let mut ends = Vec::new();
            while ends.is_empty() || (dice.one_in(3) && !self.running.is_empty()) {
                let open: Vec<u32> = self.running.keys().copied().collect();
                let seq = *dice.pick(&open);
                self.running.remove(&seq);
                ends.push(end(seq, dice));
            }
            completion = self.run.local_activities_ended(ends);
        }
    }

    fn take_requests(&mut self) {
        for request in self.run.take_local_activity_requests() {
            match request {
                LocalActivityRequest::Execute(task) => {
                    let kind = task.options.cancellation_type;
                    self.running.insert(task.seq, kind);
                }
                LocalActivityRequest::Cancel { seq } => {
                    if self.running.get(&seq) == Some(&ActivityCancellationType::TryCancel) {
                        self.running.remove(&seq);
                    }
                }
            }
        }
    }
}

fn end(seq: u32, dice: &mut Dice) -> LocalActivityEnd {
    let outcome = match dice.below(4) {
        0 => LocalActivityOutcome::Failed(Box::new(failure("broke"))),
        1 => LocalActivityOutcome::Backoff {
            failure: Box::new(failure("again")),
            backoff: Duration::from_secs(60),
        },
        _ => LocalActivityOutcome::Completed(payloads(Some("done"))),
    };
    LocalActivityEnd {
        seq,
        attempt: 1,
        runtime: Duration::ZERO,
        outcome,
    }
}
