//! One test: its client, its names, its workers.

use std::env;
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::Once;

use durably::client::{ResultError, StartWorkflow, WorkflowHandle};
use durably::definition::WorkflowDefinition;
use durably::payload::{Arguments, FromPayload};
use durably::prelude::*;
use durably::worker::WorkerBuilder;
use durably_protos::temporal::api::enums::v1::{EventType, IndexedValueType};
use durably_test::server::{Listening, TestServer};
use tracing_subscriber::layer::SubscriberExt;
use tracing_subscriber::util::SubscriberInitExt;
use tracing_subscriber::{EnvFilter, Layer, fmt};
use uuid::Uuid;

use crate::record::record;
use crate::replays::Replays;
use crate::warnings::Keep;
use crate::{Events, PassOn, PutAround, RunningWorker, Scramble, eventually, fetch, in_time};

/// One test against the server.
#[derive(Debug)]
pub struct Test {
    /// The server in this process; none where the environment names one.
    embedded: Option<TestServer>,
    client: Client,
    name: String,
    task_queue: String,
    replays: Replays,
}

impl Test {
    /// Connects to the server that `TEMPORAL_ADDRESS` names, or starts one in this process.
    ///
    /// # Panics
    /// A server is named and does not answer.
    pub async fn begin() -> Self {
        let embedded = (!names_a_server()).then(|| {
            let server = TestServer::builder();
            let server = server.search_attribute("OrderStatus", IndexedValueType::Keyword);
            server
                .search_attribute("OrderCents", IndexedValueType::Int)
                .start()
        });
        Self::on(embedded, |options| options).await
    }

    /// As [`begin`](Self::begin), with a payload codec of the test's own.
    ///
    /// # Panics
    /// A server is named and does not answer.
    pub async fn begin_with_codec(codec: Scramble) -> Self {
        let embedded = (!names_a_server()).then(|| TestServer::builder().start());
        Self::on(embedded, |options| options.payload_codec(codec)).await
    }

    /// As [`begin`](Self::begin), for what only the real server can do: `what`. Without one the test
    /// says that it is skipped.
    ///
    /// # Panics
    /// A server is named and does not answer.
    pub async fn begin_on_real_server(what: &str) -> Option<Self> {
        if names_a_server() {
            return Some(Self::on(None, |options| options).await);
        }
        eprintln!(
            "SKIPPED {}: {what} needs a real Temporal server, and TEMPORAL_ADDRESS names none. Start one with \
             `temporal server start-dev --headless`, set TEMPORAL_ADDRESS=localhost:7233",
            test_name()
        );
        None
    }

    async fn on(
        embedded: Option<TestServer>,
        change: impl FnOnce(ConnectOptions) -> ConnectOptions,
    ) -> Self {
        start_logging();
        let name = test_name();
        let client = connect(embedded.as_ref(), change).await;
        let task_queue = format!("{}-{}", name.replace("::", "-"), Uuid::new_v4());
        Self {
            embedded,
            client,
            name,
            task_queue,
            replays: Replays::default(),
        }
    }

    /// A further client, with a connection of its own.
    ///
    /// # Panics
    /// The server does not answer.
    pub async fn connect(&self) -> Client {
        connect(self.embedded.as_ref(), |options| options).await
    }

    /// A further client, with options of its own.
    ///
    /// # Panics
    /// The server does not answer.
    pub async fn connect_with(
        &self,
        change: impl FnOnce(ConnectOptions) -> ConnectOptions,
    ) -> Client {
        connect(self.embedded.as_ref(), change).await
    }

    /// A further client that sends and shows payloads as they are on the server.
    ///
    /// # Panics
    /// The server does not answer.
    pub async fn connect_without_codec(&self) -> Client {
        Client::connect(options(self.embedded.as_ref()))
            .await
            .expect("the server answers")
    }

    /// Where the server can be reached by other processes, as long as the second part is kept.
    ///
    /// # Panics
    /// No port can be opened.
    pub async fn address(&self) -> (String, Option<Listening>) {
        match &self.embedded {
            None => (env::var("TEMPORAL_ADDRESS").unwrap_or_default(), None),
            Some(server) => {
                let any = SocketAddr::from((Ipv4Addr::LOCALHOST, 0));
                let listening = server.listen(any).await.expect("a port is free");
                (listening.address().to_string(), Some(listening))
            }
        }
    }

