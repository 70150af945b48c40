//! The failures by which the code learns that a child workflow did not complete (protocol 4.4).

use durably_protos::temporal::api::common::v1::{Payloads, WorkflowExecution, WorkflowType};
use durably_protos::temporal::api::enums::v1::{
    RetryState, StartChildWorkflowExecutionFailedCause, TimeoutType,
};
use durably_protos::temporal::api::failure::v1::failure::FailureInfo;
use durably_protos::temporal::api::failure::v1::{
    CanceledFailureInfo, ChildWorkflowExecutionFailureInfo, Failure, TerminatedFailureInfo,
    TimeoutFailureInfo,
};

use crate::error::application_failure;

/// Who a child is, for `ChildWorkflowExecutionFailureInfo`.
#[derive(Debug, Default, Clone)]
pub(crate) struct ChildIdentity {
    pub(crate) namespace: String,
    pub(crate) workflow_id: String,
    pub(crate) workflow_type: String,
    /// Empty until it has started.
    pub(crate) run_id: String,
    pub(crate) initiated_event_id: i64,
    pub(crate) started_event_id: i64,
}

fn wrap(identity: &ChildIdentity, message: &str, retry_state: i32, cause: Failure) -> Failure {
    Failure {
        message: message.to_owned(),
        cause: Some(Box::new(cause)),
        failure_info: Some(FailureInfo::ChildWorkflowExecutionFailureInfo(
            ChildWorkflowExecutionFailureInfo {
                namespace: identity.namespace.clone(),
                workflow_execution: Some(WorkflowExecution {
                    workflow_id: identity.workflow_id.clone(),
                    run_id: identity.run_id.clone(),
                }),
                workflow_type: Some(WorkflowType {
                    name: identity.workflow_type.clone(),
                }),
                initiated_event_id: identity.initiated_event_id,
                started_event_id: identity.started_event_id,
                retry_state,
            },
        )),
        ..Default::default()
    }
}

/// `ChildWorkflowExecutionFailed`: the event's failure is the cause.
pub(crate) fn child_failed(
    identity: &ChildIdentity,
    retry_state: i32,
    failure: Option<Failure>,
) -> Failure {
    let cause = failure.unwrap_or_default();
    wrap(
        identity,
        "Child Workflow execution failed",
        retry_state,
        cause,
    )
}

/// `ChildWorkflowExecutionTimedOut`.
pub(crate) fn child_timed_out(identity: &ChildIdentity, retry_state: i32) -> Failure {
    let cause = Failure {
        message: "timed out".to_owned(),
        failure_info: Some(FailureInfo::TimeoutFailureInfo(TimeoutFailureInfo {
            timeout_type: TimeoutType::StartToClose.into(),
            ..Default::default()
        })),
        ..Default::default()
    };
    wrap(
        identity,
        "Child Workflow execution timed out",
        retry_state,
        cause,
    )
}

/// `ChildWorkflowExecutionTerminated`.
pub(crate) fn child_terminated(identity: &ChildIdentity) -> Failure {
    let cause = Failure {
        message: "terminated".to_owned(),
        failure_info: Some(FailureInfo::TerminatedFailureInfo(
            TerminatedFailureInfo::default(),
        )),
        ..Default::default()
    };
    let retry_state = RetryState::NonRetryableFailure.into();
    wrap(
        identity,
        "Child Workflow execution terminated",
        retry_state,
        cause,
    )
}

/// Canceled, by `ChildWorkflowExecutionCanceled` or without waiting for it.
pub(crate) fn child_canceled(identity: &ChildIdentity, details: Option<Payloads>) -> Failure {
    let cause = Failure {
        message: "canceled".to_owned(),
        failure_info: Some(FailureInfo::CanceledFailureInfo(CanceledFailureInfo {
            details,
            ..Default::default()
        })),
        ..Default::default()
    };
    let retry_state = RetryState::CancelRequested.into();
    wrap(
        identity,
        "Child Workflow execution canceled",
        retry_state,
        cause,
    )
}

/// `StartChildWorkflowExecutionFailed`: the cause's type says why.
pub(crate) fn child_not_started(identity: &ChildIdentity, cause: i32) -> Failure {
    use StartChildWorkflowExecutionFailedCause as Cause;
    let (kind, why) = match Cause::try_from(cause) {
        Ok(Cause::WorkflowAlreadyExists) => (
            "WorkflowAlreadyExists",
            format!(
                "a workflow with id \"{}\" exists already",
                identity.workflow_id
            ),
        ),
        Ok(Cause::NamespaceNotFound) => (
            "NamespaceNotFound",
            format!("namespace \"{}\" does not exist", identity.namespace),
        ),
        _ => (
            "StartChildWorkflowExecutionFailed",
            format!("cause {cause}"),
        ),
    };
    let mut failure = application_failure(kind, why);
    if let Some(FailureInfo::ApplicationFailureInfo(info)) = &mut failure.failure_info {
        info.non_retryable = true;
    }
    let retry_state = RetryState::NonRetryableFailure.into();
    let message = "Child Workflow execution could not be started";
    wrap(identity, message, retry_state, failure)
}
