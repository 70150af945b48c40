//! A test environment in the making.

use std::fmt;
use std::time::{Duration, SystemTime};

use durably::client::{Client, ConnectError, ConnectOptions};
use durably_protos::temporal::api::enums::v1::IndexedValueType;
use durably_protos::temporal::api::workflowservice::v1::DescribeNamespaceRequest;

use super::backend::{Backend, Keep};
use super::faults::{Faults, Faulty};
use super::remote::{DevServer, DevServerError, Link, PATIENCE};
use super::test_env::TestEnv;
use crate::server::{TestServer, TestServerBuilder};

/// A test environment cannot be had.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum TestEnvError {
    /// The server does not answer.
    #[error(transparent)]
    Connect(#[from] ConnectError),
    /// The address of the server is none.
    #[error("`{address}` is not an address: {source}")]
    Address {
        /// The address.
        address: String,
        /// What is wrong with it.
        source: tonic::transport::Error,
    },
    /// The development server cannot be run.
    #[error(transparent)]
    DevServer(#[from] DevServerError),
    /// What was asked for needs the server in this process.
    #[error("{what} needs the embedded server: leave `connect` and `dev_server` out")]
    NeedsEmbedded {
        /// What was asked for.
        what: &'static str,
    },
}

/// A test environment in the making: [`TestEnv::builder`].
#[derive(Debug)]
#[must_use = "an environment begins when it is started"]
pub struct TestEnvBuilder {
    server: TestServerBuilder,
    fails_fast: bool,
    checks_replay: bool,
    faults: Option<Faults>,
    place: Place,
    skips_time: bool,
    namespaces: Vec<String>,
    search_attributes: Vec<(String, IndexedValueType)>,
    client_options: ClientOptions,
}

/// What is changed in the options of the environment's client.
#[derive(Default)]
struct ClientOptions(Vec<Box<dyn Fn(ConnectOptions) -> ConnectOptions + Send + Sync>>);

impl ClientOptions {
    fn change(&self, options: ConnectOptions) -> ConnectOptions {
        self.0
            .iter()
            .fold(options, |options, change| change(options))
    }
}

impl fmt::Debug for ClientOptions {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{} changes", self.0.len())
    }
}

/// Where the server is.
#[derive(Debug)]
enum Place {
    Here,
    Elsewhere(String),
    DevServer,
}

impl TestEnvBuilder {
    pub(super) fn new() -> Self {
        Self {
            server: TestServer::builder(),
            fails_fast: true,
            checks_replay: true,
            faults: None,
            place: Place::Here,
            skips_time: true,
            namespaces: Vec::new(),
            search_attributes: Vec::new(),
            client_options: ClientOptions::default(),
        }
    }

    /// Where the ids the server makes up come from: equal seeds give equal ids.
    pub fn seed(self, seed: u64) -> Self {
        self.server(|server| server.seed(seed))
    }

    /// When the server's time begins; now unless set.
    pub fn time(self, origin: SystemTime) -> Self {
        self.server(|server| server.time(origin))
    }

    /// A further namespace beside `default`; `env.client().with_namespace(..)` uses it.
    /// A server of another process must have it already.
    pub fn namespace(mut self, name: impl Into<String>) -> Self {
        self.namespaces.push(name.into());
        self
    }

    /// A custom search attribute. A server of another process must have it already.
    pub fn search_attribute(mut self, name: impl Into<String>, kind: IndexedValueType) -> Self {
        self.search_attributes.push((name.into(), kind));
        self
    }

    /// Uses a server of another process: see [`TestEnv::connect`].
    pub fn connect(mut self, address: impl Into<String>) -> Self {
        self.place = Place::Elsewhere(address.into());
        self
    }

    /// Runs a development server for the environment: see [`TestEnv::dev_server`].
    pub fn dev_server(mut self) -> Self {
        self.place = Place::DevServer;
        self
    }

    /// Does not ask a server of another process to skip time.
    pub fn no_time_skipping(mut self) -> Self {
        self.skips_time = false;
        self
    }

    /// Changes the server's own builder, for all that has no method here.
    pub fn server(mut self, change: impl FnOnce(TestServerBuilder) -> TestServerBuilder) -> Self {
        self.server = change(self.server);
        self
    }

