//! Interceptors: what passes them, and what they may do to it.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};

use durably_protos::temporal::api::enums::v1::UpdateWorkflowExecutionLifecycleStage as Stage;
use durably_protos::temporal::api::workflowservice::v1::execute_multi_operation_request::operation::Operation;
use tonic::{Code, Status};

use super::updates::{Change, Order, at, success};
use super::*;
use crate::client::{
    AsyncActivityError, Client, ConnectOptions, QueryError, ResultError, RpcError, SignalError,
    StartError, UpdateError, UpdateWithStartError,
};
use crate::failure::ApplicationFailure;
use crate::interceptor::messages::*;
use crate::interceptor::{ClientCall, ClientInterceptor, ClientNext, ClientRequest};
use crate::options::{Priority, WorkflowIdConflictPolicy};
use crate::payload::codec::{CodecResult, PayloadCodec};
use crate::payload::{HeaderKey, Headers, Payload, PayloadError, ToPayload, payloads};

type StartRequest = StartWorkflowExecutionRequest;
type StartResponse = StartWorkflowExecutionResponse;

const TENANT: HeaderKey<String> = HeaderKey::new("tenant");
const DEPTH: HeaderKey<u32> = HeaderKey::new("depth");

/// Notes what passes.
#[derive(Clone, Default)]
struct Log {
    name: &'static str,
    lines: Arc<Mutex<Vec<String>>>,
}

impl Log {
    fn named(&self, name: &'static str) -> Self {
        let lines = self.lines.clone();
        Self { name, lines }
    }

    fn add(&self, line: impl Into<String>) {
        self.lines.lock().unwrap().push(line.into());
    }

    fn take(&self) -> Vec<String> {
        std::mem::take(&mut self.lines.lock().unwrap())
    }
}

impl ClientInterceptor for Log {
    async fn every_call<Q: ClientRequest>(
        &self,
        call: ClientCall<Q>,
        next: ClientNext<'_, Q>,
    ) -> Result<Q::Response, RpcError> {
        let (name, method) = (self.name, call.method());
        self.add(format!("{name}> {method}"));
        let result = next.run(call).await;
        let outcome = result
            .as_ref()
            .map_or_else(|error| error.code().to_string(), |_| "ok".into());
        self.add(format!("{name}< {outcome}"));
        result
    }
}

/// Refuses everything.
struct Refuse(Code, Log);

impl ClientInterceptor for Refuse {
    async fn every_call<Q: ClientRequest>(
        &self,
        call: ClientCall<Q>,
        _: ClientNext<'_, Q>,
    ) -> Result<Q::Response, RpcError> {
        self.1.add(call.method());
        Err(call.refused(self.0, "the tenant is suspended"))
    }
}

async fn client(options: ConnectOptions) -> Client {
    Client::connect(options).await.unwrap()
}

fn started() -> StartResponse {
    StartResponse {
        run_id: "run".into(),
        ..Default::default()
    }
}

#[tokio::test(start_paused = true)]
async fn the_first_is_the_outermost_and_retries_are_inside() {
    let (server, log) = (TestServer::new(), Log::default());
    let options = server.options().interceptor(log.named("outer"));
    let client = client(options.interceptor(log.named("inner"))).await;
    server.answer::<StartRequest>([Err(Status::unavailable("answer lost")), Ok(started())]);
    client.start(Order, ()).task_queue("q").await.unwrap();
    assert_eq!(
        log.take(),
        [
            "outer> StartWorkflowExecution",
            "inner> StartWorkflowExecution",
            "inner< ok",
            "outer< ok",
        ]
    );
    assert_eq!(server.requests::<StartRequest>().len(), 2);
}

#[tokio::test(start_paused = true)]
async fn an_eager_start_passes_them_too() {
    let (server, log) = (TestServer::new(), Log::default());
    let client = client(server.options().interceptor(log.named(""))).await;
    server.answer::<StartRequest>([Ok(started())]);
    let start = client.start(Order, ()).task_queue("q");
    start.request_eager_start().await.unwrap();
    assert_eq!(log.take(), ["> StartWorkflowExecution", "< ok"]);
}

