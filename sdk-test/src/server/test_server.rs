//! The server as its owner holds it.

use std::convert::Infallible;
use std::fmt;
use std::future::Future;
use std::net::SocketAddr;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::{Duration, SystemTime};

use durably_protos::temporal::api::enums::v1::IndexedValueType;
use durably_protos::temporal::api::history::v1::History;
use tokio::net::TcpListener;
use tokio::task::JoinHandle;
use tonic::body::Body;
use tonic::codegen::{Service, http};
use tonic::server::NamedService;
use tonic::transport::Server;
use tonic::transport::server::TcpIncoming;

use super::blockers::Blocker;
use super::clock::{Clock, ClockMode};
use super::limits::Limits;
use super::namespaces::{Namespace, NamespaceName};
use super::rpc::{Answering, dispatch};
use super::search_attributes::SearchAttributeRegistry;
use super::shared::Shared;
use super::time::{Span, Time};
use super::world::World;

/// How long the runs of a namespace are said to be kept.
const RETENTION: Span = Span::seconds(86_400);

/// How a server is to be.
#[derive(Debug, Clone)]
pub struct TestServerBuilder {
    clock: ClockMode,
    origin: Option<SystemTime>,
    seed: Option<u64>,
    namespaces: Vec<String>,
    search_attributes: Vec<(String, IndexedValueType)>,
    auto_register_search_attributes: bool,
    locked: Option<bool>,
    fails_fast: bool,
}

/// A Temporal-compatible server in this process.
///
/// It is a world of its own: its clock, namespaces and workflows are shared with no other. It ends when
/// the last of its clones and of the [services](Self::service) made from it is dropped.
///
/// ```
/// # #[tokio::main(flavor = "current_thread")] async fn main() -> std::io::Result<()> {
/// use durably_test::server::TestServer;
///
/// let server = TestServer::builder().seed(7).start();
/// let listening = server.listen("127.0.0.1:0".parse().unwrap()).await?;
/// println!("temporal workflow list --address {}", listening.address());
/// # Ok(()) }
/// ```
#[derive(Debug, Clone)]
pub struct TestServer {
    pub(super) shared: Arc<Shared>,
}

impl TestServer {
    /// A server that skips time, with the namespace `default`.
    ///
    /// # Panics
    /// Outside a tokio runtime: the clock is a task of it.
    #[must_use]
    pub fn start() -> Self {
        Self::builder().start()
    }

    /// A server in the making.
    #[must_use]
    pub fn builder() -> TestServerBuilder {
        TestServerBuilder {
            clock: ClockMode::AutoSkip,
            origin: None,
            seed: None,
            namespaces: vec!["default".to_owned()],
            search_attributes: Vec::new(),
            auto_register_search_attributes: false,
            locked: None,
            fails_fast: false,
        }
    }

    /// The server's surface, for callers in this process: a tower service of gRPC calls.
    #[must_use]
    pub fn service(&self) -> TestService {
        TestService {
            shared: self.shared.clone(),
        }
    }

    /// Opens a port for the `temporal` command, other languages and other processes.
    ///
    /// # Errors
    /// The address cannot be listened on.
    pub async fn listen(&self, address: SocketAddr) -> std::io::Result<Listening> {
        let listener = TcpListener::bind(address).await?;
        let address = listener.local_addr()?;
        let service = self.service();
        let incoming = TcpIncoming::from(listener).with_nodelay(Some(true));
        let serving = Server::builder()
            .add_service(Named::<Workflow>::new(&service))
            .add_service(Named::<Operator>::new(&service))
            .add_service(Named::<Test>::new(&service))
            .add_service(Named::<Health>::new(&service))
            .serve_with_incoming(incoming);
        let task = tokio::spawn(serving);
        Ok(Listening { address, task })
    }

    /// What time it is on the server's clock.
    #[must_use]
    pub fn now(&self) -> SystemTime {
        self.shared.with(|world| world.now.system())
    }

    /// How much of the server's time has been skipped.
    #[must_use]
    pub fn skipped(&self) -> Duration {
        self.shared.with(|world| world.clock.skipped().std())
    }

    /// What keeps time from being skipped now; empty if nothing does.
    #[must_use]
    pub fn blocked_on(&self) -> Vec<Blocker> {
        self.shared.with(|world| world.blocked_on())
    }

    /// When the clock next has something to skip to.
    #[must_use]
    pub fn next_target(&self) -> Option<SystemTime> {
        let target = self
            .shared
            .with(|world| world.timers.next_target().map(|(time, _)| time));
        target.map(Time::system)
    }

