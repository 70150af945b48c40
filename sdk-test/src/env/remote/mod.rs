//! Environments on servers of their own process: the real one.

mod dev_server;
mod link;

use std::time::Duration;

pub(super) use dev_server::DevServer;
pub use dev_server::DevServerError;
pub(super) use link::Link;

/// How long a server may take to answer when an environment begins.
pub(super) const PATIENCE: Duration = Duration::from_secs(30);