#[tokio::test(start_paused = true)]
async fn every_operation_passes_them() {
    let (server, log) = (TestServer::new(), Log::default());
    let options = server
        .options()
        .interceptor(Refuse(Code::Aborted, log.clone()));
    let client = client(options).await;
    let start = || client.start(Order, ()).workflow_id("w").task_queue("q");
    assert!(start().await.is_err());
    assert!(start().with_signal_by_name("s", vec![]).await.is_err());
    let both = start().id_conflict_policy(WorkflowIdConflictPolicy::Fail);
    assert!(both.update_with_start(Change, "x").await.is_err());
    let handle = client.workflow_handle(Order, "w");
    assert!(handle.signal_by_name("s", vec![]).await.is_err());
    assert!(handle.query_by_name("q", vec![]).await.is_err());
    assert!(handle.update(Change, "x").await.is_err());
    assert!(handle.update_handle::<u32>("u").result().await.is_err());
    assert!(handle.cancel("").await.is_err());
    assert!(handle.terminate("").await.is_err());
    assert!(handle.describe().await.is_err());
    let options = handle.update_options().priority(Priority::default());
    assert!(options.await.is_err());
    assert!(handle.result().await.is_err());
    assert!(handle.fetch_history().next_event().await.is_err());
    assert!(client.histories("").next_history().await.is_err());
    assert!(handle.wait_for_fast_forward("f").await.is_err());
    for activity in [
        client.async_activity(&b"token"[..]),
        client.async_activity_by_id("w", None, "a"),
    ] {
        assert!(activity.heartbeat(&1).await.is_err());
        assert!(activity.complete(&1).await.is_err());
        let failure = ApplicationFailure::new("broken");
        assert!(activity.fail(failure).await.is_err());
        assert!(activity.report_canceled(&1).await.is_err());
    }
    assert_eq!(
        log.take(),
        [
            "StartWorkflowExecution",
            "SignalWithStartWorkflowExecution",
            "ExecuteMultiOperation",
            "SignalWorkflowExecution",
            "QueryWorkflow",
            "UpdateWorkflowExecution",
            "PollWorkflowExecutionUpdate",
            "RequestCancelWorkflowExecution",
            "TerminateWorkflowExecution",
            "DescribeWorkflowExecution",
            "UpdateWorkflowExecutionOptions",
            "GetWorkflowExecutionHistory",
            "GetWorkflowExecutionHistory",
            "ListWorkflowExecutions",
            "PollWorkflowExecutionTimeSkipping",
            "RecordActivityTaskHeartbeat",
            "RespondActivityTaskCompleted",
            "RespondActivityTaskFailed",
            "RespondActivityTaskCanceled",
            "RecordActivityTaskHeartbeatById",
            "RespondActivityTaskCompletedById",
            "RespondActivityTaskFailedById",
            "RespondActivityTaskCanceledById",
        ]
    );
    // Only what connecting asks has reached the server.
    let asked: Vec<_> = server
        .metadata()
        .into_iter()
        .map(|(method, _)| method)
        .collect();
    assert_eq!(asked, ["GetSystemInfo"]);
}

/// Sets a header on starts by its hook, and on all else as it comes.
struct Tenant;

impl ClientInterceptor for Tenant {
    async fn every_call<Q: ClientRequest>(
        &self,
        mut call: ClientCall<Q>,
        next: ClientNext<'_, Q>,
    ) -> Result<Q::Response, RpcError> {
        call.add_headers(&Headers::new().set(&TENANT, "acme").unwrap());
        next.run(call).await
    }

    async fn start_workflow(
        &self,
        mut call: ClientCall<StartRequest>,
        next: ClientNext<'_, StartRequest>,
    ) -> Result<StartResponse, RpcError> {
        assert_eq!(call.headers().get(&DEPTH).unwrap(), Some(1));
        call.set_header(&TENANT, "acme")?;
        next.run(call).await
    }
}

