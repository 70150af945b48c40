//! Requests to cancel operations.

use durably_protos::temporal::api::failure::v1::Failure;
use durably_protos::temporal::api::history::v1::{
    NexusOperationCancelRequestCompletedEventAttributes,
    NexusOperationCancelRequestFailedEventAttributes, NexusOperationCancelRequestedEventAttributes,
};

use super::{AttemptState, Attempts, Cancellation};
use crate::server::run::Run;
use crate::server::run::write::event;
use crate::server::world::Tx;

impl Run {
    /// The command `REQUEST_CANCEL_NEXUS_OPERATION`. One that has not started is asked to when it has.
    pub(crate) fn request_cancel_operation(
        &mut self,
        tx: &mut Tx<'_>,
        scheduled_id: i64,
        completed_id: i64,
    ) {
        let requested = NexusOperationCancelRequestedEventAttributes {
            scheduled_event_id: scheduled_id,
            workflow_task_completed_event_id: completed_id,
        };
        let requested_id = self.write(tx, requested);
        if let Some(operation) = self.operations.get_mut(&scheduled_id) {
            operation.cancellation = Some(Cancellation {
                requested_id,
                requested_time: None,
                attempts: Attempts::default(),
            });
            self.send_cancellation(tx, scheduled_id);
        }
    }

    /// Sends a cancellation to the handler that the operation runs with.
    pub(super) fn send_cancellation(&mut self, tx: &mut Tx<'_>, scheduled_id: i64) {
        let Some(operation) = self.operations.get_mut(&scheduled_id) else {
            return;
        };
        let is_started = operation.is_started();
        if let Some(asked) = &mut operation.cancellation
            && is_started
        {
            asked.requested_time = Some(tx.now);
            self.dispatch_operation(tx, scheduled_id);
        }
    }

    /// The handler has taken the request over. The operation goes on until it says that it has ended.
    pub(super) fn cancel_request_taken(&mut self, tx: &mut Tx<'_>, scheduled_id: i64) {
        let Some(requested_event_id) = self.end_request(tx, scheduled_id, None) else {
            return;
        };
        let completed = NexusOperationCancelRequestCompletedEventAttributes {
            requested_event_id,
            scheduled_event_id: scheduled_id,
            ..NexusOperationCancelRequestCompletedEventAttributes::default()
        };
        let mut event = event(tx.now, completed);
        event.worker_may_ignore = true;
        self.record_event(tx, event);
        self.wake(tx);
    }

    /// The handler refuses the request for good.
    pub(super) fn cancel_request_failed(
        &mut self,
        tx: &mut Tx<'_>,
        scheduled_id: i64,
        failure: Failure,
    ) {
        let ended = self.end_request(tx, scheduled_id, Some(failure.clone()));
        let Some(requested_event_id) = ended else {
            return;
        };
        let failed = NexusOperationCancelRequestFailedEventAttributes {
            requested_event_id,
            failure: Some(failure),
            scheduled_event_id: scheduled_id,
            ..NexusOperationCancelRequestFailedEventAttributes::default()
        };
        let mut event = event(tx.now, failed);
        event.worker_may_ignore = true;
        self.record_event(tx, event);
        self.wake(tx);
    }

    /// No further attempt is made. Gives the event of the request.
    fn end_request(
        &mut self,
        tx: &mut Tx<'_>,
        scheduled_id: i64,
        failure: Option<Failure>,
    ) -> Option<i64> {
        let operation = self.operations.get_mut(&scheduled_id)?;
        let asked = operation.cancellation.as_mut()?;
        let state = if failure.is_some() {
            AttemptState::Failed
        } else {
            AttemptState::Succeeded
        };
        asked.attempts.end(tx, state, failure);
        Some(asked.requested_id)
    }
}
