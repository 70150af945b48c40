//! What a handler answers.

use durably_protos::temporal::api::common::v1::{Link, Payload};
use durably_protos::temporal::api::failure::v1::Failure;
use durably_protos::temporal::api::history::v1::NexusOperationStartedEventAttributes;

use super::{AttemptState, OperationEnd};
use crate::server::nexus::{handler_failure, is_retryable};
use crate::server::run::Run;
use crate::server::run::write::event;
use crate::server::world::Tx;

/// An answer to the task to start or cancel an operation.
#[derive(Debug)]
pub(crate) enum NexusAnswer {
    /// The operation is done, with this result.
    Done(Option<Payload>, Vec<Link>),
    /// The operation runs; this is what the handler calls it.
    Started(String, Vec<Link>),
    /// The operation failed.
    Failed(Failure),
    /// The operation was canceled.
    Canceled(Failure),
    /// The request to cancel has been taken over.
    CancelTaken,
    /// The handler failed, with a failure that says whether to try again.
    Error(Failure),
}

impl Run {
    /// Takes a handler's answer over, if it is to the attempt that is in its hands.
    pub(crate) fn operation_answered(
        &mut self,
        tx: &mut Tx<'_>,
        scheduled_id: i64,
        stamp: i64,
        answer: NexusAnswer,
    ) {
        let Some(operation) = self.operations.get(&scheduled_id) else {
            return;
        };
        let is_this = operation.attempts().is_some_and(|attempts| {
            attempts.stamp == stamp && attempts.state == AttemptState::HandedOut
        });
        if !is_this {
            return;
        }
        let is_started = operation.is_started();
        match answer {
            NexusAnswer::Error(failure) if is_retryable(&failure) => {
                self.back_off_operation(tx, scheduled_id, failure);
            }
            NexusAnswer::Error(failure) if is_started => {
                self.cancel_request_failed(tx, scheduled_id, failure);
            }
            NexusAnswer::Error(failure) => {
                self.end_operation(tx, scheduled_id, OperationEnd::Failed(failure));
            }
            NexusAnswer::CancelTaken if is_started => self.cancel_request_taken(tx, scheduled_id),
            NexusAnswer::Done(result, links) if !is_started => {
                let end = OperationEnd::Completed(result, links);
                self.end_operation(tx, scheduled_id, end);
            }
            NexusAnswer::Started(token, links) if !is_started => {
                self.operation_started(tx, scheduled_id, token, links);
            }
            NexusAnswer::Failed(failure) if !is_started => {
                self.end_operation(tx, scheduled_id, OperationEnd::Failed(failure));
            }
            NexusAnswer::Canceled(failure) if !is_started => {
                self.end_operation(tx, scheduled_id, OperationEnd::Canceled(failure));
            }
            // An answer to another question than was asked.
            _ => {
                let failure = handler_failure("INTERNAL", 0, "empty outcome", None);
                self.back_off_operation(tx, scheduled_id, failure);
            }
        }
    }

    /// The operation runs. A cancellation that waited for this goes to the handler.
    pub(super) fn operation_started(
        &mut self,
        tx: &mut Tx<'_>,
        scheduled_id: i64,
        token: String,
        links: Vec<Link>,
    ) {
        let Some(operation) = self.operations.get_mut(&scheduled_id) else {
            return;
        };
        operation.start.end(tx, AttemptState::Succeeded, None);
        operation.token = Some(token.clone());
        operation.started_time = Some(tx.now);
        let started = NexusOperationStartedEventAttributes {
            scheduled_event_id: scheduled_id,
            operation_id: token.clone(),
            request_id: operation.request_id.clone(),
            operation_token: token,
        };
        self.arm_operation(tx, scheduled_id);
        let mut event = event(tx.now, started);
        event.links = links;
        self.record_event(tx, event);
        self.wake(tx);
        self.send_cancellation(tx, scheduled_id);
    }
}
