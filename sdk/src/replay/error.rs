//! Why a history does not replay.

use durably_engine::{Nondeterminism, RunError};

/// A history and today's code do not fit together, or the history cannot be read.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum ReplayError {
    /// The bytes are no `temporal.api.history.v1.History`.
    #[error("not a binary history: {0}")]
    Unreadable(String),
    /// The history has no first event that names its workflow type.
    #[error(
        "the history does not begin with a WorkflowExecutionStarted event that names a workflow type"
    )]
    NoStart,
    /// The workflow type is not registered.
    #[error("workflow type \"{workflow_type}\" is not registered with the replayer")]
    UnknownWorkflow {
        /// The type.
        workflow_type: String,
    },
    /// The payload codec cannot decode the history's payloads.
    #[error(
        "{problem}; the replayer needs the codec, and the keys, with which the history was recorded"
    )]
    Undecodable {
        /// What the codec said.
        problem: String,
    },
    /// The code does not follow the history.
    #[error("workflow \"{workflow_type}\": {error}")]
    Run {
        /// The workflow's type.
        workflow_type: String,
        /// What went wrong.
        error: RunError,
    },
}

impl ReplayError {
    /// The difference between code and history, if that is what went wrong.
    pub fn nondeterminism(&self) -> Option<&Nondeterminism> {
        match self {
            Self::Run {
                error: RunError::Nondeterminism(difference),
                ..
            } => Some(difference),
            _ => None,
        }
    }
}
