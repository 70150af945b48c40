//! The environment as tests hold it.

use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, SystemTime};

use durably::client::{Client, WorkflowHandle};
use durably::definition::{ActivityDefinition, WorkflowDefinition};
use durably::payload::{FromPayload, ToPayload};
use durably_protos::temporal::api::history::v1::History;
use tokio::task::AbortHandle;

use super::backend::{Backend, Keep};
use super::builder::TestEnvBuilder;
use super::faults::{Faults, nudge};
use super::mock::{
    ActivityMock, MockInput, Mocked, Mocks, NexusEndpoints, NexusMock, WorkflowMock,
};
use super::recording::Wanted;
use super::replays::Replays;
use super::worker::TestWorkerBuilder;
use super::{callback, checks, stall};
use crate::server::{Blocker, SkippingPaused, TestServer};

/// A server, its clock, and what a test needs around it; see [the module](crate::env).
///
/// Its checks are made when it [finishes](Self::finish) or is dropped.
pub struct TestEnv {
    pub(super) shared: Arc<Shared>,
    is_finished: bool,
}

/// What the parts of an environment share.
pub(crate) struct Shared {
    pub(super) backend: Backend,
    _keep: Keep,
    pub(super) client: Client,
    pub(super) mocks: Mocks,
    pub(super) nexus: NexusEndpoints,
    pub(super) replays: Replays,
    pub(super) checks_replay: bool,
    pub(super) faults: Option<Faults>,
    /// What is still to be recorded; a place is empty once that is done.
    pub(super) recordings: Mutex<Vec<Option<Wanted>>>,
    tasks: Mutex<Vec<AbortHandle>>,
}

impl TestEnv {
    /// An environment with a server in this process.
    ///
    /// # Panics
    /// Outside a tokio runtime.
    pub async fn start() -> Self {
        Self::builder().start().await
    }

    /// An environment on a server of another process, such as `localhost:7233`. Workflows are started
    /// with the wish that their time be skipped; the server must allow that
    /// (`--dynamic-config-value frontend.WorkflowTimeSkippingEnabled=true`), or the builder be told
    /// [not to wish it](TestEnvBuilder::no_time_skipping).
    ///
    /// What has to do with the environment's own clock ([`sleep`](Self::sleep), [`at`](Self::at), ...)
    /// cannot be had there, for each workflow has a time of its own; such a call panics. A workflow's time is
    /// moved by [`WorkflowHandle::fast_forward`](durably::client::WorkflowHandle::fast_forward).
    ///
    /// # Panics
    /// The server does not answer.
    pub async fn connect(address: &str) -> Self {
        Self::builder().connect(address).start().await
    }

    /// An environment on a development server of its own: the program `temporal`, or the one that
    /// `DURABLY_TEMPORAL_CLI` names. It ends with the environment. See [`connect`](Self::connect) for what
    /// differs from the server in this process.
    ///
    /// # Panics
    /// The program cannot be started; the message says how to get it.
    pub async fn dev_server() -> Self {
        Self::builder().dev_server().start().await
    }

    /// An environment in the making.
    pub fn builder() -> TestEnvBuilder {
        TestEnvBuilder::new()
    }

    pub(super) fn begin(
        backend: Backend,
        keep: Keep,
        client: Client,
        checks_replay: bool,
        faults: Option<Faults>,
    ) -> Self {
        let env = Self {
            shared: Arc::new(Shared {
                backend,
                _keep: keep,
                client,
                mocks: Mocks::default(),
                nexus: NexusEndpoints::default(),
                replays: Replays::default(),
                checks_replay,
                faults,
                recordings: Mutex::default(),
                tasks: Mutex::default(),
            }),
            is_finished: false,
        };
        if let Backend::Embedded(server) = &env.shared.backend {
            env.shared.spawn(stall::watch(server.clone()));
            if env.shared.faults.is_some() {
                env.shared.spawn(nudge(server.clone()));
            }
        }
        env
    }

