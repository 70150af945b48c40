//! A server whose answers are set beforehand, and which keeps what it was asked.

use std::any::Any;
use std::collections::{HashMap, VecDeque};
use std::io;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use bytes::Bytes;
use durably_protos::google::protobuf;
use durably_protos::google::rpc;
use durably_protos::temporal::api::errordetails::v1::NotFoundFailure;
use durably_protos::temporal::api::workflowservice::v1::workflow_service_server::{
    WorkflowService, WorkflowServiceServer,
};
use durably_protos::temporal::api::workflowservice::v1::*;
use prost::{Message, Name};
use tokio::io::DuplexStream;
use tokio::time::Instant;
use tonic::codegen::tokio_stream::{self, StreamExt};
use tonic::metadata::MetadataMap;
use tonic::transport::Server;
use tonic::{Code, Request, Response, Status};

use crate::client::{Client, ConnectOptions, ServiceRequest};

/// The server of one test.
#[derive(Clone, Default)]
pub(super) struct TestServer {
    state: Arc<Mutex<State>>,
    connections: Arc<AtomicUsize>,
    #[cfg(feature = "tls")]
    tls: Option<tonic::transport::ServerTlsConfig>,
}

#[derive(Default)]
struct State {
    answers: HashMap<&'static str, VecDeque<Answer>>,
    calls: Vec<Call>,
}

enum Answer {
    Response(Box<dyn Any + Send>),
    Failure(Status),
    /// No answer at all.
    Silence,
}

/// A call that came in.
struct Call {
    method: &'static str,
    request: Box<dyn Any + Send>,
    metadata: MetadataMap,
    at: Instant,
}

impl TestServer {
    pub(super) fn new() -> Self {
        Self::default()
    }

    /// Adds answers to calls of one method, first to last.
    pub(super) fn answer<Q: ServiceRequest>(
        &self,
        answers: impl IntoIterator<Item = Result<Q::Response, Status>>,
    ) {
        for answer in answers {
            self.add::<Q>(match answer {
                Ok(response) => Answer::Response(Box::new(response)),
                Err(status) => Answer::Failure(status),
            });
        }
    }

    /// Leaves a call of one method without an answer.
    pub(super) fn stay_silent<Q: ServiceRequest>(&self) {
        self.add::<Q>(Answer::Silence);
    }

    fn add<Q: ServiceRequest>(&self, answer: Answer) {
        self.state
            .lock()
            .unwrap()
            .answers
            .entry(Q::METHOD)
            .or_default()
            .push_back(answer);
    }

    /// The requests of one method that came in, first to last.
    pub(super) fn requests<Q: ServiceRequest + Clone>(&self) -> Vec<Q> {
        let state = self.state.lock().unwrap();
        state
            .calls
            .iter()
            .filter_map(|call| call.request.downcast_ref::<Q>())
            .cloned()
            .collect()
    }

    /// The methods that were called and with which headers, first to last.
    pub(super) fn metadata(&self) -> Vec<(&'static str, MetadataMap)> {
        let state = self.state.lock().unwrap();
        state
            .calls
            .iter()
            .map(|call| (call.method, call.metadata.clone()))
            .collect()
    }

    /// The times between calls of one method.
    pub(super) fn intervals<Q: ServiceRequest>(&self) -> Vec<Duration> {
        let state = self.state.lock().unwrap();
        let calls = state.calls.iter().filter(|call| call.method == Q::METHOD);
        let times: Vec<_> = calls.map(|call| call.at).collect();
        times.windows(2).map(|pair| pair[1] - pair[0]).collect()
    }

    /// How many connections were opened.
    pub(super) fn connections(&self) -> usize {
        self.connections.load(Ordering::SeqCst)
    }

    /// Options that connect to this server over streams in the process.
    pub(super) fn options(&self) -> ConnectOptions {
        let server = self.clone();
        ConnectOptions::new("test-server:7233")
            .identity("tester")
            .connector(move || {
                let server = server.clone();
                async move { server.open() }
            })
    }

    fn open(&self) -> io::Result<DuplexStream> {
        self.connections.fetch_add(1, Ordering::SeqCst);
        let (client, server) = tokio::io::duplex(64 * 1024);
        // Connections are served only while more may come in.
        let incoming =
            tokio_stream::once(Ok::<_, io::Error>(server)).chain(tokio_stream::pending());
        let service = WorkflowServiceServer::new(self.clone());
        let router = self.builder().add_service(service);
        tokio::spawn(router.serve_with_incoming(incoming));
        Ok(client)
    }

    #[cfg(not(feature = "tls"))]
    fn builder(&self) -> Server {
        Server::builder()
    }

    #[cfg(feature = "tls")]
    fn builder(&self) -> Server {
        match &self.tls {
            None => Server::builder(),
            Some(tls) => Server::builder().tls_config(tls.clone()).unwrap(),
        }
    }