#[tokio::test(start_paused = true)]
async fn headers_reach_every_kind_of_message() {
    let server = TestServer::new();
    let client = client(server.options().interceptor(Arc::new(Tenant))).await;
    let headers = Headers::new().set(&DEPTH, 1).unwrap();
    let client = client.with_headers(headers.clone());
    server.answer::<StartRequest>([Ok(started())]);
    server.answer::<SignalWithStartWorkflowExecutionRequest>([Ok(Default::default())]);
    server.answer::<SignalWorkflowExecutionRequest>([Ok(Default::default())]);
    server.answer::<QueryWorkflowRequest>([Ok(QueryWorkflowResponse {
        query_result: payloads(vec![1.to_payload().unwrap()]),
        ..Default::default()
    })]);
    server.answer::<UpdateWorkflowExecutionRequest>([Ok(UpdateWorkflowExecutionResponse {
        outcome: success(1),
        ..at(Stage::Completed)
    })]);
    server.answer::<TerminateWorkflowExecutionRequest>([Ok(Default::default())]);

    let start = || client.start(Order, ()).workflow_id("w").task_queue("q");
    let handle = start().await.unwrap();
    start().with_signal_by_name("s", vec![]).await.unwrap();
    handle.signal_by_name("s", vec![]).await.unwrap();
    handle.query_by_name("q", vec![]).await.unwrap();
    handle.update(Change, "x").await.unwrap();
    handle.terminate("no headers").await.unwrap();
    let both = start().id_conflict_policy(WorkflowIdConflictPolicy::Fail);
    let both = both.update_with_start(Change, "x").update_header(&DEPTH, 2);
    both.await.unwrap_err();

    let seen = headers.set(&TENANT, "acme").unwrap().to_proto();
    assert_eq!(server.requests::<StartRequest>()[0].header, seen);
    let requests = server.requests::<SignalWithStartWorkflowExecutionRequest>();
    assert_eq!(requests[0].header, seen);
    let requests = server.requests::<SignalWorkflowExecutionRequest>();
    assert_eq!(requests[0].header, seen);
    let requests = server.requests::<QueryWorkflowRequest>();
    assert_eq!(requests[0].query.as_ref().unwrap().header, seen);
    let of_update = |update: &UpdateWorkflowExecutionRequest| {
        let request = update.request.clone().unwrap();
        Headers::from(request.input.unwrap().header)
    };
    let requests = server.requests::<UpdateWorkflowExecutionRequest>();
    assert_eq!(of_update(&requests[0]).to_proto(), seen);
    let operations = &server.requests::<ExecuteMultiOperationRequest>()[0].operations;
    for operation in operations {
        let (headers, depth) = match operation.operation.as_ref().unwrap() {
            Operation::StartWorkflow(start) => (Headers::from(start.header.clone()), 1),
            Operation::UpdateWorkflow(update) => (of_update(update), 2),
        };
        assert_eq!(headers.get(&TENANT).unwrap().unwrap(), "acme");
        assert_eq!(headers.get(&DEPTH).unwrap(), Some(depth), "its own");
    }
}

#[test]
fn headers_of_both_operations_are_replaced() {
    let header = Headers::new().set(&DEPTH, 1).unwrap().to_proto();
    let start = StartRequest {
        header,
        ..Default::default()
    };
    let operations = [
        Operation::StartWorkflow(start),
        Operation::UpdateWorkflow(Default::default()),
    ];
    let operations = operations.map(|operation| {
        durably_protos::temporal::api::workflowservice::v1::execute_multi_operation_request::Operation {
            operation: Some(operation),
        }
    });
    let mut call = ClientCall::new(ExecuteMultiOperationRequest {
        operations: operations.into(),
        ..Default::default()
    });
    assert_eq!(call.headers().get(&DEPTH).unwrap(), Some(1));
    let tenant = Headers::new().set(&TENANT, "acme").unwrap();
    call.set_headers(tenant.clone());
    assert_eq!(call.headers(), tenant);
    let Some(Operation::UpdateWorkflow(update)) = call.request.operations[1].operation.clone()
    else {
        panic!("the update is the second");
    };
    assert_eq!(ClientCall::new(update).headers(), tenant);
    let mut call = ClientCall::new(DescribeWorkflowExecutionRequest::default());
    assert!(!call.add_headers(&tenant));
}

