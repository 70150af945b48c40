//! A server that skips time per execution, and a worker made by hand: the server that `TEMPORAL_ADDRESS`
//! names, else one in this process.

use std::time::Duration;

use durably_protos::google::protobuf::{self, FieldMask, Timestamp};
use durably_protos::temporal::api::command::v1::Command;
use durably_protos::temporal::api::common::v1::{
    FastForwardConfig, TimeSkippingConfig, TimeSkippingInfo, WorkflowExecution, WorkflowType,
};
use durably_protos::temporal::api::enums::v1::FastForwardPollingResult as Polled;
use durably_protos::temporal::api::history::v1::HistoryEvent;
use durably_protos::temporal::api::taskqueue::v1::TaskQueue;
use durably_protos::temporal::api::workflow::v1::WorkflowExecutionOptions;
use durably_protos::temporal::api::workflowservice::v1::workflow_service_client::WorkflowServiceClient;
use durably_protos::temporal::api::workflowservice::v1::{
    DescribeWorkflowExecutionRequest, DescribeWorkflowExecutionResponse,
    GetWorkflowExecutionHistoryRequest, PollActivityTaskQueueRequest,
    PollActivityTaskQueueResponse, PollWorkflowExecutionTimeSkippingRequest,
    PollWorkflowTaskQueueRequest, PollWorkflowTaskQueueResponse,
    RespondWorkflowTaskCompletedRequest, StartWorkflowExecutionRequest,
    TerminateWorkflowExecutionRequest, UpdateWorkflowExecutionOptionsRequest,
};
use durably_test::server::{ClockMode, TestServer};
use tonic::transport::{Channel, Endpoint};
use tonic::{Code, Request, Status};
use uuid::Uuid;

const NAMESPACE: &str = "default";

/// One workflow on a queue of its own id.
pub(crate) struct Bench {
    pub(crate) client: WorkflowServiceClient<Channel>,
    pub(crate) id: String,
    /// The one in this process.
    pub(crate) server: Option<TestServer>,
}

impl Bench {
    pub(crate) async fn begin() -> Self {
        let address = std::env::var("TEMPORAL_ADDRESS").unwrap_or_default();
        if address.is_empty() {
            return Self::embedded(ClockMode::RealTime).await;
        }
        let bench = Self::connect(&address, None);
        match bench.wait("", "probe").await {
            Err(status) if status.code() == Code::Unimplemented => {
                eprintln!(
                    "the server at {address} does not allow that time is skipped; what is tested is the one in \
                     this process. Start it with `--dynamic-config-value \
                     frontend.WorkflowTimeSkippingEnabled=true`"
                );
                Self::embedded(ClockMode::RealTime).await
            }
            _ => bench,
        }
    }

    /// A server in this process, whatever the environment says.
    pub(crate) async fn embedded(clock: ClockMode) -> Self {
        let server = TestServer::builder().clock(clock).start();
        let listening = server.listen("127.0.0.1:0".parse().unwrap()).await.unwrap();
        let address = listening.address().to_string();
        // It listens as long as this is there.
        std::mem::forget(listening);
        Self::connect(&address, Some(server))
    }

    fn connect(address: &str, server: Option<TestServer>) -> Self {
        let endpoint = Endpoint::from_shared(format!("http://{address}")).unwrap();
        Self {
            client: WorkflowServiceClient::new(endpoint.connect_lazy()),
            id: format!("skips-{}", Uuid::new_v4()),
            server,
        }
    }

    pub(crate) fn execution(&self, run_id: &str) -> Option<WorkflowExecution> {
        Some(WorkflowExecution {
            workflow_id: self.id.clone(),
            run_id: run_id.to_owned(),
        })
    }

    pub(crate) fn queue(&self) -> Option<TaskQueue> {
        Some(TaskQueue {
            name: self.id.clone(),
            ..TaskQueue::default()
        })
    }

    /// Starts the workflow. Gives its run id.
    pub(crate) async fn try_start(
        &mut self,
        config: Option<TimeSkippingConfig>,
        change: impl FnOnce(&mut StartWorkflowExecutionRequest),
    ) -> Result<String, Status> {
        let mut request = StartWorkflowExecutionRequest {
            namespace: NAMESPACE.to_owned(),
            workflow_id: self.id.clone(),
            workflow_type: Some(WorkflowType {
                name: "workflow".to_owned(),
            }),
            task_queue: self.queue(),
            time_skipping_config: config,
            request_id: Uuid::new_v4().to_string(),
            ..StartWorkflowExecutionRequest::default()
        };
        change(&mut request);
        let started = self.client.start_workflow_execution(request).await?;
        Ok(started.into_inner().run_id)
    }

    pub(crate) async fn start(&mut self, config: TimeSkippingConfig) -> String {
        self.try_start(Some(config), |_| ()).await.unwrap()
    }

    pub(crate) async fn poll(&mut self) -> PollWorkflowTaskQueueResponse {
        let mut request = Request::new(PollWorkflowTaskQueueRequest {
            namespace: NAMESPACE.to_owned(),
            task_queue: self.queue(),
            ..PollWorkflowTaskQueueRequest::default()
        });
        request.set_timeout(Duration::from_secs(30));
        let task = self.client.poll_workflow_task_queue(request).await;
        task.unwrap().into_inner()
    }

    pub(crate) async fn answer(
        &mut self,
        task: PollWorkflowTaskQueueResponse,
        commands: Vec<Command>,
    ) {
        let request = RespondWorkflowTaskCompletedRequest {
            namespace: NAMESPACE.to_owned(),
            task_token: task.task_token,
            commands,
            ..RespondWorkflowTaskCompletedRequest::default()
        };
        let answered = self.client.respond_workflow_task_completed(request).await;
        answered.unwrap();
    }

