//! Pending operations as `DescribeWorkflowExecution` shows them.

use durably_protos::temporal::api::enums::v1::{
    NexusOperationCancellationState, PendingNexusOperationState,
};
use durably_protos::temporal::api::workflow::v1::{
    NexusOperationCancellationInfo, PendingNexusOperationInfo,
};

use super::{AttemptState, Cancellation, PendingOperation};
use crate::server::run::Run;
use crate::server::time::Time;

impl Run {
    pub(crate) fn pending_operations(&self) -> Vec<PendingNexusOperationInfo> {
        let operations = self.operations.iter();
        operations
            .map(|(&scheduled_id, operation)| operation.describe(scheduled_id))
            .collect()
    }
}

impl PendingOperation {
    fn describe(&self, scheduled_event_id: i64) -> PendingNexusOperationInfo {
        let state = match self.start.state {
            _ if self.is_started() => PendingNexusOperationState::Started,
            AttemptState::BackingOff => PendingNexusOperationState::BackingOff,
            _ => PendingNexusOperationState::Scheduled,
        };
        let token = self.token.clone().unwrap_or_default();
        PendingNexusOperationInfo {
            endpoint: self.endpoint.clone(),
            service: self.service.clone(),
            operation: self.operation.clone(),
            operation_id: token.clone(),
            schedule_to_close_timeout: self.schedule_to_close.unless_zero(),
            scheduled_time: Some(self.scheduled_time.timestamp()),
            state: state.into(),
            attempt: self.start.ended,
            last_attempt_complete_time: self.start.last_end.map(Time::timestamp),
            last_attempt_failure: self.start.last_failure.clone(),
            next_attempt_schedule_time: self.start.next.map(Time::timestamp),
            cancellation_info: self.cancellation.as_ref().map(Cancellation::describe),
            scheduled_event_id,
            operation_token: token,
            schedule_to_start_timeout: self.schedule_to_start.unless_zero(),
            start_to_close_timeout: self.start_to_close.unless_zero(),
            ..PendingNexusOperationInfo::default()
        }
    }
}

impl Cancellation {
    fn describe(&self) -> NexusOperationCancellationInfo {
        use NexusOperationCancellationState as State;
        let state = match self.attempts.state {
            AttemptState::Idle => State::Unspecified,
            AttemptState::Waiting | AttemptState::HandedOut => State::Scheduled,
            AttemptState::BackingOff => State::BackingOff,
            AttemptState::Succeeded => State::Succeeded,
            AttemptState::Failed => State::Failed,
        };
        NexusOperationCancellationInfo {
            requested_time: self.requested_time.map(Time::timestamp),
            state: state.into(),
            attempt: self.attempts.ended,
            last_attempt_complete_time: self.attempts.last_end.map(Time::timestamp),
            last_attempt_failure: self.attempts.last_failure.clone(),
            next_attempt_schedule_time: self.attempts.next.map(Time::timestamp),
            blocked_reason: String::new(),
        }
    }
}
