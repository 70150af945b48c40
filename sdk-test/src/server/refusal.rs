//! What a refused call is answered with: a gRPC status with the detail the real server attaches.

use durably_protos::google::protobuf::Any;
use durably_protos::google::rpc;
use durably_protos::temporal::api::enums::v1::{ResourceExhaustedCause, ResourceExhaustedScope};
use durably_protos::temporal::api::errordetails::v1::{
    NamespaceNotFoundFailure, NotFoundFailure, PermissionDeniedFailure, QueryFailedFailure,
    ResourceExhaustedFailure, WorkflowExecutionAlreadyStartedFailure, WorkflowNotReadyFailure,
};
use durably_protos::temporal::api::failure::v1::Failure;
use prost::{Message, Name};
use tonic::{Code, Status};

/// What every operation of the server may end with.
pub(crate) type Answer<T> = Result<T, Status>;

/// A status with one typed detail (`google.rpc.Status` in `grpc-status-details-bin`).
pub(crate) fn with_detail<D: Message + Name>(
    code: Code,
    message: impl Into<String>,
    detail: &D,
) -> Status {
    let message = message.into();
    let details = rpc::Status {
        code: code as i32,
        message: message.clone(),
        details: vec![any(detail)],
    };
    Status::with_details(code, message, details.encode_to_vec().into())
}

/// A message in its envelope.
pub(crate) fn any<D: Message + Name>(message: &D) -> Any {
    Any {
        type_url: D::type_url(),
        value: message.encode_to_vec().into(),
    }
}

pub(crate) fn invalid(message: impl Into<String>) -> Status {
    Status::invalid_argument(message)
}

pub(crate) fn not_found(message: impl Into<String>) -> Status {
    with_detail(
        Code::NotFound,
        message,
        &NotFoundFailure {
            current_cluster: String::new(),
            active_cluster: String::new(),
        },
    )
}

pub(crate) fn already_completed() -> Status {
    not_found("workflow execution already completed")
}

pub(crate) fn workflow_not_found(workflow_id: &str) -> Status {
    not_found(format!("workflow not found for ID: {workflow_id}"))
}

pub(crate) fn workflow_task_not_found() -> Status {
    not_found("Workflow task not found.")
}

pub(crate) fn activity_not_found() -> Status {
    not_found("invalid activityID or activity already timed out or invoking workflow is completed")
}

pub(crate) fn namespace_not_found(namespace: &str) -> Status {
    let detail = NamespaceNotFoundFailure {
        namespace: namespace.to_owned(),
    };
    let message = format!("Namespace {namespace} is not found.");
    with_detail(Code::NotFound, message, &detail)
}

pub(crate) fn already_started(
    message: String,
    start_request_id: String,
    run_id: String,
    first_execution_run_id: String,
) -> Status {
    let detail = WorkflowExecutionAlreadyStartedFailure {
        start_request_id,
        run_id,
        first_execution_run_id,
    };
    with_detail(Code::AlreadyExists, message, &detail)
}

pub(crate) fn not_ready(message: impl Into<String>) -> Status {
    with_detail(
        Code::FailedPrecondition,
        message,
        &WorkflowNotReadyFailure {},
    )
}

pub(crate) fn permission_denied(message: impl Into<String>) -> Status {
    let detail = PermissionDeniedFailure {
        reason: String::new(),
    };
    with_detail(Code::PermissionDenied, message, &detail)
}

/// A limit of one workflow is reached; it may be tried again later.
pub(crate) fn exhausted(message: impl Into<String>, cause: ResourceExhaustedCause) -> Status {
    let detail = ResourceExhaustedFailure {
        cause: cause.into(),
        scope: ResourceExhaustedScope::Namespace.into(),
    };
    with_detail(Code::ResourceExhausted, message, &detail)
}

/// The workflow is closing, or has closed and goes on in another run: the caller may try again.
pub(crate) fn closing() -> Status {
    exhausted(
        "workflow operation can not be applied because workflow is closing",
        ResourceExhaustedCause::BusyWorkflow,
    )
}

pub(crate) fn closed_before_first_task() -> Status {
    not_ready("Workflow execution closed before WorkflowTaskStarted event")
}

pub(crate) fn query_failed(message: String, failure: Option<Failure>) -> Status {
    with_detail(
        Code::InvalidArgument,
        message,
        &QueryFailedFailure { failure },
    )
}