    /// The history of the current run of a workflow; `None` if there is none.
    #[must_use]
    pub fn history(&self, namespace: &str, workflow_id: &str) -> Option<History> {
        self.shared.with(|world| {
            let run = world.current(namespace, workflow_id)?;
            Some(History {
                events: run.history.events().to_vec(),
            })
        })
    }

    /// Waits until the server's clock has moved on by `duration`. Time is skipped for it as for every
    /// caller that waits; in [`ClockMode::Manual`] use [`advance`](Self::advance).
    pub async fn sleep(&self, duration: Duration) {
        let waiting = self.shared.with(|world| {
            let until = world.now.after(Span::from_std(duration));
            world.sleep_until(until)
        });
        waiting.await;
    }

    /// Moves the clock on by `duration`, whatever is under way, and does on the way what is due, in its
    /// order. Between two moments the workers are given the chance to do what the first one brought:
    /// the clock goes on when nothing is under way, or when `patience` (1 s) has passed in real time.
    pub async fn advance(&self, duration: Duration) {
        let until = self
            .shared
            .with(|world| world.now.after(Span::from_std(duration)));
        loop {
            self.settle(Duration::from_secs(1)).await;
            let is_there = self.shared.with(|world| {
                let next = world.timers.first().filter(|next| *next <= until);
                world.skip_to(next.unwrap_or(until));
                next.is_none()
            });
            if is_there {
                return;
            }
        }
    }

    /// As [`advance`](Self::advance), but gives nobody a chance between two moments.
    pub fn advance_at_once(&self, duration: Duration) {
        self.shared.with(|world| {
            let until = world.now.after(Span::from_std(duration));
            while let Some(next) = world.timers.first().filter(|next| *next <= until) {
                world.skip_to(next);
            }
            world.skip_to(until);
        });
    }

    /// Waits until nothing is under way, at most `patience` of real time; whether that is so.
    pub async fn settle(&self, patience: Duration) -> bool {
        let until = tokio::time::Instant::now() + patience;
        loop {
            if self.shared.with(|world| world.in_flight()) == 0 {
                return true;
            }
            if tokio::time::Instant::now() >= until {
                return false;
            }
            tokio::time::sleep(Duration::from_micros(200)).await;
        }
    }

    /// Keeps time from being skipped until the guard is dropped.
    #[must_use]
    pub fn pause_skipping(&self) -> SkippingPaused {
        self.shared.with(|world| world.locks += 1);
        SkippingPaused {
            shared: self.shared.clone(),
        }
    }
}

impl TestServerBuilder {
    /// How the clock moves; [`ClockMode::AutoSkip`] unless set.
    #[must_use]
    pub fn clock(mut self, mode: ClockMode) -> Self {
        self.clock = mode;
        self
    }

    /// When the server's time begins; now unless set.
    #[must_use]
    pub fn time(mut self, origin: SystemTime) -> Self {
        self.origin = Some(origin);
        self
    }

    /// Where the ids the server makes up come from: equal seeds give equal ids. Unless set, they differ
    /// from server to server.
    #[must_use]
    pub fn seed(mut self, seed: u64) -> Self {
        self.seed = Some(seed);
        self
    }

    /// A further namespace beside `default`.
    #[must_use]
    pub fn namespace(mut self, name: impl Into<String>) -> Self {
        self.namespaces.push(name.into());
        self
    }

    /// A custom search attribute of all namespaces.
    #[must_use]
    pub fn search_attribute(mut self, name: impl Into<String>, kind: IndexedValueType) -> Self {
        self.search_attributes.push((name.into(), kind));
        self
    }

    /// Registers unknown search attributes as they come, with the type their first value has.
    #[must_use]
    pub fn auto_register_search_attributes(mut self) -> Self {
        self.auto_register_search_attributes = true;
        self
    }

    /// Skips time as the Java test server does: whenever nothing is under way and the lock counter of
    /// the `TestService` is zero, without anybody waiting. `locked` says whether it begins with a lock.
    #[must_use]
    pub fn skip_by_locks(mut self, locked: bool) -> Self {
        self.locked = Some(locked);
        self
    }

    /// Ends all waiting once a workflow task has failed for a fault of the workflow's code: whoever waits
    /// for a result, an update or a query, then or later, gets `FAILED_PRECONDITION` with the cause and
    /// the history. Otherwise the task is retried for ever, as on a real server.
    #[must_use]
    pub fn fail_fast(mut self) -> Self {
        self.fails_fast = true;
        self
    }