    /// Changes the options of the environment's client, which its workers have too: a payload codec, an
    /// identity. May be called several times while a server of another process comes up.
    pub fn client_options(
        mut self,
        change: impl Fn(ConnectOptions) -> ConnectOptions + Send + Sync + 'static,
    ) -> Self {
        self.client_options.0.push(Box::new(change));
        self
    }

    /// Lets workflow tasks fail and be retried as on a real server. Otherwise the first that fails ends
    /// the test.
    pub fn no_fail_fast(mut self) -> Self {
        self.fails_fast = false;
        self
    }

    /// Does not replay the histories at the end.
    pub fn no_replay_check(mut self) -> Self {
        self.checks_replay = false;
        self
    }

    /// Brings trouble between workers, client and server: see [`Faults`].
    pub fn faults(mut self, faults: Faults) -> Self {
        self.faults = Some(faults);
        self
    }

    /// Starts the environment.
    ///
    /// # Errors
    /// The server does not answer.
    pub async fn try_start(self) -> Result<TestEnv, TestEnvError> {
        match &self.place {
            Place::Here => self.start_here().await,
            Place::Elsewhere(address) => {
                let address = address.clone();
                self.start_elsewhere(address, None).await
            }
            Place::DevServer => {
                let attributes = self.search_attributes.iter();
                let attributes = attributes.map(|(name, kind)| (name.clone(), format!("{kind:?}")));
                let attributes: Vec<_> = attributes.collect();
                let server = DevServer::start(&self.namespaces, &attributes)?;
                let address = server.address().to_owned();
                self.start_elsewhere(address, Some(server)).await
            }
        }
    }

    async fn start_here(self) -> Result<TestEnv, TestEnvError> {
        let mut server = self.server;
        if self.fails_fast {
            server = server.fail_fast();
        }
        for name in self.namespaces {
            server = server.namespace(name);
        }
        for (name, kind) in self.search_attributes {
            server = server.search_attribute(name, kind);
        }
        let server = server.start();
        let options = self.client_options.change(ConnectOptions::new("embedded"));
        let options = match &self.faults {
            Some(faults) => options.service(Faulty::new(server.service(), faults.clone())),
            None => options.service(server.service()),
        };
        let client = Client::connect(options).await?;
        let backend = Backend::Embedded(server);
        let keep = Keep { _dev_server: None };
        let checks_replay = self.checks_replay;
        Ok(TestEnv::begin(
            backend,
            keep,
            client,
            checks_replay,
            self.faults,
        ))
    }

    async fn start_elsewhere(
        self,
        address: String,
        dev_server: Option<DevServer>,
    ) -> Result<TestEnv, TestEnvError> {
        if self.faults.is_some() {
            return Err(TestEnvError::NeedsEmbedded { what: "`faults`" });
        }
        let link = Link::new(&address, self.skips_time, self.fails_fast);
        let link = link.map_err(|source| TestEnvError::Address {
            address: address.clone(),
            source,
        })?;
        let options = || {
            let options = self.client_options.change(ConnectOptions::new(&address));
            options.service(link.clone())
        };
        let until = tokio::time::Instant::now() + PATIENCE;
        let client = loop {
            let is_coming_up = dev_server.is_some() && tokio::time::Instant::now() < until;
            match Client::connect(options()).await {
                Ok(client) if !is_coming_up || has_namespace(&client).await => break client,
                Ok(_) => {}
                Err(_) if is_coming_up => {}
                Err(error) => return Err(error.into()),
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
        };
        let backend = Backend::Remote(link);
        let keep = Keep {
            _dev_server: dev_server,
        };
        Ok(TestEnv::begin(
            backend,
            keep,
            client,
            self.checks_replay,
            None,
        ))
    }

    /// As [`try_start`](Self::try_start).
    ///
    /// # Panics
    /// The server does not answer.
    pub async fn start(self) -> TestEnv {
        match self.try_start().await {
            Ok(env) => env,
            Err(error) => panic!("the test environment cannot be started: {error}"),
        }
    }
}

/// A development server answers before it has its namespace.
async fn has_namespace(client: &Client) -> bool {
    let request = DescribeNamespaceRequest {
        namespace: client.namespace().to_owned(),
        ..DescribeNamespaceRequest::default()
    };
    client.call(request).await.is_ok()
}
