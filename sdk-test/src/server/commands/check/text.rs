//! The real server's words for what is wrong with a command.

use durably_protos::temporal::api::command::v1::Command;
use durably_protos::temporal::api::enums::v1::WorkflowTaskFailedCause as Cause;

/// A command as texts name it.
pub(super) struct On {
    command: &'static str,
    /// What identifies it, after the sentence: empty, or beginning with a space.
    rest: String,
}

impl On {
    pub(super) fn command(command: &'static str) -> Self {
        Self::with(command, String::new())
    }

    pub(super) fn with(command: &'static str, rest: String) -> Self {
        Self { command, rest }
    }

    pub(super) fn missing(&self, field: &str) -> String {
        format!("{field} is not set on {}.{}", self.command, self.rest)
    }

    pub(super) fn too_long(&self, field: &str, id: &str, longest: usize) -> String {
        let Self { command, rest } = self;
        let length = id.len();
        format!(
            "{field} on {command} exceeds length limit. {field}={id} Length={length} Limit={longest}{rest}"
        )
    }

    pub(super) fn wrong_run_id(&self) -> String {
        format!("Invalid RunId set on {}.{}", self.command, self.rest)
    }

    /// A value that is wrong for `reason`; `what` as in `Invalid WorkflowRunTimeout`.
    pub(super) fn wrong(&self, what: &str, reason: &str) -> String {
        format!("{what} on {}: {reason}.{}", self.command, self.rest)
    }
}

/// The cause to name where a command has nothing in it.
pub(super) fn cause_of(command: &Command) -> Cause {
    use durably_protos::temporal::api::enums::v1::CommandType as C;
    match command.command_type() {
        C::Unspecified | C::ScheduleActivityTask => Cause::BadScheduleActivityAttributes,
        C::RequestCancelActivityTask => Cause::BadRequestCancelActivityAttributes,
        C::StartTimer => Cause::BadStartTimerAttributes,
        C::CancelTimer => Cause::BadCancelTimerAttributes,
        C::RecordMarker => Cause::BadRecordMarkerAttributes,
        C::CompleteWorkflowExecution => Cause::BadCompleteWorkflowExecutionAttributes,
        C::FailWorkflowExecution => Cause::BadFailWorkflowExecutionAttributes,
        C::CancelWorkflowExecution => Cause::BadCancelWorkflowExecutionAttributes,
        C::ContinueAsNewWorkflowExecution => Cause::BadContinueAsNewAttributes,
        C::StartChildWorkflowExecution => Cause::BadStartChildExecutionAttributes,
        C::SignalExternalWorkflowExecution => Cause::BadSignalWorkflowExecutionAttributes,
        C::RequestCancelExternalWorkflowExecution => {
            Cause::BadRequestCancelExternalWorkflowExecutionAttributes
        }
        C::UpsertWorkflowSearchAttributes => Cause::BadSearchAttributes,
        C::ModifyWorkflowProperties => Cause::BadModifyWorkflowPropertiesAttributes,
        C::ProtocolMessage => Cause::BadUpdateWorkflowExecutionMessage,
        C::ScheduleNexusOperation => Cause::BadScheduleNexusOperationAttributes,
        C::RequestCancelNexusOperation => Cause::BadRequestCancelNexusOperationAttributes,
    }
}
