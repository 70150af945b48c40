//! Attempts to have a handler start or cancel an operation.

use durably_protos::temporal::api::failure::v1::Failure;

use crate::server::nexus::handler_failure;
use crate::server::run::{NexusAnswer, Run};
use crate::server::time::{Span, Time};
use crate::server::timers::{RunTimer, TimerKey};
use crate::server::world::{Effect, Tx};

/// How long a handler may take for an answer.
const REQUEST_TIMEOUT: Span = Span::seconds(10);
/// The longest wait between two attempts.
const LONGEST_BACKOFF: Span = Span::seconds(3600);

/// Where the attempts stand.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) enum AttemptState {
    /// None has been made yet.
    #[default]
    Idle,
    /// The task waits for a handler.
    Waiting,
    HandedOut,
    BackingOff,
    Succeeded,
    Failed,
}

/// The attempts to start or to cancel an operation.
#[derive(Debug, Default)]
pub(crate) struct Attempts {
    pub(crate) state: AttemptState,
    /// How many have ended.
    pub(crate) ended: i32,
    pub(crate) last_end: Option<Time>,
    pub(crate) last_failure: Option<Failure>,
    pub(crate) next: Option<Time>,
    /// Tells this attempt from all others; tokens carry it.
    pub(crate) stamp: i64,
    pub(super) timer: Option<TimerKey>,
}

impl Attempts {
    /// The attempt in a handler's hands has ended.
    pub(super) fn end(&mut self, tx: &mut Tx<'_>, state: AttemptState, failure: Option<Failure>) {
        tx.timers.clear(&mut self.timer);
        self.state = state;
        self.ended = self.ended.saturating_add(1);
        self.last_end = Some(tx.now);
        self.last_failure = failure;
        self.next = None;
    }
}

/// What a handler is given: how long it has, and the stamp of its task.
#[derive(Debug, Clone, Copy)]
pub(crate) struct HandedOperation {
    pub(crate) stamp: i64,
    pub(crate) timeout: Span,
}

impl Run {
    /// Sends the task to start or cancel an operation to the handlers.
    pub(super) fn dispatch_operation(&mut self, tx: &mut Tx<'_>, scheduled_id: i64) {
        let operation = self.operations.get_mut(&scheduled_id);
        if let Some(attempts) = operation.and_then(|operation| operation.attempts_mut()) {
            tx.timers.clear(&mut attempts.timer);
            attempts.state = AttemptState::Waiting;
            attempts.next = None;
            tx.effects
                .push_back(Effect::NexusOperation(self.index, scheduled_id));
        }
    }

    /// A handler takes the task; `None` if it is none any more.
    pub(crate) fn hand_out_operation(
        &mut self,
        tx: &mut Tx<'_>,
        scheduled_id: i64,
    ) -> Option<HandedOperation> {
        let operation = self.operations.get_mut(&scheduled_id)?;
        let deadline = operation.deadline();
        let attempts = operation.attempts_mut()?;
        if attempts.state != AttemptState::Waiting {
            return None;
        }
        let left = deadline.map_or(REQUEST_TIMEOUT, |deadline| deadline.since(tx.now));
        let timeout = left.min(REQUEST_TIMEOUT);
        attempts.state = AttemptState::HandedOut;
        attempts.stamp = tx.next_task_id();
        let due = tx.now.after(timeout);
        attempts.timer = Some(tx.arm(self.index, due, RunTimer::NexusRequest(scheduled_id)));
        Some(HandedOperation {
            stamp: attempts.stamp,
            timeout,
        })
    }

    /// The handler did not answer.
    pub(crate) fn nexus_request_timed_out(&mut self, tx: &mut Tx<'_>, scheduled_id: i64) {
        let operation = self.operations.get(&scheduled_id);
        if let Some(attempts) = operation.and_then(super::PendingOperation::attempts)
            && attempts.state == AttemptState::HandedOut
        {
            let stamp = attempts.stamp;
            let failure = handler_failure("UPSTREAM_TIMEOUT", 0, "upstream timeout", None);
            self.operation_answered(tx, scheduled_id, stamp, NexusAnswer::Error(failure));
        }
    }

    /// The next attempt comes later.
    pub(super) fn back_off_operation(
        &mut self,
        tx: &mut Tx<'_>,
        scheduled_id: i64,
        failure: Failure,
    ) {
        let operation = self.operations.get_mut(&scheduled_id);
        if let Some(attempts) = operation.and_then(|operation| operation.attempts_mut()) {
            attempts.end(tx, AttemptState::BackingOff, Some(failure));
            let due = tx.now.after(backoff(attempts.ended));
            attempts.next = Some(due);
            attempts.timer = Some(tx.arm(self.index, due, RunTimer::NexusRetry(scheduled_id)));
        }
    }

    /// The time of the next attempt has come.
    pub(crate) fn nexus_retry_is_due(&mut self, tx: &mut Tx<'_>, scheduled_id: i64) {
        let operation = self.operations.get(&scheduled_id);
        let attempts = operation.and_then(super::PendingOperation::attempts);
        if attempts.is_some_and(|attempts| attempts.state == AttemptState::BackingOff) {
            self.dispatch_operation(tx, scheduled_id);
        }
    }
}

/// One second after the first attempt, twice as long each time.
fn backoff(ended: i32) -> Span {
    let doublings = u32::try_from(ended - 1).unwrap_or(0).min(20);
    Span::seconds(1 << doublings).min(LONGEST_BACKOFF)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn waits_double_up_to_an_hour() {
        let waits = [1, 2, 3, 13, i32::MAX].map(backoff);
        let expected = [1, 2, 4, 3600, 3600].map(Span::seconds);
        assert_eq!(waits, expected);
    }
}