    /// The client.
    #[must_use]
    pub fn client(&self) -> &Client {
        &self.shared.client
    }

    /// The server in this process.
    ///
    /// # Panics
    /// The environment is that of another server.
    #[must_use]
    pub fn server(&self) -> &TestServer {
        self.shared.backend.embedded("server")
    }

    /// A worker in the making, for a task queue.
    pub fn worker(&self, task_queue: impl Into<String>) -> TestWorkerBuilder {
        TestWorkerBuilder::new(&self.shared, task_queue.into())
    }

    /// A closure in place of an activity, on all workers of this environment that are started from now
    /// on.
    ///
    /// ```
    /// # use durably::prelude::*;
    /// # use durably_test::TestEnv;
    /// # #[activity(start_to_close_timeout = "5s")]
    /// # async fn charge(order: String, cents: u64) -> ActivityResult<bool> { Ok(true) }
    /// # #[tokio::main(flavor = "current_thread")] async fn main() {
    /// let env = TestEnv::start().await;
    /// let mut attempts = 0;
    /// let charged = env
    ///     .mock(charge)
    ///     .with(move |(order, cents)| {
    ///         attempts += 1;
    ///         match attempts {
    ///             1 => Err(format!("no answer about {order}").into()),
    ///             _ => Ok(cents > 0),
    ///         }
    ///     });
    /// # }
    /// ```
    pub fn mock<A>(&self, activity: A) -> ActivityMock<A>
    where
        A: ActivityDefinition,
        A::Parameters: MockInput,
        A::Output: ToPayload,
    {
        ActivityMock::new(activity, &self.shared.mocks).added_to(&self.shared.mocks)
    }

    /// A closure in place of a workflow (a child, usually), on all workers of this environment that are
    /// started from now on.
    pub fn mock_workflow<W>(&self, workflow: W) -> WorkflowMock<W>
    where
        W: WorkflowDefinition,
        W::Parameters: MockInput,
        W::Output: ToPayload,
    {
        WorkflowMock::new(workflow, &self.shared.mocks)
    }

    /// A closure in place of an operation that workflows call with
    /// [`ctx.nexus_operation(..)`](durably::workflow::WorkflowContext::nexus_operation). If the server has
    /// no endpoint of that name it is made, in the client's namespace; its handlers are the environment's,
    /// until that ends, and refuse operations that are not mocked (`NOT_FOUND`).
    ///
    /// ```
    /// # use durably::prelude::*;
    /// # use durably_test::{NexusError, TestEnv};
    /// #[workflow]
    /// async fn convert(ctx: &WorkflowContext, euros: f64) -> WorkflowResult<f64> {
    ///     let rate: f64 = ctx.nexus_operation("treasury", "rates", "exchange-rate", &"EUR/USD").await?;
    ///     Ok(euros * rate)
    /// }
    /// # #[tokio::main(flavor = "current_thread")] async fn main() {
    /// let env = TestEnv::start().await;
    /// let mut attempts = 0;
    /// let asked = env
    ///     .mock_nexus::<String, f64>("treasury", "rates", "exchange-rate")
    ///     .with(move |_pair| {
    ///         attempts += 1;
    ///         match attempts {
    ///             1 => Err(NexusError::handler("UNAVAILABLE", "the exchange has closed")),
    ///             _ => Ok(1.25),
    ///         }
    ///     })
    ///     .times(2);
    /// let _worker = env.worker("money").workflow(convert).start();
    /// let dollars = env.client().execute(convert, 8.0).task_queue("money").await;
    /// assert_eq!(dollars.unwrap(), 10.0);
    /// assert_eq!(asked.calls(), ["EUR/USD", "EUR/USD"]);
    /// env.finish().await;
    /// # }
    /// ```
    ///
    /// Operations that take their time are started and [handed to the test](NexusMock::next_started):
    ///
    /// ```
    /// # use durably::prelude::*;
    /// # use durably_test::TestEnv;
    /// # #[workflow]
    /// # async fn order(ctx: &WorkflowContext, tea: String) -> WorkflowResult<String> {
    /// #     Ok(ctx.nexus_operation("shop", "orders", "place", &tea).await?)
    /// # }
    /// # #[tokio::main(flavor = "current_thread")] async fn main() {
    /// # let env = TestEnv::start().await;
    /// # let _worker = env.worker("orders").workflow(order).start();
    /// let placed = env.mock_nexus::<String, String>("shop", "orders", "place").starts();
    /// let handle = env.client().start(order, "tea").task_queue("orders").await.unwrap();
    /// let operation = placed.next_started().await;
    /// operation.complete("on its way".to_owned()).await.unwrap();
    /// assert_eq!(handle.result().await.unwrap(), "on its way");
    /// # }
    /// ```
    ///
    /// On a server of another process [`finish`](Self::finish) removes the endpoint again. It should have a
    /// name of its own there: two environments with one name would get each other's calls.
    ///
    /// # Panics
    /// The endpoint cannot be made: it may not be called that, say.
    #[track_caller]
    pub fn mock_nexus<I, O>(
        &self,
        endpoint: &str,
        service: &str,
        operation: &str,
    ) -> NexusMock<I, O>
    where
        I: FromPayload + 'static,
        O: ToPayload + 'static,
    {
        NexusMock::new(&self.shared, endpoint, service, operation)
    }

