//! What is wrong with a worker's configuration.

use crate::activity::RegistrationError;
use crate::workflow::DuplicateWorkflow;

/// A worker that cannot be built, and why.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum BuildError {
    /// The task queue's name is empty or reserved.
    #[error("\"{name}\" cannot be a task queue: {reason}")]
    TaskQueue {
        /// The name.
        name: String,
        /// What is wrong with it.
        reason: &'static str,
    },
    /// There is nothing to run.
    #[error(
        "the worker of task queue \"{task_queue}\" has neither workflows nor activities: register some with `.workflow(..)`, `.activity(..)` or `.activities(..)`"
    )]
    NothingRegistered {
        /// The task queue.
        task_queue: String,
    },
    /// Two workflows have one name.
    #[error(transparent)]
    DuplicateWorkflow(#[from] DuplicateWorkflow),
    /// Some activities cannot be registered.
    #[error(transparent)]
    Activities(#[from] RegistrationError),
    /// A workflow has a name that is kept for Temporal itself.
    #[error(
        "workflow type \"{name}\" is reserved: names that begin with `__temporal_` belong to Temporal"
    )]
    ReservedName {
        /// The name.
        name: String,
    },
    /// An option has a value with which the worker could do nothing.
    #[error("`{option}` cannot be {value}: {reason}")]
    Option {
        /// The option.
        option: &'static str,
        /// Its value.
        value: String,
        /// Why not.
        reason: &'static str,
    },
}
