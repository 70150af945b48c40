//! Signals, queries, cancellation, termination, descriptions.

use durably_protos::temporal::api::common::v1::{Payloads, WorkflowExecution};
use durably_protos::temporal::api::enums::v1::WorkflowExecutionStatus;
use durably_protos::temporal::api::errordetails::v1::{
    NamespaceNotFoundFailure, QueryFailedFailure, WorkflowNotReadyFailure,
};
use durably_protos::temporal::api::failure::v1::Failure as ProtoFailure;
use durably_protos::temporal::api::query::v1::QueryRejected;
use durably_protos::temporal::api::workflow::v1::WorkflowExecutionInfo;
use durably_protos::temporal::api::workflowservice::v1::{
    DescribeWorkflowExecutionRequest, DescribeWorkflowExecutionResponse, QueryWorkflowRequest,
    QueryWorkflowResponse, RequestCancelWorkflowExecutionRequest, SignalWorkflowExecutionRequest,
    StartWorkflowExecutionRequest, StartWorkflowExecutionResponse,
    TerminateWorkflowExecutionRequest,
};
use tonic::{Code, Status};

use super::*;
use crate::client::{
    CancelError, QueryError, QueryRejectCondition, RpcErrorDetail, SignalError, TerminateError,
    WorkflowHandle,
};
use crate::definition::{QueryDefinition, SignalDefinition, WorkflowDefinition};
use crate::payload::{FromPayload, ToPayload};

struct Order;

impl WorkflowDefinition for Order {
    type Owner = Self;
    type Parameters = ();
    type Output = ();
    const NAME: &'static str = "order";
}

struct Deliver;

impl SignalDefinition for Deliver {
    type Workflow = Order;
    type Parameters = (String, u32);
    const NAME: &'static str = "deliver";
}

struct State;

impl QueryDefinition for State {
    type Workflow = Order;
    type Parameters = (bool,);
    type Output = String;
    const NAME: &'static str = "state";
}

async fn handle(server: &TestServer) -> WorkflowHandle<Order> {
    server.client().await.workflow_handle(Order, "w")
}

fn execution(run_id: &str) -> Option<WorkflowExecution> {
    Some(WorkflowExecution {
        workflow_id: "w".into(),
        run_id: run_id.into(),
    })
}

#[tokio::test(start_paused = true)]
async fn signals_are_sent_once_and_to_the_right_run() {
    type Request = SignalWorkflowExecutionRequest;
    let server = TestServer::new();
    let handle = handle(&server).await;
    server.answer::<Request>([
        Err(Status::unavailable("answer lost")),
        Ok(Default::default()),
        Ok(Default::default()),
        Err(not_found("workflow execution already completed")),
    ]);
    handle.signal(Deliver, ("here", 2)).await.unwrap();
    handle
        .clone()
        .with_run_id("run")
        .signal_by_name("deliver", vec![])
        .await
        .unwrap();
    let error = handle.signal(Deliver, ("here", 2)).await.unwrap_err();
    assert_eq!(
        error.to_string(),
        "workflow `w` is not running: workflow execution already completed"
    );
    assert!(matches!(error, SignalError::NotFound { .. }));

    let requests = server.requests::<Request>();
    assert_eq!(requests[0], requests[1]);
    assert_ne!(requests[0].request_id, requests[2].request_id);
    assert_eq!(requests[0].signal_name, "deliver");
    assert_eq!(requests[0].input.as_ref().unwrap().payloads.len(), 2);
    assert_eq!(requests[0].workflow_execution, execution(""));
    assert_eq!(requests[2].workflow_execution, execution("run"));
}