    /// Expects, by the end of the environment, that each of these mocks was called, and the first call
    /// of each came after that of the one before it.
    pub fn in_order(&self, mocks: &[&dyn Mocked]) {
        let records = mocks.iter().map(|mock| mock.record().clone());
        self.shared.mocks.expect_order(records.collect());
    }

    /// What time it is on the server's clock.
    #[must_use]
    pub fn now(&self) -> SystemTime {
        self.shared.backend.embedded("now").now()
    }

    /// Waits until the server's clock has moved on by `duration`. Time is skipped for it as for everyone
    /// who waits.
    ///
    /// # Panics
    /// Meanwhile something happened that ends the test: a workflow task failed, say.
    pub async fn sleep(&self, duration: Duration) {
        let server = self.shared.backend.embedded("sleep");
        tokio::select! {
            () = server.sleep(duration) => {}
            reason = server.broken() => panic!("{reason}"),
        }
    }

    /// Moves the clock on by `duration` whatever is under way, and does on the way what is due. Timeouts
    /// of activities that run are reached by it as well.
    ///
    /// # Panics
    /// Meanwhile something happened that ends the test: a workflow task failed, say.
    pub async fn advance(&self, duration: Duration) {
        let server = self.shared.backend.embedded("advance");
        server.advance(duration).await;
        if let Some(reason) = server.failure() {
            panic!("{reason}");
        }
    }

    /// Calls back when the server's clock has moved on by `duration` from now. The clock stops there, but
    /// is not skipped to it: for that somebody else must wait. It goes on when the callback is done, or
    /// itself waits for something that only time brings.
    ///
    /// ```
    /// # use std::time::Duration;
    /// # use durably::prelude::*;
    /// # use durably_test::TestEnv;
    /// # #[derive(Default)] struct Parcel { arrived: State<bool> }
    /// # #[workflow] impl Parcel {
    /// #     #[run] async fn run(&self, ctx: &WorkflowContext) -> WorkflowResult<bool> {
    /// #         let wait = ctx.wait_until(|| self.arrived.get());
    /// #         Ok(wait.timeout(Duration::from_secs(7 * 86_400)).await?)
    /// #     }
    /// #     #[signal] fn arrived(&self) { self.arrived.set(true) }
    /// # }
    /// # #[tokio::main(flavor = "current_thread")] async fn main() {
    /// let env = TestEnv::start().await;
    /// let _worker = env.worker("parcels").workflow(Parcel::run).start();
    /// let parcel = env.client().start(Parcel::run, ()).task_queue("parcels").await.unwrap();
    /// let arriving = parcel.clone();
    /// env.at(Duration::from_secs(3 * 86_400), async move || {
    ///     arriving.signal(Parcel::arrived, ()).await.unwrap();
    /// });
    /// assert!(parcel.result().await.unwrap());
    /// # }
    /// ```
    ///
    /// A callback that panics ends the test.
    pub fn at<F, R>(&self, duration: Duration, callback: F)
    where
        F: FnOnce() -> R + Send + 'static,
        R: Future<Output = ()> + Send + 'static,
    {
        let server = self.shared.backend.embedded("at");
        // Set here and not in the task, so that nobody skips past it first.
        let alarm = server.alarm(duration);
        self.shared
            .spawn(callback::run(server.clone(), alarm, callback));
    }

