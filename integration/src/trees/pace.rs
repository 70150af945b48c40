//! Whose time passes between the messages to a tree.

use std::time::Duration;

use durably_test::server::TestServer;

/// Whose time passes.
#[derive(Debug, Clone)]
pub enum Pace {
    /// Everybody's.
    Real,
    /// That of a server in this process, which skips it.
    Of(TestServer),
}

impl Pace {
    /// Waits until so much of it has passed.
    pub async fn sleep(&self, duration: Duration) {
        match self {
            Self::Real => tokio::time::sleep(duration).await,
            Self::Of(server) => server.sleep(duration).await,
        }
    }
}
