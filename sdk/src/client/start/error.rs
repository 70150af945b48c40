//! Why a workflow could not be started.

use super::super::rpc::{RpcError, RpcErrorDetail};
use super::super::{ResultError, UpdateError};
use crate::failure::InvalidRetryPolicy;
use crate::payload::PayloadError;

/// A workflow was not started.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum StartError {
    /// A workflow with that id is running, or has run and its id may not be used again. Use
    /// [`WorkflowIdConflictPolicy`](crate::options::WorkflowIdConflictPolicy) and
    /// [`WorkflowIdReusePolicy`](crate::options::WorkflowIdReusePolicy) to say what shall happen then.
    #[error("workflow `{workflow_id}` has already been started (run `{run_id}`)")]
    AlreadyStarted {
        /// The workflow's id.
        workflow_id: String,
        /// The run that is in the way.
        run_id: String,
    },
    /// No task queue was given.
    #[error(
        "no task queue to start workflow `{workflow_id}` on: set one with `.task_queue(\"...\")`"
    )]
    NoTaskQueue {
        /// The workflow's id.
        workflow_id: String,
    },
    /// A start with an update was not told what to do if the workflow runs.
    #[error(
        "starting workflow `{workflow_id}` with an update needs to know what to do if it runs: set \
         `.id_conflict_policy(WorkflowIdConflictPolicy::UseExisting)` or `Fail`"
    )]
    NoConflictPolicy {
        /// The workflow's id.
        workflow_id: String,
    },
    /// An argument could not be encoded.
    #[error("cannot encode the workflow's arguments: {0}")]
    Payload(#[from] PayloadError),
    /// The retry policy cannot be used.
    #[error(transparent)]
    RetryPolicy(#[from] InvalidRetryPolicy),
    /// The call failed.
    #[error(transparent)]
    Rpc(RpcError),
}

impl StartError {
    pub(super) fn from_rpc(error: RpcError, workflow_id: &str) -> Self {
        match error.detail() {
            Some(RpcErrorDetail::WorkflowExecutionAlreadyStarted { run_id }) => {
                Self::AlreadyStarted {
                    workflow_id: workflow_id.to_owned(),
                    run_id,
                }
            }
            _ => Self::Rpc(error),
        }
    }
}

/// A workflow was not started, or gave no result.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ExecuteError {
    /// It was not started.
    #[error(transparent)]
    Start(#[from] StartError),
    /// It gave no result.
    #[error(transparent)]
    Result(#[from] ResultError),
}

/// A start with an update failed.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum UpdateWithStartError {
    /// The start failed; nothing was started and no update sent.
    #[error(transparent)]
    Start(#[from] StartError),
    /// The update gave no result.
    ///
    /// Where it was rejected or failed, the workflow that it was sent to runs all the same, be it new or
    /// not.
    #[error(transparent)]
    Update(#[from] UpdateError),
}
