//! A server and the calls of a worker made by hand.

use bytes::Bytes;
use durably_protos::google::protobuf::Duration;
use durably_protos::temporal::api::command::v1::command::Attributes as C;
use durably_protos::temporal::api::command::v1::{
    Command, CompleteWorkflowExecutionCommandAttributes, ScheduleActivityTaskCommandAttributes,
    StartTimerCommandAttributes,
};
use durably_protos::temporal::api::common::v1::{
    ActivityType, Callback, Payload, Payloads, WorkflowExecution, WorkflowType,
};
use durably_protos::temporal::api::enums::v1::CommandType;
use durably_protos::temporal::api::history::v1::HistoryEvent;
use durably_protos::temporal::api::history::v1::history_event::Attributes as A;
use durably_protos::temporal::api::taskqueue::v1::TaskQueue;
use durably_protos::temporal::api::workflowservice::v1::{
    DescribeWorkflowExecutionRequest, DescribeWorkflowExecutionResponse,
    GetWorkflowExecutionHistoryRequest, GetWorkflowExecutionHistoryResponse,
    PollActivityTaskQueueRequest, PollActivityTaskQueueResponse, PollWorkflowTaskQueueRequest,
    PollWorkflowTaskQueueResponse, RespondWorkflowTaskCompletedRequest,
    RespondWorkflowTaskCompletedResponse, SignalWorkflowExecutionRequest,
    SignalWorkflowExecutionResponse, StartWorkflowExecutionRequest, StartWorkflowExecutionResponse,
};
use durably_test::server::{ClockMode, TestServer};
use prost::Message;
use tonic::codegen::http::uri::PathAndQuery;
use tonic::{Request, Status};
use tonic_prost::ProstCodec;

pub(crate) const NAMESPACE: &str = "default";
const WORKFLOW_SERVICE: &str = "temporal.api.workflowservice.v1.WorkflowService";
const OPERATOR_SERVICE: &str = "temporal.api.operatorservice.v1.OperatorService";

/// A server whose clock stands still unless it is moved.
pub(crate) struct Bench {
    pub(crate) server: TestServer,
}

/// How long callers wait.
const TIMEOUT: std::time::Duration = std::time::Duration::from_secs(10);

impl Bench {
    pub(crate) fn new() -> Self {
        let builder = TestServer::builder().seed(7).clock(ClockMode::Manual);
        Self {
            server: builder.start(),
        }
    }

    async fn unary<Q, R>(
        &self,
        service: &str,
        method: &str,
        request: Q,
        timeout: std::time::Duration,
    ) -> Result<R, Status>
    where
        Q: Message + Send + Sync + 'static,
        R: Message + Default + Send + Sync + 'static,
    {
        let mut grpc = tonic::client::Grpc::new(self.server.service());
        grpc.ready().await.expect("the service is always ready");
        let path: PathAndQuery = format!("/{service}/{method}").parse().unwrap();
        let mut request = Request::new(request);
        request.set_timeout(timeout);
        let codec: ProstCodec<Q, R> = ProstCodec::default();
        let response = grpc.unary(request, path, codec).await?;
        Ok(response.into_inner())
    }

    /// A call of the `WorkflowService`.
    pub(crate) async fn call<Q, R>(&self, method: &str, request: Q) -> Result<R, Status>
    where
        Q: Message + Send + Sync + 'static,
        R: Message + Default + Send + Sync + 'static,
    {
        self.unary(WORKFLOW_SERVICE, method, request, TIMEOUT).await
    }

    /// A call of the `WorkflowService` by a caller that waits for two minutes.
    pub(crate) async fn call_patiently<Q, R>(&self, method: &str, request: Q) -> Result<R, Status>
    where
        Q: Message + Send + Sync + 'static,
        R: Message + Default + Send + Sync + 'static,
    {
        self.unary(WORKFLOW_SERVICE, method, request, 12 * TIMEOUT)
            .await
    }

    /// A call of the `OperatorService`.
    pub(crate) async fn operate<Q, R>(&self, method: &str, request: Q) -> Result<R, Status>
    where
        Q: Message + Send + Sync + 'static,
        R: Message + Default + Send + Sync + 'static,
    {
        self.unary(OPERATOR_SERVICE, method, request, TIMEOUT).await
    }

    /// Starts a workflow on the queue of its own id. Gives its run id.
    pub(crate) async fn start(&self, workflow_id: &str, callbacks: Vec<Callback>) -> String {
        let request = StartWorkflowExecutionRequest {
            namespace: NAMESPACE.to_owned(),
            workflow_id: workflow_id.to_owned(),
            workflow_type: Some(WorkflowType {
                name: "workflow".to_owned(),
            }),
            task_queue: Some(queue(workflow_id)),
            completion_callbacks: callbacks,
            ..StartWorkflowExecutionRequest::default()
        };
        let started: StartWorkflowExecutionResponse =
            self.call("StartWorkflowExecution", request).await.unwrap();
        started.run_id
    }

    pub(crate) async fn poll(&self, workflow_id: &str) -> PollWorkflowTaskQueueResponse {
        let request = PollWorkflowTaskQueueRequest {
            namespace: NAMESPACE.to_owned(),
            task_queue: Some(queue(workflow_id)),
            identity: "worker".to_owned(),
            ..PollWorkflowTaskQueueRequest::default()
        };
        self.call("PollWorkflowTaskQueue", request).await.unwrap()
    }