    /// Starts the server.
    ///
    /// # Panics
    /// Outside a tokio runtime: the clock is a task of it.
    #[must_use]
    pub fn start(self) -> TestServer {
        let origin = self.origin.unwrap_or_else(SystemTime::now);
        let clock = Clock::new(self.clock, Time::from_system(origin));
        let seed = self.seed.unwrap_or_else(|| {
            let (high, low) = uuid::Uuid::new_v4().as_u64_pair();
            high ^ low
        });
        let mut world = World::new(clock, seed, Limits::default());
        world.namespaces.auto_register_search_attributes = self.auto_register_search_attributes;
        world.breakdown.fails_fast = self.fails_fast;
        world.skips_unasked = self.locked.is_some();
        world.locks = i64::from(self.locked == Some(true));
        for name in self.namespaces {
            let mut search_attributes = SearchAttributeRegistry::default();
            let wanted = self.search_attributes.iter();
            let wanted = wanted.map(|(name, kind)| (name.clone(), i32::from(*kind)));
            if let Err(error) = search_attributes.add(&wanted.collect()) {
                tracing::warn!(%error, namespace = name, "search attributes are not registered");
            }
            let id = world.ids.uuid();
            world.namespaces.add(Namespace {
                name: Arc::new(NamespaceName { name, id }),
                search_attributes,
                description: String::new(),
                owner_email: String::new(),
                data: std::collections::BTreeMap::new(),
                retention: RETENTION,
            });
        }
        let shared = Shared::new(world);
        tokio::spawn(Shared::run_clock(Arc::downgrade(&shared)));
        TestServer { shared }
    }
}

/// A port that is open as long as this is kept.
#[derive(Debug)]
pub struct Listening {
    address: SocketAddr,
    task: JoinHandle<Result<(), tonic::transport::Error>>,
}

impl Listening {
    /// Where the server listens.
    #[must_use]
    pub fn address(&self) -> SocketAddr {
        self.address
    }
}

impl Drop for Listening {
    fn drop(&mut self) {
        self.task.abort();
    }
}

/// Keeps time from being skipped.
#[derive(Debug)]
pub struct SkippingPaused {
    shared: Arc<Shared>,
}

impl Drop for SkippingPaused {
    fn drop(&mut self) {
        self.shared.with(|world| world.locks -= 1);
    }
}

/// The server's surface as a tower service, without a socket between.
#[derive(Debug, Clone)]
pub struct TestService {
    shared: Arc<Shared>,
}

impl Service<http::Request<Body>> for TestService {
    type Response = http::Response<Body>;
    type Error = Infallible;
    type Future = ServiceFuture;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, request: http::Request<Body>) -> ServiceFuture {
        ServiceFuture(dispatch(self.shared.clone(), request))
    }
}

/// The answer of a [`TestService`].
pub struct ServiceFuture(Answering);

impl Future for ServiceFuture {
    type Output = Result<http::Response<Body>, Infallible>;

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Self::Output> {
        self.0.as_mut().poll(context).map(Ok)
    }
}

impl fmt::Debug for ServiceFuture {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("ServiceFuture(..)")
    }
}

/// The names under which the surface is routed to.
trait Name: Send + Sync + 'static {
    const NAME: &'static str;
}

macro_rules! names {
    ($($service:ident $name:literal)*) => {
        $(
            struct $service;
            impl Name for $service {
                const NAME: &'static str = $name;
            }
        )*
    };
}

names! {
    Workflow "temporal.api.workflowservice.v1.WorkflowService"
    Operator "temporal.api.operatorservice.v1.OperatorService"
    Test "temporal.api.testservice.v1.TestService"
    Health "grpc.health.v1.Health"
}

/// The surface under one service's name.
struct Named<N> {
    service: TestService,
    name: std::marker::PhantomData<fn() -> N>,
}

impl<N: Name> Named<N> {
    fn new(service: &TestService) -> Self {
        Self {
            service: service.clone(),
            name: std::marker::PhantomData,
        }
    }
}

impl<N> Clone for Named<N> {
    fn clone(&self) -> Self {
        Self {
            service: self.service.clone(),
            name: std::marker::PhantomData,
        }
    }
}

impl<N: Name> NamedService for Named<N> {
    const NAME: &'static str = N::NAME;
}

impl<N: Name> Service<http::Request<Body>> for Named<N> {
    type Response = http::Response<Body>;
    type Error = Infallible;
    type Future = ServiceFuture;

    fn poll_ready(&mut self, context: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
        self.service.poll_ready(context)
    }

    fn call(&mut self, request: http::Request<Body>) -> ServiceFuture {
        self.service.call(request)
    }
}
