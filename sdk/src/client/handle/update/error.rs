//! Why an update gave no result.

use super::super::super::rpc::RpcError;
use crate::failure::Failure;
use crate::payload::PayloadError;

/// What the server says of a workflow that closed before it accepted the update.
const ABORTED: &str = "aborted by closing workflow";
/// What it says of a workflow that was closed already.
const CLOSED: &str = "workflow execution already completed";

/// An update gave no result.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum UpdateError {
    /// It was rejected, or its handler failed.
    ///
    /// The server reports both alike. Of a rejected update nothing is in the workflow's history, and
    /// the same id may be sent again; validators therefore best give their failures types of their own.
    #[error("the update was rejected or failed: {0}")]
    Failed(#[source] Failure),
    /// There is no such workflow, or no such run of it; or no such update, where one was asked for by
    /// its id.
    #[error("there is no workflow `{workflow_id}` with update `{update_id}`: {message}")]
    NotFound {
        /// The workflow's id.
        workflow_id: String,
        /// The update's id.
        update_id: String,
        /// What the server said.
        message: String,
    },
    /// The workflow was closed, or closed before the update completed.
    #[error(
        "workflow `{workflow_id}` closed before it {} update `{update_id}`",
        if *accepted { "completed" } else { "accepted" }
    )]
    WorkflowClosed {
        /// The workflow's id.
        workflow_id: String,
        /// The update's id.
        update_id: String,
        /// Whether the workflow had accepted it: its handler has run in part. Else nothing of it has.
        accepted: bool,
    },
    /// The workflow cannot take the update now: its tasks keep failing, or it has had too many updates.
    #[error("workflow `{workflow_id}` cannot take an update: {message}")]
    NotReady {
        /// The workflow's id.
        workflow_id: String,
        /// What the server said.
        message: String,
    },
    /// The server has told nothing of the update for 5 minutes. It may have been accepted, and may
    /// still be: ask again by its id, with [`update_handle`](crate::client::WorkflowHandle::update_handle),
    /// or send it again under the same id.
    #[error("no answer from the server about update `{update_id}` of workflow `{workflow_id}`")]
    TimedOut {
        /// The workflow's id.
        workflow_id: String,
        /// The update's id.
        update_id: String,
    },
    /// The update's id is empty: repeated calls could not be told from others.
    #[error(
        "the update for workflow `{workflow_id}` has an empty id: leave `.update_id(..)` out for a random one"
    )]
    EmptyUpdateId {
        /// The workflow's id.
        workflow_id: String,
    },
    /// An argument could not be encoded, or the result not be read.
    #[error("cannot encode or read the update's values: {0}")]
    Payload(#[from] PayloadError),
    /// A call failed.
    #[error(transparent)]
    Rpc(RpcError),
}

impl UpdateError {
    pub(in crate::client) fn from_rpc(error: RpcError, workflow_id: &str, update_id: &str) -> Self {
        let message = error.message();
        let closed = message.contains(ABORTED) || message == CLOSED;
        match error.code() {
            _ if error.is_not_found() && closed => Self::WorkflowClosed {
                workflow_id: workflow_id.to_owned(),
                update_id: update_id.to_owned(),
                accepted: false,
            },
            _ if error.is_not_found() => Self::NotFound {
                workflow_id: workflow_id.to_owned(),
                update_id: update_id.to_owned(),
                message: message.to_owned(),
            },
            tonic::Code::FailedPrecondition => Self::NotReady {
                workflow_id: workflow_id.to_owned(),
                message: message.to_owned(),
            },
            // Which of the two it is depends on who gives up first, the server or the client.
            tonic::Code::DeadlineExceeded | tonic::Code::Cancelled if !error.is_refused() => {
                Self::TimedOut {
                    workflow_id: workflow_id.to_owned(),
                    update_id: update_id.to_owned(),
                }
            }
            _ => Self::Rpc(error),
        }
    }
}
