//! A server in this process, or the one that `TEMPORAL_ADDRESS` names.

use std::env;
use std::fmt::Debug;
use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;

use durably_protos::temporal::api::common::v1::WorkflowType;
use durably_protos::temporal::api::taskqueue::v1::TaskQueue;
use durably_protos::temporal::api::workflowservice::v1::StartWorkflowExecutionRequest;
use durably_protos::temporal::api::workflowservice::v1::workflow_service_client::WorkflowServiceClient;
use durably_test::server::{ClockMode, TestServer, TestService};
use tonic::body::Body;
use tonic::codegen::{Service, http};
use tonic::transport::Channel;
use tonic::{Code, Status};
use uuid::Uuid;

use crate::run::Run;

pub(crate) const NAMESPACE: &str = "default";

/// How much later than it is due the real server may fire a timer.
const TIMER_LAG: Duration = Duration::from_millis(1300);

/// Makes a call of the workflow service, and gives the bare answer.
macro_rules! call {
    ($bench:expr, $method:ident, $request:expr) => {
        crate::bench::call!($bench, $method, $request, within 10)
    };
    ($bench:expr, $method:ident, $request:expr, within $seconds:expr) => {{
        let mut request = tonic::Request::new($request);
        request.set_timeout(std::time::Duration::from_secs($seconds));
        let answer = $bench.client().$method(request).await;
        answer.map(tonic::Response::into_inner)
    }};
}
pub(crate) use call;

/// A server, and time that passes on it.
#[derive(Clone)]
pub(crate) struct Bench {
    embedded: Option<TestServer>,
    wire: Wire,
}

impl Bench {
    /// The server that is named, or one in this process whose clock stands still unless it is moved.
    pub(crate) fn begin() -> Self {
        match env::var("TEMPORAL_ADDRESS") {
            Ok(address) if !address.is_empty() => {
                let endpoint = Channel::from_shared(format!("http://{address}")).unwrap();
                Self {
                    embedded: None,
                    wire: Wire::Channel(endpoint.connect_lazy()),
                }
            }
            _ => {
                let builder = TestServer::builder().seed(7);
                Self::on(builder.clock(ClockMode::Manual).start())
            }
        }
    }

    pub(crate) fn on(server: TestServer) -> Self {
        let wire = Wire::Embedded(server.service());
        Self {
            embedded: Some(server),
            wire,
        }
    }

    pub(crate) fn is_embedded(&self) -> bool {
        self.embedded.is_some()
    }

    pub(crate) fn client(&self) -> WorkflowServiceClient<Wire> {
        WorkflowServiceClient::new(self.wire.clone())
    }

    /// Lets time pass on the server, and what is due by then come.
    pub(crate) async fn pass(&self, seconds: u64) {
        let duration = Duration::from_secs(seconds);
        match &self.embedded {
            Some(server) => {
                // The server gives tasks in flight a moment of real time, which nobody here needs.
                tokio::time::pause();
                server.advance(duration).await;
                tokio::time::resume();
            }
            None => tokio::time::sleep(duration + TIMER_LAG).await,
        }
    }

    /// Lets a call that was spawned reach the server; nothing tells from outside when it has.
    pub(crate) async fn arrive(&self) {
        if self.is_embedded() {
            for _ in 0..100 {
                tokio::task::yield_now().await;
            }
        } else {
            tokio::time::sleep(Duration::from_millis(300)).await;
        }
    }

    /// Asks until there is an answer. In this process the first one must be it.
    pub(crate) async fn until<T>(&self, what: &str, mut ask: impl AsyncFnMut() -> Option<T>) -> T {
        let tries = if self.is_embedded() { 1 } else { 200 };
        for _ in 0..tries {
            if let Some(answer) = ask().await {
                return answer;
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
        panic!("{what} does not come");
    }

    /// A start of a workflow of a new id, on the queue of that name.
    pub(crate) fn starting(&self) -> StartWorkflowExecutionRequest {
        let workflow_id = format!("wf-{}", Uuid::new_v4());
        StartWorkflowExecutionRequest {
            namespace: NAMESPACE.to_owned(),
            workflow_type: Some(WorkflowType {
                name: "workflow".to_owned(),
            }),
            task_queue: Some(queue(&workflow_id)),
            workflow_id,
            identity: "client".to_owned(),
            request_id: Uuid::new_v4().to_string(),
            ..StartWorkflowExecutionRequest::default()
        }
    }

    /// Starts a workflow as asked.
    pub(crate) async fn start_as(&self, request: &StartWorkflowExecutionRequest) -> Run {
        let started = call!(self, start_workflow_execution, request.clone()).unwrap();
        Run::new(self, &request.workflow_id, &started.run_id)
    }

    /// Starts a workflow.
    pub(crate) async fn start(&self) -> Run {
        self.start_as(&self.starting()).await
    }
}

pub(crate) fn queue(name: &str) -> TaskQueue {
    TaskQueue {
        name: name.to_owned(),
        ..TaskQueue::default()
    }
}

/// A call must have been refused so.
#[track_caller]
pub(crate) fn refused<T: Debug>(answer: Result<T, Status>, code: Code, message: &str) -> Status {
    let status = answer.expect_err("the call is refused");
    assert_eq!((status.code(), status.message()), (code, message));
    status
}

/// The one detail of a refusal.
#[track_caller]
pub(crate) fn detail<D: prost::Message + prost::Name + Default>(status: &Status) -> D {
    use prost::Message;
    let packed = durably_protos::google::rpc::Status::decode(status.details()).unwrap();
    let [detail] = packed.details.as_slice() else {
        panic!("one detail, not {:?}", packed.details);
    };
    let name = detail.type_url.rsplit('/').next();
    assert_eq!(name, Some(D::full_name().as_str()));
    D::decode(detail.value.as_ref()).unwrap()
}

/// The way to the server.
#[derive(Debug, Clone)]
pub(crate) enum Wire {
    Embedded(TestService),
    Channel(Channel),
}

type Answering =
    Pin<Box<dyn Future<Output = Result<http::Response<Body>, tonic::transport::Error>> + Send>>;

impl Service<http::Request<Body>> for Wire {
    type Response = http::Response<Body>;
    type Error = tonic::transport::Error;
    type Future = Answering;

    fn poll_ready(&mut self, context: &mut Context<'_>) -> Poll<Result<(), Self::Error>> {
        match self {
            Self::Embedded(service) => service.poll_ready(context).map_err(|never| match never {}),
            Self::Channel(channel) => Service::poll_ready(channel, context),
        }
    }

    fn call(&mut self, request: http::Request<Body>) -> Self::Future {
        match self {
            Self::Embedded(service) => {
                let answer = service.call(request);
                Box::pin(async move { answer.await.map_err(|never| match never {}) })
            }
            Self::Channel(channel) => Box::pin(Service::call(channel, request)),
        }
    }
}
