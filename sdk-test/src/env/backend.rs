//! The server behind an environment.

use crate::server::TestServer;

/// The server behind an environment.
#[derive(Debug)]
pub(super) enum Backend {
    /// In this process.
    Embedded(TestServer),
}

impl Backend {
    /// The embedded server, for what only that can do.
    pub(super) fn embedded(&self, what: &str) -> &TestServer {
        let Self::Embedded(server) = self;
        let _ = what;
        server
    }

    /// The embedded server, if it is that.
    pub(super) fn as_embedded(&self) -> Option<&TestServer> {
        let Self::Embedded(server) = self;
        Some(server)
    }
}