    /// The test's client.
    pub fn client(&self) -> &Client {
        &self.client
    }

    /// The test's task queue.
    pub fn task_queue(&self) -> &str {
        &self.task_queue
    }

    /// A workflow id that no other test has.
    pub fn workflow_id(&self, what: &str) -> String {
        format!("{}-{what}-{}", self.name.replace("::", "-"), Uuid::new_v4())
    }

    /// How many runs the workers of this suite keep in memory.
    pub fn cache() -> usize {
        number("DURABLY_TEST_CACHE", 1000)
    }

    /// Whether all payloads of this suite are encoded, as `DURABLY_TEST_CODEC` says.
    pub fn encodes_all() -> bool {
        env::var_os("DURABLY_TEST_CODEC").is_some()
    }

    /// A worker in the making, with cache and threads as the environment says.
    pub fn builder(&self) -> WorkerBuilder {
        let builder = Worker::builder(&self.client, &self.task_queue)
            .max_cached_workflows(Self::cache())
            .workflow_threads(number("DURABLY_TEST_THREADS", 1));
        match env::var_os("DURABLY_TEST_INTERCEPTORS") {
            None => builder,
            Some(_) => builder
                .workflow_interceptor(|_| PassOn)
                .workflow_interceptor(|_| PutAround),
        }
    }

    /// Runs a worker on the test's task queue.
    ///
    /// # Panics
    /// It cannot be built.
    pub fn worker(&self, register: impl FnOnce(WorkerBuilder) -> WorkerBuilder) -> RunningWorker {
        let worker = register(self.builder())
            .build()
            .expect("the worker can be built");
        self.start_worker(worker)
    }

    /// Runs a worker that was put together elsewhere.
    pub fn start_worker(&self, worker: Worker) -> RunningWorker {
        self.replays.add(worker.replayer());
        RunningWorker::start(worker)
    }

    /// A start of a workflow on the test's task queue.
    pub fn starting<W: WorkflowDefinition>(
        &self,
        workflow: W,
        arguments: impl Arguments<W::Parameters>,
    ) -> StartWorkflow<W> {
        self.client
            .start(workflow, arguments)
            .workflow_id(self.workflow_id(W::NAME))
            .task_queue(&self.task_queue)
    }

    /// Starts a workflow on the test's task queue.
    ///
    /// # Panics
    /// It cannot be started.
    pub async fn start<W: WorkflowDefinition>(
        &self,
        workflow: W,
        arguments: impl Arguments<W::Parameters>,
    ) -> WorkflowHandle<W> {
        let start = self.starting(workflow, arguments);
        in_time("a start", start.into_future())
            .await
            .expect("the workflow starts")
    }

    /// The workflow's result, of a run in whose history no workflow task failed or timed out.
    ///
    /// # Errors
    /// How the workflow ended otherwise.
    ///
    /// # Panics
    /// It does not end, or workflow tasks failed.
    pub async fn result<W>(&self, handle: &WorkflowHandle<W>) -> Result<W::Output, ResultError>
    where
        W: WorkflowDefinition,
        W::Output: FromPayload,
    {
        let result = self.result_of_troubled(handle).await;
        self.events(handle).await.assert_healthy();
        result
    }

    /// As [`result`](Self::result), of a run some of whose workflow tasks may have failed.
    ///
    /// # Errors
    /// How the workflow ended otherwise.
    ///
    /// # Panics
    /// It does not end.
    pub async fn result_of_troubled<W>(
        &self,
        handle: &WorkflowHandle<W>,
    ) -> Result<W::Output, ResultError>
    where
        W: WorkflowDefinition,
        W::Output: FromPayload,
    {
        let wait = tokio::time::timeout(crate::DEADLINE, handle.result().into_future());
        let Ok(result) = wait.await else {
            let events = self.events(handle).await;
            panic!(
                "workflow {} does not end:\n{events:?}",
                handle.workflow_id()
            );
        };
        let events = self.events(handle).await;
        record(&self.name, handle.workflow_id(), &events);
        self.replay_with_relatives(events).await;
        result
    }

