//! The ends of operations.

use durably_protos::temporal::api::common::v1::{Link, Payload};
use durably_protos::temporal::api::enums::v1::TimeoutType;
use durably_protos::temporal::api::failure::v1::failure::FailureInfo;
use durably_protos::temporal::api::failure::v1::{
    Failure, NexusOperationFailureInfo, TimeoutFailureInfo,
};
use durably_protos::temporal::api::history::v1::{
    NexusOperationCanceledEventAttributes, NexusOperationCompletedEventAttributes,
    NexusOperationFailedEventAttributes, NexusOperationTimedOutEventAttributes,
};

use super::PendingOperation;
use crate::server::run::Run;
use crate::server::run::write::event;
use crate::server::world::Tx;

/// How an operation ended.
#[derive(Debug)]
pub(crate) enum OperationEnd {
    Completed(Option<Payload>, Vec<Link>),
    Failed(Failure),
    Canceled(Failure),
    TimedOut(TimeoutType),
}

impl Run {
    /// Writes the end of an operation down and forgets it.
    pub(crate) fn end_operation(&mut self, tx: &mut Tx<'_>, scheduled_id: i64, end: OperationEnd) {
        let Some(mut operation) = self.operations.remove(&scheduled_id) else {
            return;
        };
        operation.disarm_all(tx);
        let request_id = operation.request_id.clone();
        let wrapped = |cause| Some(wrapped(&operation, scheduled_id, cause));
        let event = match end {
            OperationEnd::Completed(result, links) => {
                let completed = NexusOperationCompletedEventAttributes {
                    scheduled_event_id: scheduled_id,
                    result,
                    request_id,
                };
                let mut event = event(tx.now, completed);
                event.links = links;
                event
            }
            OperationEnd::Failed(cause) => event(
                tx.now,
                NexusOperationFailedEventAttributes {
                    scheduled_event_id: scheduled_id,
                    failure: wrapped(cause),
                    request_id,
                },
            ),
            OperationEnd::Canceled(cause) => event(
                tx.now,
                NexusOperationCanceledEventAttributes {
                    scheduled_event_id: scheduled_id,
                    failure: wrapped(cause),
                    request_id,
                },
            ),
            OperationEnd::TimedOut(timeout) => event(
                tx.now,
                NexusOperationTimedOutEventAttributes {
                    scheduled_event_id: scheduled_id,
                    failure: wrapped(timed_out(timeout)),
                    request_id,
                },
            ),
        };
        self.record_event(tx, event);
        self.wake(tx);
    }
}

/// The failure of an operation around what it failed with.
fn wrapped(operation: &PendingOperation, scheduled_id: i64, cause: Failure) -> Failure {
    let token = operation.token.clone().unwrap_or_default();
    let info = NexusOperationFailureInfo {
        scheduled_event_id: scheduled_id,
        endpoint: operation.endpoint.clone(),
        service: operation.service.clone(),
        operation: operation.operation.clone(),
        operation_id: token.clone(),
        operation_token: token,
    };
    Failure {
        message: "nexus operation completed unsuccessfully".to_owned(),
        cause: Some(Box::new(cause)),
        failure_info: Some(FailureInfo::NexusOperationExecutionFailureInfo(info)),
        ..Failure::default()
    }
}

fn timed_out(timeout: TimeoutType) -> Failure {
    let info = TimeoutFailureInfo {
        timeout_type: timeout.into(),
        last_heartbeat_details: None,
    };
    Failure {
        message: "operation timed out".to_owned(),
        failure_info: Some(FailureInfo::TimeoutFailureInfo(info)),
        ..Failure::default()
    }
}

impl Run {
    /// What the handler started for an operation has ended, perhaps before the handler's own answer.
    pub(crate) fn operation_called_back(
        &mut self,
        tx: &mut Tx<'_>,
        scheduled_id: i64,
        token: &str,
        link: Option<Link>,
        end: OperationEnd,
    ) {
        let operation = self.operations.get(&scheduled_id);
        if operation.is_some_and(|operation| !operation.is_started()) {
            self.operation_started(
                tx,
                scheduled_id,
                token.to_owned(),
                link.into_iter().collect(),
            );
        }
        self.end_operation(tx, scheduled_id, end);
    }
}