    /// What keeps time from being skipped now; empty if nothing does.
    #[must_use]
    pub fn blocked_on(&self) -> Vec<Blocker> {
        self.shared.backend.embedded("blocked_on").blocked_on()
    }

    /// Keeps time from being skipped until the guard is dropped.
    #[must_use]
    pub fn pause_skipping(&self) -> SkippingPaused {
        self.shared
            .backend
            .embedded("pause_skipping")
            .pause_skipping()
    }

    /// The history of a handle's run; [`Timeline`](crate::Timeline) shows it.
    ///
    /// # Panics
    /// It cannot be fetched.
    pub async fn history<W: WorkflowDefinition>(&self, handle: &WorkflowHandle<W>) -> History {
        match handle.fetch_history().into_history().await {
            Ok(history) => history,
            Err(error) => panic!(
                "the history of workflow \"{}\" cannot be fetched: {error}",
                handle.workflow_id()
            ),
        }
    }

    /// Ends the environment with its checks: mocks were called as expected, all histories replay with
    /// the workers' code, nothing has failed that ends a test. Then what is to be
    /// [recorded](Self::record) is.
    ///
    /// # Panics
    /// One of them does not hold; the message says which.
    pub async fn finish(mut self) {
        self.is_finished = true;
        let recorded = self.shared.backend.recorded(&self.shared.client).await;
        let mut problems = match recorded {
            Ok(runs) => self.shared.settle(&runs),
            Err(problem) => vec![problem],
        };
        self.shared.stop();
        problems.extend(self.shared.nexus.remove(&self.shared.client).await);
        if !problems.is_empty() {
            panic!(
                "{}",
                checks::message(&problems, self.shared.faults.as_ref())
            );
        }
    }
}

impl Shared {
    /// Runs a task until the environment ends.
    pub(super) fn spawn(&self, task: impl Future<Output = ()> + Send + 'static) {
        let task = tokio::spawn(task).abort_handle();
        let mut tasks = self.tasks.lock().unwrap_or_else(PoisonError::into_inner);
        tasks.push(task);
    }

    fn stop(&self) {
        let mut tasks = self.tasks.lock().unwrap_or_else(PoisonError::into_inner);
        tasks.drain(..).for_each(|task| task.abort());
    }
}

/// Makes the checks of [`finish`](TestEnv::finish), unless the test panics already. The histories of a
/// server in another process are replayed by `finish` only.
impl Drop for TestEnv {
    fn drop(&mut self) {
        self.shared.stop();
        if self.is_finished {
            return;
        }
        if std::thread::panicking() {
            if let Some(faults) = &self.shared.faults {
                eprintln!("the test ran with {faults}");
            }
            return;
        }
        let runs = self.shared.backend.recorded_here();
        let problems = match self.shared.backend {
            Backend::Embedded(_) => self.shared.settle(&runs),
            Backend::Remote(_) => self.shared.settle_without_histories(),
        };
        if !problems.is_empty() {
            panic!(
                "{}",
                checks::message(&problems, self.shared.faults.as_ref())
            );
        }
    }
}

impl fmt::Debug for TestEnv {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("TestEnv")
            .field("backend", &self.shared.backend)
            .field("client", &self.shared.client)
            .finish_non_exhaustive()
    }
}

impl fmt::Debug for Shared {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("Shared").finish_non_exhaustive()
    }
}