#[tokio::test(start_paused = true)]
async fn a_refusal_is_an_error_of_the_operation() {
    let server = TestServer::new();
    let refusing = async |code| {
        let options = server.options().interceptor(Refuse(code, Log::default()));
        client(options).await
    };
    let client = refusing(Code::PermissionDenied).await;
    let error = client.start(Order, ()).task_queue("q").await.unwrap_err();
    let StartError::Rpc(error) = error else {
        panic!("{error}");
    };
    assert_eq!(
        error.to_string(),
        "StartWorkflowExecution was refused by an interceptor (PERMISSION_DENIED): the tenant is suspended"
    );
    assert!(error.is_refused() && !error.is_retryable() && !error.is_payload_codec());
    assert_eq!(error.attempts(), 0);

    let client = refusing(Code::NotFound).await;
    let handle = client.workflow_handle(Order, "w");
    let error = handle.signal_by_name("s", vec![]).await.unwrap_err();
    assert!(matches!(error, SignalError::NotFound { .. }), "{error}");
    let activity = client.async_activity(&b"token"[..]);
    let error = activity.complete(&1).await.unwrap_err();
    assert!(
        matches!(error, AsyncActivityError::NotFound { .. }),
        "{error}"
    );

    // The server would be asked again after these.
    for code in [Code::DeadlineExceeded, Code::Cancelled] {
        let client = refusing(code).await;
        let handle = client.workflow_handle(Order, "w");
        let error = handle.result().await.unwrap_err();
        assert!(matches!(error, ResultError::Rpc(_)), "{error}");
        let error = handle.query_by_name("q", vec![]).await.unwrap_err();
        assert!(matches!(error, QueryError::Rpc(_)), "{error}");
        let error = handle.update(Change, "x").await.unwrap_err();
        assert!(matches!(error, UpdateError::Rpc(_)), "{error}");
        let start = client.start(Order, ()).task_queue("q");
        let start = start.id_conflict_policy(WorkflowIdConflictPolicy::Fail);
        let error = start.update_with_start(Change, "x").await.unwrap_err();
        let rpc = matches!(&error, UpdateWithStartError::Start(StartError::Rpc(_)));
        assert!(rpc, "{error}");
    }
}

/// Stands in for the server, and sets a header that cannot be written.
struct StandIn;

impl ClientInterceptor for StandIn {
    async fn start_workflow(
        &self,
        call: ClientCall<StartRequest>,
        next: ClientNext<'_, StartRequest>,
    ) -> Result<StartResponse, RpcError> {
        match call.request.workflow_id.as_str() {
            "real" => next.run(call).await,
            _ => Ok(started()),
        }
    }

    async fn signal_workflow(
        &self,
        mut call: ClientCall<SignalWorkflowExecutionRequest>,
        next: ClientNext<'_, SignalWorkflowExecutionRequest>,
    ) -> Result<SignalWorkflowExecutionResponse, RpcError> {
        // Keys of JSON objects are strings.
        let key: HeaderKey<BTreeMap<Vec<u8>, u8>> = HeaderKey::new("map");
        call.set_header(&key, BTreeMap::from([(vec![1], 2)]))?;
        next.run(call).await
    }
}

#[tokio::test(start_paused = true)]
async fn one_stands_in_for_the_server_and_one_fails_by_its_header() {
    let server = TestServer::new();
    let client = client(server.options().interceptor(StandIn)).await;
    let start = |id: &str| client.start(Order, ()).workflow_id(id).task_queue("q");
    assert_eq!(start("w").await.unwrap().run_id(), Some("run"));
    assert!(start("real").await.is_err());
    assert_eq!(server.requests::<StartRequest>().len(), 1);

    let handle = client.workflow_handle(Order, "w");
    let error = handle.signal_by_name("s", vec![]).await.unwrap_err();
    let SignalError::Rpc(error) = error else {
        panic!("{error}");
    };
    assert_eq!(error.code(), Code::InvalidArgument);
    assert!(error.message().contains("`map`"), "{error}");
    let source = std::error::Error::source(&error).unwrap();
    assert!(source.is::<PayloadError>(), "{source}");
}

