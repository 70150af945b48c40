//! Events of operations, taken over by a run that is rebuilt.

use durably_protos::temporal::api::history::v1::history_event::Attributes as A;

use super::{AttemptState, Attempts, Cancellation, PendingOperation};
use crate::server::run::Run;
use crate::server::time::Time;
use crate::server::world::Tx;

impl Run {
    /// Takes over an event of an operation; whether it was one.
    pub(crate) fn replay_nexus(&mut self, attributes: &A, id: i64, time: Time) -> bool {
        match attributes {
            A::NexusOperationScheduledEventAttributes(scheduled) => {
                let operation = PendingOperation::scheduled(scheduled, time);
                self.operations.insert(id, operation);
            }
            A::NexusOperationStartedEventAttributes(started) => {
                if let Some(operation) = self.operations.get_mut(&started.scheduled_event_id) {
                    operation.start.state = AttemptState::Succeeded;
                    operation.start.ended = 1;
                    operation.token = Some(started.operation_token.clone());
                    operation.started_time = Some(time);
                }
            }
            A::NexusOperationCancelRequestedEventAttributes(requested) => {
                if let Some(operation) = self.operations.get_mut(&requested.scheduled_event_id) {
                    operation.cancellation = Some(Cancellation {
                        requested_id: id,
                        requested_time: None,
                        attempts: Attempts::default(),
                    });
                }
            }
            A::NexusOperationCancelRequestCompletedEventAttributes(ended) => {
                self.replay_request(ended.scheduled_event_id, AttemptState::Succeeded);
            }
            A::NexusOperationCancelRequestFailedEventAttributes(ended) => {
                self.replay_request(ended.scheduled_event_id, AttemptState::Failed);
            }
            A::NexusOperationCompletedEventAttributes(ended) => {
                self.operations.remove(&ended.scheduled_event_id);
            }
            A::NexusOperationFailedEventAttributes(ended) => {
                self.operations.remove(&ended.scheduled_event_id);
            }
            A::NexusOperationCanceledEventAttributes(ended) => {
                self.operations.remove(&ended.scheduled_event_id);
            }
            A::NexusOperationTimedOutEventAttributes(ended) => {
                self.operations.remove(&ended.scheduled_event_id);
            }
            _ => return false,
        }
        true
    }

    fn replay_request(&mut self, scheduled_id: i64, state: AttemptState) {
        let operation = self.operations.get_mut(&scheduled_id);
        if let Some(asked) = operation.and_then(|operation| operation.cancellation.as_mut()) {
            asked.attempts.state = state;
            asked.attempts.ended = 1;
        }
    }

    /// Has handlers start the operations that have not started, and cancel those that are to be.
    pub(crate) fn resume_nexus(&mut self, tx: &mut Tx<'_>) {
        let operations: Vec<_> = self.operations.keys().copied().collect();
        for scheduled_id in operations {
            self.arm_operation(tx, scheduled_id);
            let Some(operation) = self.operations.get(&scheduled_id) else {
                continue;
            };
            let attempts = operation.attempts().map(|attempts| attempts.state);
            if !operation.is_started() {
                self.dispatch_operation(tx, scheduled_id);
            } else if attempts == Some(AttemptState::Idle) {
                self.send_cancellation(tx, scheduled_id);
            }
        }
    }
}