    #[cfg(feature = "tls")]
    pub(super) fn with_tls(mut self, tls: tonic::transport::ServerTlsConfig) -> Self {
        self.tls = Some(tls);
        self
    }

    pub(super) async fn client(&self) -> Client {
        Client::connect(self.options()).await.unwrap()
    }

    async fn take<Q>(&self, request: Request<Q>) -> Result<Response<Q::Response>, Status>
    where
        Q: ServiceRequest,
    {
        let answer = {
            let (metadata, _, request) = request.into_parts();
            let mut state = self.state.lock().unwrap();
            state.calls.push(Call {
                method: Q::METHOD,
                request: Box::new(request),
                metadata,
                at: Instant::now(),
            });
            state
                .answers
                .get_mut(Q::METHOD)
                .and_then(VecDeque::pop_front)
        };
        match answer {
            Some(Answer::Response(response)) => {
                Ok(Response::new(*response.downcast::<Q::Response>().unwrap()))
            }
            Some(Answer::Failure(status)) => Err(status),
            Some(Answer::Silence) => std::future::pending().await,
            None if Q::METHOD == GetSystemInfoRequest::METHOD => {
                Ok(Response::new(Q::Response::default()))
            }
            None => Err(Status::failed_precondition(format!(
                "unexpected {}",
                Q::METHOD
            ))),
        }
    }
}

/// A status with a detail.
pub(super) fn status<M: Message + Name>(code: Code, message: &str, detail: &M) -> Status {
    let details = rpc::Status {
        code: code.into(),
        message: message.to_owned(),
        details: vec![protobuf::Any::pack(detail)],
    };
    Status::with_details(code, message, Bytes::from(details.encode_to_vec()))
}

pub(super) fn not_found(message: &str) -> Status {
    status(Code::NotFound, message, &NotFoundFailure::default())
}

macro_rules! methods {
    ($($name:ident $request:ident $response:ident)*) => {
        #[tonic::async_trait]
        impl WorkflowService for TestServer {
            $(
                async fn $name(
                    &self,
                    request: Request<$request>,
                ) -> Result<Response<$response>, Status> {
                    self.take(request).await
                }
            )*
        }
    };
}

methods! {
    describe_namespace DescribeNamespaceRequest DescribeNamespaceResponse
    describe_workflow_execution DescribeWorkflowExecutionRequest DescribeWorkflowExecutionResponse
    execute_multi_operation ExecuteMultiOperationRequest ExecuteMultiOperationResponse
    get_system_info GetSystemInfoRequest GetSystemInfoResponse
    get_workflow_execution_history GetWorkflowExecutionHistoryRequest GetWorkflowExecutionHistoryResponse
    list_workflow_executions ListWorkflowExecutionsRequest ListWorkflowExecutionsResponse
    poll_workflow_execution_time_skipping PollWorkflowExecutionTimeSkippingRequest PollWorkflowExecutionTimeSkippingResponse
    poll_workflow_execution_update PollWorkflowExecutionUpdateRequest PollWorkflowExecutionUpdateResponse
    poll_workflow_task_queue PollWorkflowTaskQueueRequest PollWorkflowTaskQueueResponse
    query_workflow QueryWorkflowRequest QueryWorkflowResponse
    record_activity_task_heartbeat RecordActivityTaskHeartbeatRequest RecordActivityTaskHeartbeatResponse
    record_activity_task_heartbeat_by_id RecordActivityTaskHeartbeatByIdRequest RecordActivityTaskHeartbeatByIdResponse
    request_cancel_workflow_execution RequestCancelWorkflowExecutionRequest RequestCancelWorkflowExecutionResponse
    respond_activity_task_canceled RespondActivityTaskCanceledRequest RespondActivityTaskCanceledResponse
    respond_activity_task_canceled_by_id RespondActivityTaskCanceledByIdRequest RespondActivityTaskCanceledByIdResponse
    respond_activity_task_completed RespondActivityTaskCompletedRequest RespondActivityTaskCompletedResponse
    respond_activity_task_completed_by_id RespondActivityTaskCompletedByIdRequest RespondActivityTaskCompletedByIdResponse
    respond_activity_task_failed RespondActivityTaskFailedRequest RespondActivityTaskFailedResponse
    respond_activity_task_failed_by_id RespondActivityTaskFailedByIdRequest RespondActivityTaskFailedByIdResponse
    signal_with_start_workflow_execution SignalWithStartWorkflowExecutionRequest SignalWithStartWorkflowExecutionResponse
    signal_workflow_execution SignalWorkflowExecutionRequest SignalWorkflowExecutionResponse
    start_workflow_execution StartWorkflowExecutionRequest StartWorkflowExecutionResponse
    terminate_workflow_execution TerminateWorkflowExecutionRequest TerminateWorkflowExecutionResponse
    update_workflow_execution UpdateWorkflowExecutionRequest UpdateWorkflowExecutionResponse
    update_workflow_execution_options UpdateWorkflowExecutionOptionsRequest UpdateWorkflowExecutionOptionsResponse
}
