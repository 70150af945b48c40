//! Failures of activities and child workflows, as their workflow sees them.

use std::fmt;

use durably_protos::temporal::api::enums::v1::RetryState;
use durably_protos::temporal::api::failure::v1::{
    ActivityFailureInfo, ChildWorkflowExecutionFailureInfo,
};

use super::record::failure_kind;

failure_kind! {
    /// An activity ended without a result. The cause says how: an
    /// [`ApplicationFailure`](super::ApplicationFailure) of its code, a timeout, a cancellation.
    ActivityFailure, Activity, ActivityFailureInfo
}

impl ActivityFailure {
    /// The activity's type.
    pub fn activity_type(&self) -> &str {
        self.record
            .info
            .activity_type
            .as_ref()
            .map_or("", |kind| &kind.name)
    }

    /// The activity's id in its workflow.
    pub fn activity_id(&self) -> &str {
        &self.record.info.activity_id
    }

    /// Who ran the last attempt; empty if none was started.
    pub fn identity(&self) -> &str {
        &self.record.info.identity
    }

    /// Why there was no further attempt; a reason that this version does not know counts as
    /// unspecified.
    pub fn retry_state(&self) -> RetryState {
        self.record.info.retry_state()
    }

    /// Id of the event that scheduled the activity.
    pub fn scheduled_event_id(&self) -> i64 {
        self.record.info.scheduled_event_id
    }

    /// Id of the event that started the last attempt; 0 if none was started.
    pub fn started_event_id(&self) -> i64 {
        self.record.info.started_event_id
    }
}

impl fmt::Display for ActivityFailure {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (kind, id) = (self.activity_type(), self.activity_id());
        write!(formatter, "activity `{kind}` (id `{id}`) failed")?;
        write_retry_state(formatter, self.retry_state())
    }
}

failure_kind! {
    /// A child workflow ended without a result. The cause says how.
    ChildWorkflowFailure, ChildWorkflow, ChildWorkflowExecutionFailureInfo
}

impl ChildWorkflowFailure {
    /// The child's namespace.
    pub fn namespace(&self) -> &str {
        &self.record.info.namespace
    }

    /// The child's workflow id.
    pub fn workflow_id(&self) -> &str {
        self.record
            .info
            .workflow_execution
            .as_ref()
            .map_or("", |execution| &execution.workflow_id)
    }

    /// The child's run id; empty if it was not started.
    pub fn run_id(&self) -> &str {
        self.record
            .info
            .workflow_execution
            .as_ref()
            .map_or("", |execution| &execution.run_id)
    }

    /// The child's workflow type.
    pub fn workflow_type(&self) -> &str {
        self.record
            .info
            .workflow_type
            .as_ref()
            .map_or("", |kind| &kind.name)
    }

    /// Why there was no further run; a reason that this version does not know counts as
    /// unspecified.
    pub fn retry_state(&self) -> RetryState {
        self.record.info.retry_state()
    }

    /// Id of the event that initiated the child.
    pub fn initiated_event_id(&self) -> i64 {
        self.record.info.initiated_event_id
    }

    /// Id of the event that tells of the child's start; 0 if it was not started.
    pub fn started_event_id(&self) -> i64 {
        self.record.info.started_event_id
    }
}

impl fmt::Display for ChildWorkflowFailure {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (kind, id) = (self.workflow_type(), self.workflow_id());
        write!(formatter, "child workflow `{kind}` (id `{id}`) failed")?;
        write_retry_state(formatter, self.retry_state())
    }
}

/// The reason there was no retry, where it tells more than the failure itself.
fn write_retry_state(formatter: &mut fmt::Formatter<'_>, state: RetryState) -> fmt::Result {
    match state {
        RetryState::MaximumAttemptsReached => formatter.write_str(" after its last attempt"),
        RetryState::NonRetryableFailure => formatter.write_str(" and is not retryable"),
        RetryState::Timeout => formatter.write_str(" with no time left for a retry"),
        _ => Ok(()),
    }
}