    pub(crate) async fn poll_activity(&self, task_queue: &str) -> PollActivityTaskQueueResponse {
        let request = PollActivityTaskQueueRequest {
            namespace: NAMESPACE.to_owned(),
            task_queue: Some(queue(task_queue)),
            identity: "worker".to_owned(),
            ..PollActivityTaskQueueRequest::default()
        };
        self.call("PollActivityTaskQueue", request).await.unwrap()
    }

    pub(crate) async fn answer(
        &self,
        task_token: Bytes,
        commands: Vec<Command>,
    ) -> Result<(), Status> {
        let request = RespondWorkflowTaskCompletedRequest {
            namespace: NAMESPACE.to_owned(),
            task_token,
            commands,
            identity: "worker".to_owned(),
            ..RespondWorkflowTaskCompletedRequest::default()
        };
        let answered: Result<RespondWorkflowTaskCompletedResponse, _> =
            self.call("RespondWorkflowTaskCompleted", request).await;
        answered.map(drop)
    }

    /// Takes the next workflow task and answers it.
    pub(crate) async fn turn(&self, workflow_id: &str, commands: Vec<Command>) {
        let task = self.poll(workflow_id).await;
        self.answer(task.task_token, commands).await.unwrap();
    }

    pub(crate) async fn signal(&self, workflow_id: &str, name: &str) {
        let request = SignalWorkflowExecutionRequest {
            namespace: NAMESPACE.to_owned(),
            workflow_execution: execution(workflow_id, ""),
            signal_name: name.to_owned(),
            ..SignalWorkflowExecutionRequest::default()
        };
        let _signaled: SignalWorkflowExecutionResponse =
            self.call("SignalWorkflowExecution", request).await.unwrap();
    }

    pub(crate) async fn describe(
        &self,
        workflow_id: &str,
        run_id: &str,
    ) -> DescribeWorkflowExecutionResponse {
        let request = DescribeWorkflowExecutionRequest {
            namespace: NAMESPACE.to_owned(),
            execution: execution(workflow_id, run_id),
        };
        self.call("DescribeWorkflowExecution", request)
            .await
            .unwrap()
    }

    pub(crate) async fn events(&self, workflow_id: &str, run_id: &str) -> Vec<HistoryEvent> {
        let request = GetWorkflowExecutionHistoryRequest {
            namespace: NAMESPACE.to_owned(),
            execution: execution(workflow_id, run_id),
            ..GetWorkflowExecutionHistoryRequest::default()
        };
        let response: GetWorkflowExecutionHistoryResponse = self
            .call("GetWorkflowExecutionHistory", request)
            .await
            .unwrap();
        response.history.unwrap().events
    }

    /// The types of the events from an id on.
    pub(crate) async fn types(&self, workflow_id: &str, run_id: &str, from: i64) -> Vec<String> {
        let events = self.events(workflow_id, run_id).await;
        let events = events.iter().filter(|event| event.event_id >= from);
        events
            .map(|event| {
                let name = event.event_type().as_str_name();
                name.trim_start_matches("EVENT_TYPE_").to_owned()
            })
            .collect()
    }

    /// The attributes of an event.
    pub(crate) async fn event(&self, workflow_id: &str, id: i64) -> A {
        let events = self.events(workflow_id, "").await;
        let event = events.into_iter().find(|event| event.event_id == id);
        event.unwrap().attributes.unwrap()
    }

    pub(crate) async fn advance(&self, seconds: u64) {
        let duration = std::time::Duration::from_secs(seconds);
        self.server.advance(duration).await;
    }
}

pub(crate) fn queue(name: &str) -> TaskQueue {
    TaskQueue {
        name: name.to_owned(),
        ..TaskQueue::default()
    }
}

#[expect(clippy::unnecessary_wraps, reason = "requests have it as an option")]
pub(crate) fn execution(workflow_id: &str, run_id: &str) -> Option<WorkflowExecution> {
    Some(WorkflowExecution {
        workflow_id: workflow_id.to_owned(),
        run_id: run_id.to_owned(),
    })
}

pub(crate) fn seconds(seconds: i64) -> Option<Duration> {
    Some(Duration { seconds, nanos: 0 })
}

pub(crate) fn payload(text: &str) -> Payload {
    Payload {
        data: text.to_owned().into(),
        ..Payload::default()
    }
}

pub(crate) fn command(command_type: CommandType, attributes: C) -> Command {
    Command {
        command_type: command_type.into(),
        attributes: Some(attributes),
        ..Command::default()
    }
}

pub(crate) fn timer(timer_id: &str, after: i64) -> Command {
    let attributes = StartTimerCommandAttributes {
        timer_id: timer_id.to_owned(),
        start_to_fire_timeout: seconds(after),
    };
    let attributes = C::StartTimerCommandAttributes(Box::new(attributes));
    command(CommandType::StartTimer, attributes)
}

pub(crate) fn activity(activity_id: &str, task_queue: &str) -> Command {
    let attributes = ScheduleActivityTaskCommandAttributes {
        activity_id: activity_id.to_owned(),
        activity_type: Some(ActivityType {
            name: "activity".to_owned(),
        }),
        task_queue: Some(queue(task_queue)),
        start_to_close_timeout: seconds(60),
        ..ScheduleActivityTaskCommandAttributes::default()
    };
    let attributes = C::ScheduleActivityTaskCommandAttributes(Box::new(attributes));
    command(CommandType::ScheduleActivityTask, attributes)
}

pub(crate) fn complete(result: &str) -> Command {
    let attributes = CompleteWorkflowExecutionCommandAttributes {
        result: Some(Payloads {
            payloads: vec![payload(result)],
        }),
    };
    let attributes = C::CompleteWorkflowExecutionCommandAttributes(Box::new(attributes));
    command(CommandType::CompleteWorkflowExecution, attributes)
}
