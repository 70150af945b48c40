//! A server in this process that hands out activity tasks and notes what comes back.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use durably_protos::google::protobuf;
use durably_protos::temporal::api::common::v1::{
    ActivityType, Payload, Payloads, WorkflowExecution,
};
use durably_protos::temporal::api::failure::v1 as proto;
use durably_protos::temporal::api::workflowservice::v1::get_system_info_response::Capabilities;
use durably_protos::temporal::api::workflowservice::v1::workflow_service_server::{
    WorkflowService, WorkflowServiceServer,
};
use durably_protos::temporal::api::workflowservice::v1::*;
use tokio::io::DuplexStream;
use tokio::sync::{Notify, mpsc};
use tokio::time::Instant;
use tonic::codegen::tokio_stream::wrappers::UnboundedReceiverStream;
use tonic::{Request, Response, Status};

use crate::client::{Client, ConnectOptions};
use crate::failure::{ApplicationFailure, Failure};
use crate::payload::{FromPayload, ToPayload};
use crate::proto_time::proto_duration;

/// After how long a poll without a task is answered, as by the real server.
const POLL_TIMEOUT: Duration = Duration::from_secs(60);

/// How an attempt was reported.
#[derive(Debug)]
#[expect(clippy::large_enum_variant, reason = "a test has few")]
pub(super) enum Report {
    Completed(RespondActivityTaskCompletedRequest),
    Failed(RespondActivityTaskFailedRequest),
    Canceled(RespondActivityTaskCanceledRequest),
}

/// Shared by the service and the test.
#[derive(Clone)]
pub(super) struct FakeServer {
    pub(super) state: Arc<State>,
}

#[derive(Default)]
pub(super) struct State {
    tasks: Mutex<VecDeque<PollActivityTaskQueueResponse>>,
    changed: Notify,
    pub(super) polls: Mutex<Polls>,
    pub(super) heartbeats: Mutex<Heartbeats>,
    reports: Mutex<VecDeque<(Instant, Report)>>,
    /// What the next reports are answered with, instead of being taken.
    pub(super) report_refusals: Mutex<VecDeque<Status>>,
    /// A server of old, which wants the newest details before a failure.
    pub(super) old: bool,
}

#[derive(Default)]
pub(super) struct Polls {
    pub(super) open: usize,
    pub(super) refusal: Option<Status>,
    pub(super) requests: Vec<PollActivityTaskQueueRequest>,
    pub(super) times: Vec<Instant>,
}

#[derive(Default)]
pub(super) struct Heartbeats {
    pub(super) received: Vec<(Instant, Vec<Payload>)>,
    /// Answers to the next heartbeats; after them, nothing is asked for.
    pub(super) answers: VecDeque<Result<RecordActivityTaskHeartbeatResponse, Status>>,
    /// How long an answer takes.
    pub(super) delay: Duration,
}

impl FakeServer {
    pub(super) fn new() -> Self {
        Self {
            state: Arc::default(),
        }
    }

    pub(super) fn old() -> Self {
        let state = State {
            old: true,
            ..State::default()
        };
        Self {
            state: Arc::new(state),
        }
    }

    /// Serves a client over streams in this process.
    pub(super) async fn connect(&self) -> Client {
        let (sender, connections) = mpsc::unbounded_channel::<std::io::Result<DuplexStream>>();
        let service = WorkflowServiceServer::new(self.clone()).max_decoding_message_size(4 << 20);
        tokio::spawn(
            tonic::transport::Server::builder()
                .add_service(service)
                .serve_with_incoming(UnboundedReceiverStream::new(connections)),
        );
        let options = ConnectOptions::new("in-process:1").connector(move || {
            let (ours, theirs) = tokio::io::duplex(1 << 20);
            let sent = sender.send(Ok(theirs));
            async move {
                sent.map_err(std::io::Error::other)?;
                Ok(ours)
            }
        });
        Client::connect(options).await.unwrap()
    }

    /// Hands a task to the next poll.
    pub(super) fn push(&self, task: PollActivityTaskQueueResponse) {
        self.state.tasks.lock().unwrap().push_back(task);
        self.state.changed.notify_waiters();
    }