    /// Replays a history, and those of the run's closed children and of the runs it goes on in.
    /// Those of workflow types that none of the test's workers knows are left out.
    ///
    /// # Panics
    /// The code of none of the workers follows the history.
    pub async fn replay_with_relatives(&self, events: Events) {
        let mut pending = vec![events];
        while let Some(events) = pending.pop() {
            self.replays.check(&events);
            for (workflow_id, run_id) in events.relatives() {
                let handle = self.client.untyped_workflow_handle(workflow_id);
                pending.push(self.events(&handle.with_run_id(run_id)).await);
            }
        }
    }

    /// Runs a workflow to its end, which must be a result.
    ///
    /// # Panics
    /// It gives none.
    pub async fn run<W>(&self, workflow: W, arguments: impl Arguments<W::Parameters>) -> W::Output
    where
        W: WorkflowDefinition,
        W::Output: FromPayload,
    {
        let handle = self.start(workflow, arguments).await;
        self.result(&handle).await.expect("the workflow completes")
    }

    /// The history of the handle's run.
    ///
    /// # Panics
    /// It cannot be fetched.
    pub async fn events<W: WorkflowDefinition>(&self, handle: &WorkflowHandle<W>) -> Events {
        in_time("a history", fetch(handle))
            .await
            .expect("the history can be fetched")
    }

    /// Waits until the history of the handle's run is such.
    ///
    /// # Panics
    /// It never is.
    pub async fn until<W: WorkflowDefinition>(
        &self,
        handle: &WorkflowHandle<W>,
        what: &str,
        mut holds: impl FnMut(&Events) -> bool,
    ) -> Events {
        eventually(what, async || {
            let events = self.events(handle).await;
            if holds(&events) {
                Ok(events)
            } else {
                Err(events)
            }
        })
        .await
    }

    /// Waits until an event of a type is in the history of the handle's run.
    ///
    /// # Panics
    /// There never is.
    pub async fn until_event<W: WorkflowDefinition>(
        &self,
        handle: &WorkflowHandle<W>,
        event_type: EventType,
    ) -> Events {
        let what = format!("an event {event_type:?}");
        self.until(handle, &what, |events| events.has(event_type))
            .await
    }
}

fn number(variable: &str, default: usize) -> usize {
    let Ok(text) = env::var(variable) else {
        return default;
    };
    text.parse()
        .unwrap_or_else(|_| panic!("{variable} is \"{text}\", which is not a number"))
}

fn start_logging() {
    static STARTED: Once = Once::new();
    STARTED.call_once(|| {
        let filter = env::var("DURABLY_TEST_LOG").unwrap_or_else(|_| "off".to_owned());
        let shown = fmt::layer()
            .with_writer(std::io::stderr)
            .with_filter(EnvFilter::new(filter));
        // With the spans of workflow tasks, which tell of which workflow a warning is.
        let kept = fmt::layer()
            .with_ansi(false)
            .with_writer(|| Keep)
            .with_filter(EnvFilter::new("durably=info"));
        tracing_subscriber::registry().with(shown).with(kept).init();
    });
}

fn names_a_server() -> bool {
    env::var_os("TEMPORAL_ADDRESS").is_some_and(|address| !address.is_empty())
}

fn test_name() -> String {
    let thread = std::thread::current();
    thread.name().unwrap_or("test").to_owned()
}

async fn connect(
    embedded: Option<&TestServer>,
    change: impl FnOnce(ConnectOptions) -> ConnectOptions,
) -> Client {
    let mut options = options(embedded);
    if Test::encodes_all() {
        let codec = Scramble::new(0x55);
        options = options.payload_codec(codec).encode_headers();
    }
    let options = change(options);
    Client::connect(options).await.expect("the server answers")
}

fn options(embedded: Option<&TestServer>) -> ConnectOptions {
    match embedded {
        Some(server) => ConnectOptions::new("embedded").service(server.service()),
        None => ConnectOptions::from_env().expect("the environment can be read"),
    }
}
