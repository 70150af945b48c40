//! Why the null worker ended early.

use std::io;

use tonic::Status;

use crate::arguments::ArgumentError;
use crate::connection::ConnectionError;

/// Why the null worker ended early.
#[derive(Debug, thiserror::Error)]
pub enum NullError {
    /// The command line was refused.
    #[error(transparent)]
    Arguments(#[from] ArgumentError),
    /// The runtime, the signal handlers or standard output failed.
    #[error("{doing}: {source}")]
    Process {
        /// What was being done.
        doing: &'static str,
        /// The system's error.
        source: io::Error,
    },
    /// No connection to the server.
    #[error(transparent)]
    Connection(#[from] ConnectionError),
    /// A call failed, which spoils the measurement.
    #[error("{method} failed: {status}")]
    Call {
        /// The RPC.
        method: &'static str,
        /// The server's answer.
        status: Box<Status>,
    },
    /// There is no prepared answer to a task.
    #[error("no prepared answer to a task of workflow {workflow_id:?}: {reason}")]
    NotPrepared {
        /// The workflow's id.
        workflow_id: String,
        /// What the matter is.
        reason: &'static str,
    },
}

/// A failed call as an error.
pub(super) fn call(method: &'static str) -> impl FnOnce(Status) -> NullError {
    move |status| NullError::Call {
        method,
        status: Box::new(status),
    }
}

/// A failure of the system as an error.
pub(super) fn process(doing: &'static str) -> impl FnOnce(io::Error) -> NullError {
    move |source| NullError::Process { doing, source }
}
