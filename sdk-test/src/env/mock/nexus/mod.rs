//! Mocks of Nexus operations: an endpoint with handlers that call closures.

mod answer;
mod completer;
mod context;
mod endpoint;
mod error;
mod handlers;
mod mock;
mod operation;
mod serve;
mod started;

pub(in crate::env) use endpoint::NexusEndpoints;

pub use context::NexusMockContext;
pub use error::NexusError;
pub use mock::NexusMock;
pub use started::{EndOperationError, StartedOperation};

/// What the handlers call themselves.
const IDENTITY: &str = "durably-test";
/// With what operations end that a workflow has canceled.
const BY_REQUEST: &str = "canceled by request";
