//! Starting a workflow together with an update.

use durably_protos::google::protobuf::Any;
use durably_protos::temporal::api::enums::v1::{
    UpdateWorkflowExecutionLifecycleStage as Stage, WorkflowIdConflictPolicy as ConflictPolicy,
};
use durably_protos::temporal::api::errordetails::v1::multi_operation_execution_failure::OperationStatus;
use durably_protos::temporal::api::errordetails::v1::{
    MultiOperationExecutionFailure, WorkflowExecutionAlreadyStartedFailure,
};
use durably_protos::temporal::api::failure::v1::MultiOperationExecutionAborted;
use durably_protos::temporal::api::workflowservice::v1::execute_multi_operation_request::operation::Operation;
use durably_protos::temporal::api::workflowservice::v1::execute_multi_operation_response::{
    Response as OperationResponse, response,
};
use durably_protos::temporal::api::workflowservice::v1::{
    ExecuteMultiOperationRequest, ExecuteMultiOperationResponse,
    PollWorkflowExecutionUpdateRequest, PollWorkflowExecutionUpdateResponse,
    StartWorkflowExecutionRequest, StartWorkflowExecutionResponse, UpdateWorkflowExecutionRequest,
    UpdateWorkflowExecutionResponse,
};
use prost::{Message, Name};
use tonic::{Code, Status};

use super::updates::{Change, Order, at, success};
use super::*;
use crate::client::{
    Client, StartError, StartWorkflow, UpdateError, UpdateStage, UpdateWithStart,
    UpdateWithStartError,
};
use crate::options::WorkflowIdConflictPolicy;
use crate::payload::FromPayload;

type Both = ExecuteMultiOperationRequest;

fn start(client: &Client) -> StartWorkflow<Order, UpdateWithStart<u32>> {
    client
        .start(Order, ())
        .workflow_id("w")
        .task_queue("q")
        .id_conflict_policy(WorkflowIdConflictPolicy::UseExisting)
        .update_with_start(Change, "High Street")
        .update_id("u")
}

fn answer(update: UpdateWorkflowExecutionResponse) -> ExecuteMultiOperationResponse {
    let start = StartWorkflowExecutionResponse {
        run_id: "run".into(),
        first_execution_run_id: "run-1".into(),
        started: true,
        ..Default::default()
    };
    let responses = [
        response::Response::StartWorkflow(start),
        response::Response::UpdateWorkflow(update),
    ];
    ExecuteMultiOperationResponse {
        responses: responses
            .map(|response| OperationResponse {
                response: Some(response),
            })
            .into(),
    }
}

fn completed() -> UpdateWorkflowExecutionResponse {
    UpdateWorkflowExecutionResponse {
        outcome: success(7),
        ..at(Stage::Completed)
    }
}

/// The requests inside one call.
fn operations(
    request: Both,
) -> (
    StartWorkflowExecutionRequest,
    UpdateWorkflowExecutionRequest,
) {
    let mut operations = request.operations.into_iter();
    let mut next = || operations.next().unwrap().operation.unwrap();
    match (next(), next()) {
        (Operation::StartWorkflow(start), Operation::UpdateWorkflow(update)) => (start, update),
        other => panic!("{other:?}"),
    }
}

#[tokio::test(start_paused = true)]
async fn both_go_in_one_call() {
    let server = TestServer::new();
    server.answer::<Both>([
        Err(Status::unavailable("answer lost")),
        Ok(answer(completed())),
    ]);
    let client = server.client().await;
    let (handle, result) = start(&client).await.unwrap();
    assert_eq!((handle.workflow_id(), handle.run_id()), ("w", Some("run")));
    assert_eq!(result, 7);

    let requests = server.requests::<Both>();
    assert_eq!(requests[0], requests[1]);
    assert_eq!(requests[0].namespace, "default");
    let (start, update) = operations(requests[0].clone());
    assert_eq!(
        start.workflow_id_conflict_policy(),
        ConflictPolicy::UseExisting
    );
    assert!(!start.request_id.is_empty() && !start.request_eager_execution);
    assert_eq!(
        update.wait_policy.unwrap().lifecycle_stage(),
        Stage::Completed
    );
    let execution = update.workflow_execution.unwrap();
    assert_eq!(
        (execution.workflow_id.as_str(), execution.run_id.as_str()),
        ("w", "")
    );
    assert_eq!(update.first_execution_run_id, "");
    let meta = update.request.unwrap().meta.unwrap();
    assert_eq!(meta.update_id, "u");
}