    /// How an attempt was reported; waits for it.
    pub(super) async fn report(&self) -> Report {
        self.timed_report().await.1
    }

    /// As [`report`](Self::report), with the time.
    pub(super) async fn timed_report(&self) -> (Instant, Report) {
        let day = Duration::from_secs(24 * 3600);
        let next = self.wait(|state| state.reports.lock().unwrap().pop_front());
        tokio::time::timeout(day, next)
            .await
            .expect("a report comes within a day")
    }

    /// Whether there are reports that no one waited for.
    pub(super) fn has_reports(&self) -> bool {
        !self.state.reports.lock().unwrap().is_empty()
    }

    /// Waits until that many polls are open.
    pub(super) async fn open_polls(&self, number: usize) {
        self.wait(|state| (state.polls.lock().unwrap().open == number).then_some(()))
            .await;
    }

    /// Answers to the next heartbeats.
    pub(super) fn answer_heartbeats(
        &self,
        answers: impl IntoIterator<Item = Result<RecordActivityTaskHeartbeatResponse, Status>>,
    ) {
        self.state
            .heartbeats
            .lock()
            .unwrap()
            .answers
            .extend(answers);
    }

    /// The heartbeats until now: when, in seconds, and the number in the details.
    pub(super) fn heartbeats(&self, since: Instant) -> Vec<(u64, i32)> {
        let heartbeats = self.state.heartbeats.lock().unwrap();
        let read = |(at, details): &(Instant, Vec<Payload>)| {
            let number = i32::from_payload(&details[0]).unwrap();
            (at.duration_since(since).as_secs(), number)
        };
        heartbeats.received.iter().map(read).collect()
    }

    fn reported<R: Default>(&self, report: Report) -> Result<Response<R>, Status> {
        if let Some(refusal) = self.state.report_refusals.lock().unwrap().pop_front() {
            return Err(refusal);
        }
        let mut reports = self.state.reports.lock().unwrap();
        reports.push_back((Instant::now(), report));
        self.state.changed.notify_waiters();
        Ok(Response::new(R::default()))
    }

    /// Waits until the state has what is looked for.
    async fn wait<T>(&self, find: impl Fn(&State) -> Option<T>) -> T {
        loop {
            let changed = self.state.changed.notified();
            if let Some(found) = find(&self.state) {
                return found;
            }
            changed.await;
        }
    }
}

/// Counts an open poll, also when it is cut off.
struct OpenPoll<'a>(&'a State);

impl<'a> OpenPoll<'a> {
    fn new(state: &'a State) -> Self {
        state.polls.lock().unwrap().open += 1;
        state.changed.notify_waiters();
        Self(state)
    }
}

impl Drop for OpenPoll<'_> {
    fn drop(&mut self) {
        self.0.polls.lock().unwrap().open -= 1;
        self.0.changed.notify_waiters();
    }
}

#[tonic::async_trait]
impl WorkflowService for FakeServer {
    async fn get_system_info(
        &self,
        _: Request<GetSystemInfoRequest>,
    ) -> Result<Response<GetSystemInfoResponse>, Status> {
        Ok(Response::new(GetSystemInfoResponse {
            capabilities: Some(Capabilities {
                activity_failure_include_heartbeat: !self.state.old,
                ..Capabilities::default()
            }),
            ..GetSystemInfoResponse::default()
        }))
    }

    async fn poll_activity_task_queue(
        &self,
        request: Request<PollActivityTaskQueueRequest>,
    ) -> Result<Response<PollActivityTaskQueueResponse>, Status> {
        let refusal = {
            let mut polls = self.state.polls.lock().unwrap();
            polls.requests.push(request.into_inner());
            polls.times.push(Instant::now());
            polls.refusal.clone()
        };
        if let Some(refusal) = refusal {
            return Err(refusal);
        }
        let _open = OpenPoll::new(&self.state);
        let task = tokio::time::timeout(
            POLL_TIMEOUT,
            self.wait(|state| state.tasks.lock().unwrap().pop_front()),
        )
        .await;
        Ok(Response::new(task.unwrap_or_default()))
    }

