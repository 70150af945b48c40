//! A test environment in the making.

use std::time::SystemTime;

use durably::client::{Client, ConnectError, ConnectOptions};
use durably_protos::temporal::api::enums::v1::IndexedValueType;

use super::backend::Backend;
use super::test_env::TestEnv;
use crate::server::{TestServer, TestServerBuilder};

/// A test environment cannot be had.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum TestEnvError {
    /// The server does not answer.
    #[error(transparent)]
    Connect(#[from] ConnectError),
}

/// A test environment in the making: [`TestEnv::builder`].
#[derive(Debug)]
#[must_use = "an environment begins when it is started"]
pub struct TestEnvBuilder {
    server: TestServerBuilder,
    fails_fast: bool,
    checks_replay: bool,
}

impl TestEnvBuilder {
    pub(super) fn new() -> Self {
        Self {
            server: TestServer::builder(),
            fails_fast: true,
            checks_replay: true,
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
    pub fn namespace(self, name: impl Into<String>) -> Self {
        self.server(|server| server.namespace(name))
    }

    /// A custom search attribute.
    pub fn search_attribute(self, name: impl Into<String>, kind: IndexedValueType) -> Self {
        self.server(|server| server.search_attribute(name, kind))
    }

    /// Changes the server's own builder, for all that has no method here.
    pub fn server(mut self, change: impl FnOnce(TestServerBuilder) -> TestServerBuilder) -> Self {
        self.server = change(self.server);
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

    /// Starts the environment.
    ///
    /// # Errors
    /// The server does not answer.
    pub async fn try_start(self) -> Result<TestEnv, TestEnvError> {
        let server = match self.fails_fast {
            true => self.server.fail_fast(),
            false => self.server,
        };
        let server = server.start();
        let options = ConnectOptions::new("embedded").service(server.service());
        let client = Client::connect(options).await?;
        let backend = Backend::Embedded(server);
        Ok(TestEnv::begin(backend, client, self.checks_replay))
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