    /// Takes the next workflow task and answers it.
    pub(crate) async fn turn(&mut self, commands: Vec<Command>) {
        let task = self.poll().await;
        assert!(!task.task_token.is_empty(), "no workflow task came");
        self.answer(task, commands).await;
    }

    pub(crate) async fn poll_activity(&mut self) -> PollActivityTaskQueueResponse {
        let mut request = Request::new(PollActivityTaskQueueRequest {
            namespace: NAMESPACE.to_owned(),
            task_queue: self.queue(),
            ..PollActivityTaskQueueRequest::default()
        });
        request.set_timeout(Duration::from_secs(30));
        let task = self.client.poll_activity_task_queue(request).await;
        task.unwrap().into_inner()
    }

    pub(crate) async fn events_of(&mut self, execution: WorkflowExecution) -> Vec<HistoryEvent> {
        let request = GetWorkflowExecutionHistoryRequest {
            namespace: NAMESPACE.to_owned(),
            execution: Some(execution),
            ..GetWorkflowExecutionHistoryRequest::default()
        };
        let history = self.client.get_workflow_execution_history(request).await;
        history.unwrap().into_inner().history.unwrap().events
    }

    pub(crate) async fn events(&mut self, run_id: &str) -> Vec<HistoryEvent> {
        self.events_of(self.execution(run_id).unwrap()).await
    }

    /// The types of all events of the current run.
    pub(crate) async fn kinds(&mut self) -> Vec<String> {
        let events = self.events("").await;
        let names = events.iter().map(|event| event.event_type().as_str_name());
        names
            .map(|name| name.trim_start_matches("EVENT_TYPE_").to_owned())
            .collect()
    }

    pub(crate) async fn describe(&mut self) -> DescribeWorkflowExecutionResponse {
        let request = DescribeWorkflowExecutionRequest {
            namespace: NAMESPACE.to_owned(),
            execution: self.execution(""),
        };
        let described = self.client.describe_workflow_execution(request).await;
        described.unwrap().into_inner()
    }

    pub(crate) async fn info(&mut self) -> Option<TimeSkippingInfo> {
        let described = self.describe().await;
        described.workflow_extended_info?.time_skipping_info
    }

    pub(crate) async fn set(
        &mut self,
        config: Option<TimeSkippingConfig>,
        path: &str,
    ) -> Result<Option<TimeSkippingConfig>, Status> {
        let request = UpdateWorkflowExecutionOptionsRequest {
            namespace: NAMESPACE.to_owned(),
            workflow_execution: self.execution(""),
            workflow_execution_options: Some(WorkflowExecutionOptions {
                time_skipping_config: config,
                ..WorkflowExecutionOptions::default()
            }),
            update_mask: Some(FieldMask {
                paths: vec![path.to_owned()],
            }),
            ..UpdateWorkflowExecutionOptionsRequest::default()
        };
        let updated = self
            .client
            .update_workflow_execution_options(request)
            .await?;
        let options = updated.into_inner().workflow_execution_options;
        Ok(options.and_then(|options| options.time_skipping_config))
    }

    /// Waits for the end of a fast-forward: the result, and the reason of a failure.
    pub(crate) fn wait(
        &self,
        run_id: &str,
        id: &str,
    ) -> impl Future<Output = Result<(Polled, String), Status>> + Send + use<> {
        let mut client = self.client.clone();
        let mut request = Request::new(PollWorkflowExecutionTimeSkippingRequest {
            namespace: NAMESPACE.to_owned(),
            workflow_execution: self.execution(run_id),
            fast_forward_id: id.to_owned(),
        });
        request.set_timeout(Duration::from_secs(30));
        async move {
            let polled = client
                .poll_workflow_execution_time_skipping(request)
                .await?;
            let polled = polled.into_inner();
            Ok((polled.fast_forward_polling_result(), polled.failed_reason))
        }
    }

    pub(crate) async fn terminate(&mut self) {
        let request = TerminateWorkflowExecutionRequest {
            namespace: NAMESPACE.to_owned(),
            workflow_execution: self.execution(""),
            ..TerminateWorkflowExecutionRequest::default()
        };
        let terminated = self.client.terminate_workflow_execution(request).await;
        terminated.unwrap();
    }
}

pub(crate) fn enabled() -> TimeSkippingConfig {
    TimeSkippingConfig {
        enabled: true,
        ..TimeSkippingConfig::default()
    }
}

pub(crate) fn fast_forward(id: &str, length: i64) -> TimeSkippingConfig {
    TimeSkippingConfig {
        fast_forward_config: Some(FastForwardConfig {
            id: id.to_owned(),
            duration: seconds(length),
        }),
        ..enabled()
    }
}

#[expect(clippy::unnecessary_wraps, reason = "requests have it as an option")]
pub(crate) fn seconds(seconds: i64) -> Option<protobuf::Duration> {
    Some(protobuf::Duration { seconds, nanos: 0 })
}

/// How many seconds lie between two times, to about the nearest ten: the real server's timers are late,
/// and real time passes.
#[track_caller]
pub(crate) fn assert_apart(earlier: Option<&Timestamp>, later: Option<&Timestamp>, wanted: i64) {
    let apart = later.unwrap().seconds - earlier.unwrap().seconds;
    assert!(
        (wanted - 1..wanted + 9).contains(&apart),
        "{apart} s lie between {earlier:?} and {later:?}, not {wanted}"
    );
}