    async fn record_activity_task_heartbeat(
        &self,
        request: Request<RecordActivityTaskHeartbeatRequest>,
    ) -> Result<Response<RecordActivityTaskHeartbeatResponse>, Status> {
        let details = request.into_inner().details.unwrap_or_default().payloads;
        let (answer, delay) = {
            let mut heartbeats = self.state.heartbeats.lock().unwrap();
            heartbeats.received.push((Instant::now(), details));
            (heartbeats.answers.pop_front(), heartbeats.delay)
        };
        tokio::time::sleep(delay).await;
        answer
            .unwrap_or_else(|| Ok(Default::default()))
            .map(Response::new)
    }

    async fn respond_activity_task_completed(
        &self,
        request: Request<RespondActivityTaskCompletedRequest>,
    ) -> Result<Response<RespondActivityTaskCompletedResponse>, Status> {
        self.reported(Report::Completed(request.into_inner()))
    }

    async fn respond_activity_task_failed(
        &self,
        request: Request<RespondActivityTaskFailedRequest>,
    ) -> Result<Response<RespondActivityTaskFailedResponse>, Status> {
        self.reported(Report::Failed(request.into_inner()))
    }

    async fn respond_activity_task_canceled(
        &self,
        request: Request<RespondActivityTaskCanceledRequest>,
    ) -> Result<Response<RespondActivityTaskCanceledResponse>, Status> {
        self.reported(Report::Canceled(request.into_inner()))
    }
}

/// A task with one argument and the timeouts that most tests want.
pub(super) fn task(activity_type: &str, argument: i32) -> PollActivityTaskQueueResponse {
    let seconds = |seconds| Some(proto_duration(Duration::from_secs(seconds)));
    PollActivityTaskQueueResponse {
        task_token: format!("token-{activity_type}-{argument}").into(),
        activity_type: Some(ActivityType {
            name: activity_type.to_owned(),
        }),
        activity_id: "1".to_owned(),
        workflow_execution: Some(WorkflowExecution {
            workflow_id: "workflow".to_owned(),
            run_id: "run".to_owned(),
        }),
        input: Some(Payloads {
            payloads: vec![argument.to_payload().unwrap()],
        }),
        attempt: 1,
        start_to_close_timeout: seconds(3600),
        heartbeat_timeout: seconds(10),
        retry_policy: None,
        ..PollActivityTaskQueueResponse::default()
    }
}

/// The same task with other timeouts; zero is none.
pub(super) fn with_timeouts(
    task: PollActivityTaskQueueResponse,
    start_to_close: u64,
    heartbeat: u64,
) -> PollActivityTaskQueueResponse {
    let duration = |seconds| -> Option<protobuf::Duration> {
        Some(proto_duration(Duration::from_secs(seconds)))
    };
    PollActivityTaskQueueResponse {
        start_to_close_timeout: duration(start_to_close),
        heartbeat_timeout: duration(heartbeat),
        ..task
    }
}

impl Report {
    /// The result of an attempt that completed.
    pub(super) fn result<T: FromPayload>(self) -> T {
        match self {
            Self::Completed(report) => {
                let payloads = report.result.unwrap_or_default().payloads;
                T::from_payload(&payloads[0]).unwrap()
            }
            other => panic!("completed, not {other:?}"),
        }
    }

    /// The report of an attempt that failed.
    pub(super) fn failed(self) -> RespondActivityTaskFailedRequest {
        match self {
            Self::Failed(report) => report,
            other => panic!("failed, not {other:?}"),
        }
    }

    /// The failure of an attempt that failed by its own code.
    pub(super) fn failure(self) -> ApplicationFailure {
        application(self.failed().failure.unwrap())
    }
}

pub(super) fn application(failure: proto::Failure) -> ApplicationFailure {
    match Failure::from(failure) {
        Failure::Application(failure) => failure,
        other => panic!("an application failure, not {other:?}"),
    }
}