#[tokio::test(start_paused = true)]
async fn a_namespace_that_does_not_exist_is_no_missing_workflow() {
    type Request = SignalWorkflowExecutionRequest;
    let server = TestServer::new();
    let detail = NamespaceNotFoundFailure {
        namespace: "default".into(),
    };
    let text = "Namespace default is not found.";
    server.answer::<Request>([Err(status(Code::NotFound, text, &detail))]);
    let error = handle(&server)
        .await
        .signal_by_name("deliver", vec![])
        .await
        .unwrap_err();
    let SignalError::Rpc(error) = error else {
        panic!("{error}");
    };
    let namespace = "default".to_owned();
    assert_eq!(
        error.detail(),
        Some(RpcErrorDetail::NamespaceNotFound { namespace })
    );
}

#[tokio::test(start_paused = true)]
async fn queries_give_their_answer() {
    type Request = QueryWorkflowRequest;
    let server = TestServer::new();
    let answer = Payloads {
        payloads: vec!["packed".to_owned().to_payload().unwrap()],
    };
    let response = QueryWorkflowResponse {
        query_result: Some(answer),
        ..Default::default()
    };
    let rejected = QueryWorkflowResponse {
        query_rejected: Some(QueryRejected {
            status: WorkflowExecutionStatus::Completed.into(),
        }),
        ..Default::default()
    };
    server.answer::<Request>([Ok(response.clone()), Ok(response), Ok(rejected)]);
    let handle = handle(&server).await;
    assert_eq!(handle.query(State, true).await.unwrap(), "packed");
    let raw = handle.query_by_name("state", vec![]).await.unwrap();
    assert_eq!(String::from_payload(&raw.0).unwrap(), "packed");
    let query = handle
        .query(State, true)
        .reject_condition(QueryRejectCondition::NotOpen);
    let error = query.await.unwrap_err();
    assert!(
        matches!(
            error,
            QueryError::Rejected {
                status: WorkflowExecutionStatus::Completed
            }
        ),
        "{error}"
    );
    let request = &server.requests::<Request>()[2];
    assert_eq!(request.query.as_ref().unwrap().query_type, "state");
    assert_eq!(
        request.query_reject_condition(),
        QueryRejectCondition::NotOpen
    );
}

#[tokio::test(start_paused = true)]
async fn queries_that_fail_say_why() {
    type Request = QueryWorkflowRequest;
    let server = TestServer::new();
    let handle = handle(&server).await;
    let failed = QueryFailedFailure {
        failure: Some(ProtoFailure {
            message: "no such query".into(),
            ..Default::default()
        }),
    };
    server.answer::<Request>([
        Err(status(
            Code::InvalidArgument,
            "unknown query state",
            &failed,
        )),
        Err(status(
            Code::FailedPrecondition,
            "first task",
            &WorkflowNotReadyFailure {},
        )),
        Err(not_found("no such workflow")),
    ]);
    server.stay_silent::<Request>();
    let error = handle.query(State, true).await.unwrap_err();
    let QueryError::Failed { message, failure } = error else {
        panic!("{error}");
    };
    assert_eq!(message, "unknown query state");
    assert_eq!(failure.unwrap().message(), "no such query");
    for expected in [
        "workflow `w` cannot be asked: first task",
        "there is no workflow `w` with the run asked for",
        "no worker of workflow `w` answered: are its workers running?",
    ] {
        assert_eq!(
            handle.query(State, true).await.unwrap_err().to_string(),
            expected
        );
    }
}

#[tokio::test(start_paused = true)]
async fn a_query_that_met_a_worker_on_its_way_out_is_asked_again() {
    type Request = QueryWorkflowRequest;
    let server = TestServer::new();
    let handle = handle(&server).await;
    let answer = Payloads {
        payloads: vec!["packed".to_owned().to_payload().unwrap()],
    };
    let response = QueryWorkflowResponse {
        query_result: Some(answer),
        ..Default::default()
    };
    let given_up = || Err(Status::cancelled("context canceled"));
    server.answer::<Request>([given_up(), given_up(), Ok(response)]);
    assert_eq!(handle.query(State, true).await.unwrap(), "packed");

    server.answer::<Request>(std::iter::repeat_with(given_up).take(1000));
    let error = handle.query(State, true).await.unwrap_err();
    assert!(matches!(error, QueryError::NoAnswer { .. }), "{error}");
}

