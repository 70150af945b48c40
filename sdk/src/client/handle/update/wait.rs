//! The wait for what the server tells in several calls.

use std::time::Duration;

use tokio::time::Instant;
use tonic::Code;

use super::super::super::rpc::RpcError;

/// How long the server may be silent: as long as it may be out of reach.
const SILENCE: Duration = Duration::from_secs(300);
/// The least time between two calls, for a server that answers without having waited.
const PACE: Duration = Duration::from_millis(200);

/// The wait for what the server tells in several calls.
#[derive(Debug)]
pub(in crate::client) struct Wait {
    called: Option<Instant>,
    /// When the server last said anything of the matter.
    heard: Instant,
}

impl Wait {
    pub(in crate::client) fn new() -> Self {
        Self {
            called: None,
            heard: Instant::now(),
        }
    }

    /// Waits until the next call may be made.
    pub(in crate::client) async fn for_turn(&mut self) {
        if let Some(called) = self.called {
            tokio::time::sleep_until(called + PACE).await;
        }
        self.called = Some(Instant::now());
    }

    /// Takes note of an answer that is not the last.
    pub(in crate::client) fn heard(&mut self) {
        self.heard = Instant::now();
    }

    /// Whether this error is no more than the end of one call's time.
    pub(in crate::client) fn outlasts(&self, error: &RpcError) -> bool {
        matches!(error.code(), Code::DeadlineExceeded | Code::Cancelled)
            && !error.is_refused()
            && self.heard.elapsed() < SILENCE
    }
}
