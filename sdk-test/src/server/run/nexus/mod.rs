//! Nexus operations, as the caller sees them.
//!
//! | state | left by |
//! |---|---|
//! | waiting | a handler's poll, a timeout |
//! | handed out | the handler's answer, the time it has for it, a timeout |
//! | backing off | the time of the next attempt, a timeout |
//! | started | the callback of what the handler started, a timeout |
//!
//! A request to cancel goes the same way once the operation has started.

mod answer;
mod attempt;
mod callback;
mod cancel;
mod describe;
mod end;
mod replay;
mod schedule;
mod timeout;

pub(crate) use answer::NexusAnswer;
pub(crate) use attempt::{AttemptState, Attempts};
pub(crate) use callback::{CallbackToken, OPERATION_HEADER, RunCallback, SYSTEM_URL, TOKEN_HEADER};
pub(crate) use end::OperationEnd;

use durably_protos::temporal::api::history::v1::NexusOperationScheduledEventAttributes;

use crate::server::time::{Span, Time};
use crate::server::timers::TimerKey;

/// An operation that has not ended.
#[derive(Debug)]
pub(crate) struct PendingOperation {
    pub(crate) endpoint: String,
    pub(crate) endpoint_id: String,
    pub(crate) service: String,
    pub(crate) operation: String,
    pub(crate) request_id: String,
    pub(crate) schedule_to_close: Span,
    pub(crate) schedule_to_start: Span,
    pub(crate) start_to_close: Span,
    pub(crate) scheduled_time: Time,
    /// The attempts to start it.
    pub(crate) start: Attempts,
    /// What the handler calls it, once it has started.
    pub(crate) token: Option<String>,
    pub(crate) started_time: Option<Time>,
    pub(crate) cancellation: Option<Cancellation>,
    close_timer: Option<TimerKey>,
    start_timer: Option<TimerKey>,
    run_timer: Option<TimerKey>,
}

/// A request to cancel an operation.
#[derive(Debug)]
pub(crate) struct Cancellation {
    pub(crate) requested_id: i64,
    /// When it could first go to the handler.
    pub(crate) requested_time: Option<Time>,
    pub(crate) attempts: Attempts,
}

impl PendingOperation {
    pub(crate) fn scheduled(event: &NexusOperationScheduledEventAttributes, time: Time) -> Self {
        Self {
            endpoint: event.endpoint.clone(),
            endpoint_id: event.endpoint_id.clone(),
            service: event.service.clone(),
            operation: event.operation.clone(),
            request_id: event.request_id.clone(),
            schedule_to_close: Span::of(event.schedule_to_close_timeout.as_ref()),
            schedule_to_start: Span::of(event.schedule_to_start_timeout.as_ref()),
            start_to_close: Span::of(event.start_to_close_timeout.as_ref()),
            scheduled_time: time,
            start: Attempts::default(),
            token: None,
            started_time: None,
            cancellation: None,
            close_timer: None,
            start_timer: None,
            run_timer: None,
        }
    }

    pub(crate) fn is_started(&self) -> bool {
        self.token.is_some()
    }

    /// The attempts that are made now: to start it, or to cancel it.
    pub(crate) fn attempts(&self) -> Option<&Attempts> {
        if self.is_started() {
            self.cancellation.as_ref().map(|asked| &asked.attempts)
        } else {
            Some(&self.start)
        }
    }

    fn attempts_mut(&mut self) -> Option<&mut Attempts> {
        if self.is_started() {
            self.cancellation.as_mut().map(|asked| &mut asked.attempts)
        } else {
            Some(&mut self.start)
        }
    }

    /// Whether time must not be skipped because of it: its handler is to do something.
    pub(crate) fn is_in_flight(&self) -> bool {
        let state = self.attempts().map(|attempts| attempts.state);
        matches!(state, Some(AttemptState::Waiting | AttemptState::HandedOut))
    }

    /// When it must have ended, or have started, whichever comes first.
    pub(crate) fn deadline(&self) -> Option<Time> {
        let due = |timeout: Span| (!timeout.is_zero()).then(|| self.scheduled_time.after(timeout));
        let close = due(self.schedule_to_close);
        let start = due(self.schedule_to_start).filter(|_| !self.is_started());
        [close, start].into_iter().flatten().min()
    }
}