/// Runs what follows twice.
struct Twice;

impl ClientInterceptor for Twice {
    async fn every_call<Q: ClientRequest>(
        &self,
        call: ClientCall<Q>,
        next: ClientNext<'_, Q>,
    ) -> Result<Q::Response, RpcError> {
        next.run(call.clone()).await?;
        next.run(call).await
    }
}

#[tokio::test(start_paused = true)]
async fn what_follows_may_run_twice() {
    let (server, log) = (TestServer::new(), Log::default());
    let options = server.options().interceptor(Twice);
    let client = client(options.interceptor(log.named(""))).await;
    server.answer::<StartRequest>([Ok(started()), Ok(started())]);
    client.start(Order, ()).task_queue("q").await.unwrap();
    assert_eq!(log.take().len(), 4);
    let requests = server.requests::<StartRequest>();
    assert_eq!(requests[0], requests[1]);
    assert!(!requests[0].request_id.is_empty());
}

/// Turns the bytes around.
struct Mirror;

impl Mirror {
    fn turned(payloads: Vec<Payload>) -> CodecResult {
        let turned = payloads.into_iter().map(|mut payload| {
            payload.data = payload.data.iter().rev().copied().collect();
            payload
        });
        Ok(turned.collect())
    }
}

impl PayloadCodec for Mirror {
    async fn encode(&self, payloads: Vec<Payload>) -> CodecResult {
        Self::turned(payloads)
    }

    async fn decode(&self, payloads: Vec<Payload>) -> CodecResult {
        Self::turned(payloads)
    }
}

/// Adds to the answers of queries.
struct Reads;

impl ClientInterceptor for Reads {
    async fn query_workflow(
        &self,
        call: ClientCall<QueryWorkflowRequest>,
        next: ClientNext<'_, QueryWorkflowRequest>,
    ) -> Result<QueryWorkflowResponse, RpcError> {
        let query = call.request.query.as_ref().unwrap();
        assert_eq!(query.query_args.as_ref().unwrap().payloads[0].data, "12");
        let response = next.run(call).await?;
        let answer = response.query_result.as_ref().unwrap();
        assert_eq!(answer.payloads[0].data, "34");
        Ok(response)
    }
}

#[tokio::test(start_paused = true)]
async fn payloads_are_seen_as_the_program_sees_them() {
    let server = TestServer::new();
    let options = server.options().payload_codec(Mirror).interceptor(Reads);
    let handle = client(options).await.workflow_handle(Order, "w");
    server.answer::<QueryWorkflowRequest>([Ok(QueryWorkflowResponse {
        query_result: payloads(vec![43.to_payload().unwrap()]),
        ..Default::default()
    })]);
    let answer = handle.query_by_name("q", vec![12.to_payload().unwrap()]);
    assert_eq!(answer.await.unwrap().0.data, "34");
    let request = &server.requests::<QueryWorkflowRequest>()[0];
    let arguments = request.query.as_ref().unwrap().query_args.as_ref();
    assert_eq!(arguments.unwrap().payloads[0].data, "21");
}

#[tokio::test(start_paused = true)]
async fn derived_clients_keep_them_and_raw_calls_go_past_them() {
    let (server, log) = (TestServer::new(), Log::default());
    let client = client(server.options().interceptor(log.named(""))).await;
    server.answer::<TerminateWorkflowExecutionRequest>((0..3).map(|_| Ok(Default::default())));
    let elsewhere = client.with_namespace("elsewhere").unwrap();
    for client in [&elsewhere, &client.with_headers(Headers::new())] {
        let handle = client.workflow_handle(Order, "w");
        handle.terminate("").await.unwrap();
        assert_eq!(log.take(), ["> TerminateWorkflowExecution", "< ok"]);
    }
    let raw = TerminateWorkflowExecutionRequest::default();
    client.call(raw).await.unwrap();
    assert!(log.take().is_empty());
}
