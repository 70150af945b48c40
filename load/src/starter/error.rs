//! Why the starter ended early.

use tonic::Status;

use crate::arguments::ArgumentError;
use crate::connection::ConnectionError;

/// Why the starter ended early.
#[derive(Debug, thiserror::Error)]
pub enum StarterError {
    /// The command line was refused.
    #[error(transparent)]
    Arguments(#[from] ArgumentError),
    /// The first argument is not a command.
    #[error("the first argument has to be `ready` or `run`, not {0:?}")]
    Command(String),
    /// Standard input or output failed.
    #[error("standard input or output failed: {0}")]
    Streams(#[from] std::io::Error),
    /// No connection to the server.
    #[error(transparent)]
    Connection(#[from] ConnectionError),
    /// The server did not get ready.
    #[error("the server at {address} did not get ready in {seconds} s: {last_error}")]
    NotReady {
        /// The server's address.
        address: String,
        /// How long was waited.
        seconds: u64,
        /// The last attempt's error.
        last_error: Box<Self>,
    },
    /// Nobody polls the task queue.
    #[error(
        "after {seconds} s nobody polls task queue {task_queue:?} for {kind} tasks; is the worker running?"
    )]
    NoPoller {
        /// The task queue.
        task_queue: String,
        /// Workflow or activity.
        kind: &'static str,
        /// How long was waited.
        seconds: u64,
    },
    /// A call failed.
    #[error("{method} failed: {status}")]
    Call {
        /// The RPC.
        method: &'static str,
        /// The server's answer.
        status: Box<Status>,
    },
    /// A workflow did not end as it should.
    #[error("workflow {workflow_id:?} should have returned {expected}, but {outcome}")]
    Outcome {
        /// The workflow's id.
        workflow_id: String,
        /// What it should have returned.
        expected: u64,
        /// How it ended instead.
        outcome: String,
    },
    /// A part of the starter panicked.
    #[error("a workflow's task in the starter panicked: {0}")]
    Panicked(#[from] tokio::task::JoinError),
}

/// A failed call as an error.
pub(super) fn call(method: &'static str) -> impl FnOnce(Status) -> StarterError {
    move |status| StarterError::Call {
        method,
        status: Box::new(status),
    }
}