#[tokio::test(start_paused = true)]
async fn an_admitted_update_goes_on_as_any_other() {
    let server = TestServer::new();
    server.answer::<Both>([Ok(answer(at(Stage::Admitted)))]);
    server.answer::<UpdateWorkflowExecutionRequest>([
        Ok(at(Stage::Admitted)),
        Ok(at(Stage::Accepted)),
    ]);
    server.answer::<PollWorkflowExecutionUpdateRequest>([Ok(
        PollWorkflowExecutionUpdateResponse {
            outcome: success(8),
            ..Default::default()
        },
    )]);
    let client = server.client().await;
    let update = start(&client).start_and_wait_for(UpdateStage::Accepted);
    let (_, update) = update.await.unwrap();
    assert_eq!((update.id(), update.run_id()), ("u", Some("run")));
    assert_eq!(update.result().await.unwrap(), 8);

    assert_eq!(server.requests::<Both>().len(), 1);
    let sent = server.requests::<UpdateWorkflowExecutionRequest>();
    assert_eq!(sent.len(), 2);
    assert_eq!(sent[0].first_execution_run_id, "run-1");
    let meta = sent[0].request.clone().unwrap().meta.unwrap();
    assert_eq!(meta.update_id, "u");
}

#[tokio::test(start_paused = true)]
async fn by_name_the_result_is_a_payload() {
    let server = TestServer::new();
    server.answer::<Both>([Ok(answer(completed()))]);
    let client = server.client().await;
    let update = client
        .start_by_name("order", Vec::new())
        .task_queue("q")
        .id_conflict_policy(WorkflowIdConflictPolicy::Fail)
        .update_with_start_by_name("change", Vec::new());
    let (_, result) = update.await.unwrap();
    assert_eq!(u32::from_payload(&result.0).unwrap(), 7);
    let (start, update) = operations(server.requests::<Both>().remove(0));
    assert_eq!(
        start.workflow_id,
        update.workflow_execution.unwrap().workflow_id
    );
}

/// The server's error for two operations, one of which is to blame.
fn failure(blamed: usize, code: Code, message: &str, detail: Option<Any>) -> Status {
    let aborted = OperationStatus {
        code: Code::Aborted.into(),
        message: "Operation was aborted.".into(),
        details: vec![any(&MultiOperationExecutionAborted {})],
    };
    let mut statuses = vec![aborted.clone(), aborted];
    statuses[blamed] = OperationStatus {
        code: code.into(),
        message: message.into(),
        details: detail.into_iter().collect(),
    };
    let message = "Update-with-Start could not be executed.";
    status(code, message, &MultiOperationExecutionFailure { statuses })
}

fn any<M: Message + Name>(message: &M) -> Any {
    Any {
        type_url: M::type_url(),
        value: message.encode_to_vec().into(),
    }
}

#[tokio::test(start_paused = true)]
async fn the_error_is_that_of_the_operation_to_blame() {
    let server = TestServer::new();
    let taken = any(&WorkflowExecutionAlreadyStartedFailure {
        run_id: "other".into(),
        ..Default::default()
    });
    let closed = "workflow update was aborted by closing workflow";
    server.answer::<Both>([
        Err(failure(0, Code::AlreadyExists, "running", Some(taken))),
        Err(failure(0, Code::InvalidArgument, "no cron", None)),
        Err(failure(1, Code::NotFound, closed, None)),
        Err(failure(1, Code::InvalidArgument, "no name", None)),
        Err(Status::permission_denied("not you")),
    ]);
    let client = server.client().await;
    let mut errors = Vec::new();
    for _ in 0..5 {
        errors.push(start(&client).await.unwrap_err());
    }
    let [taken, cron, closed, name, denied] = &errors[..] else {
        unreachable!("five calls")
    };
    type Error = UpdateWithStartError;
    assert!(
        matches!(taken, Error::Start(StartError::AlreadyStarted { run_id, .. }) if run_id == "other"),
        "{taken}"
    );
    assert!(matches!(cron, Error::Start(StartError::Rpc(_))), "{cron}");
    assert_eq!(
        cron.to_string(),
        "ExecuteMultiOperation failed with INVALID_ARGUMENT: no cron"
    );
    assert!(
        matches!(
            closed,
            Error::Update(UpdateError::WorkflowClosed {
                accepted: false,
                ..
            })
        ),
        "{closed}"
    );
    assert!(matches!(name, Error::Update(UpdateError::Rpc(_))), "{name}");
    assert!(
        matches!(denied, Error::Start(StartError::Rpc(_))),
        "{denied}"
    );
}

#[tokio::test(start_paused = true)]
async fn what_is_wrong_is_told_without_a_call() {
    let server = TestServer::new();
    let client = server.client().await;
    let update = client
        .start(Order, ())
        .task_queue("q")
        .update_with_start(Change, "a");
    let error = update.await.unwrap_err();
    assert!(
        matches!(
            error,
            UpdateWithStartError::Start(StartError::NoConflictPolicy { .. })
        ),
        "{error}"
    );
    let error = start(&client).update_id("").await.unwrap_err();
    assert!(
        matches!(
            error,
            UpdateWithStartError::Update(UpdateError::EmptyUpdateId { .. })
        ),
        "{error}"
    );
    assert!(server.requests::<Both>().is_empty());
}