#[tokio::test(start_paused = true)]
async fn a_failure_larger_than_headers_mostly_are_arrives() {
    let server = TestServer::new();
    let handle = handle(&server).await;
    let stack_trace = "at some place\n".repeat(10_000);
    let failed = QueryFailedFailure {
        failure: Some(ProtoFailure {
            stack_trace: stack_trace.clone(),
            ..Default::default()
        }),
    };
    let answer = status(Code::InvalidArgument, "broken", &failed);
    server.answer::<QueryWorkflowRequest>([Err(answer)]);
    let error = handle.query(State, true).await.unwrap_err();
    let QueryError::Failed { failure, .. } = error else {
        panic!("{error}");
    };
    assert_eq!(failure.unwrap().stack_trace(), stack_trace);
}

#[tokio::test(start_paused = true)]
async fn cancel_and_terminate_stay_with_the_workflow_that_was_started() {
    let server = TestServer::new();
    let response = StartWorkflowExecutionResponse {
        run_id: "run-2".into(),
        first_execution_run_id: "run-1".into(),
        ..Default::default()
    };
    server.answer::<StartWorkflowExecutionRequest>([Ok(response)]);
    server.answer::<RequestCancelWorkflowExecutionRequest>([
        Ok(Default::default()),
        Err(not_found("closed")),
    ]);
    server.answer::<TerminateWorkflowExecutionRequest>([
        Ok(Default::default()),
        Err(not_found("closed")),
    ]);
    let client = server.client().await;
    let handle = client
        .start(Order, ())
        .workflow_id("w")
        .task_queue("q")
        .await
        .unwrap();
    handle.cancel("no money").await.unwrap();
    assert!(matches!(
        handle.cancel("").await,
        Err(CancelError::NotFound { .. })
    ));
    handle
        .terminate("a test")
        .details(&7)
        .unwrap()
        .await
        .unwrap();
    assert!(matches!(
        handle.terminate("").await,
        Err(TerminateError::NotFound { .. })
    ));

    let cancel = &server.requests::<RequestCancelWorkflowExecutionRequest>()[0];
    assert_eq!(
        (
            cancel.reason.as_str(),
            cancel.first_execution_run_id.as_str()
        ),
        ("no money", "run-1")
    );
    assert_eq!(cancel.workflow_execution, execution(""));
    let terminate = &server.requests::<TerminateWorkflowExecutionRequest>()[0];
    assert_eq!(
        (
            terminate.reason.as_str(),
            terminate.first_execution_run_id.as_str()
        ),
        ("a test", "run-1")
    );
    assert_eq!(
        terminate.details.as_ref().unwrap().payloads,
        [7.to_payload().unwrap()]
    );
}

#[tokio::test(start_paused = true)]
async fn descriptions_are_readable() {
    let server = TestServer::new();
    let info = WorkflowExecutionInfo {
        execution: execution("run"),
        status: WorkflowExecutionStatus::Running.into(),
        history_length: 12,
        ..Default::default()
    };
    let response = DescribeWorkflowExecutionResponse {
        workflow_execution_info: Some(info),
        ..Default::default()
    };
    server.answer::<DescribeWorkflowExecutionRequest>([Ok(response), Ok(Default::default())]);
    let handle = handle(&server).await;
    let description = handle.describe().await.unwrap();
    assert_eq!(
        (description.workflow_id(), description.run_id()),
        ("w", "run")
    );
    assert_eq!(description.status(), WorkflowExecutionStatus::Running);
    assert_eq!(description.history_length(), 12);
    assert_eq!(description.close_time(), None);
    let empty = handle.describe().await.unwrap();
    assert_eq!(empty.workflow_type(), "");
    assert_eq!(empty.status(), WorkflowExecutionStatus::Unspecified);
}
