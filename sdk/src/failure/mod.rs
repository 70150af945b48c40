//! What goes wrong in workflows and activities, as values that travel through Temporal.
//!
//! ```text
//! user code                         history                     user code
//! any error --> ActivityError  -->  proto Failure (chain)  -->  Failure::Activity
//!               WorkflowError                                      cause: Failure::Application
//! ```
//!
//! * User code returns any error by `?`; it becomes an [`ApplicationFailure`] with the error's
//!   message, the short name of its type, and its chain of sources as causes. An
//!   [`ApplicationFailure`] built by hand controls type, details, retries and more.
//! * User code receives a [`Failure`]: what the server says happened, with the original failure as
//!   its cause.
//! * A failure that came from elsewhere (another SDK, the server) and is passed on goes out as it
//!   came in.
//!
//! # Limits
//! The server turns a failure that is too large (2 MiB by default) into one that is not retried and
//! says nothing of the original. So that this cannot happen to messages and stack traces, those
//! made here are cut to [`MAX_MESSAGE_BYTES`] and [`MAX_STACK_TRACE_BYTES`], and a chain goes out
//! with at most [`MAX_CAUSES`] causes; where something was cut, the text says so. Details are left
//! alone: the worker checks their size before it sends them.

mod activity_error;
mod application;
mod continue_as_new;
mod encoded;
mod execution;
mod from_error;
mod kinds;
mod limits;
mod nexus;
mod outcome;
mod proto;
mod record;
mod retry_policy;
mod stack_trace;
mod workflow_error;

pub use activity_error::{ActivityError, ActivityResult};
pub use application::ApplicationFailure;
pub use continue_as_new::ContinueAsNew;
pub use durably_protos::temporal::api::enums::v1::{
    ApplicationErrorCategory, NexusHandlerErrorRetryBehavior, RetryState, TimeoutType,
};
pub use execution::{ActivityFailure, ChildWorkflowFailure};
pub use kinds::Failure;
pub use limits::{MAX_CAUSES, MAX_MESSAGE_BYTES, MAX_STACK_TRACE_BYTES};
pub use nexus::{NexusHandlerFailure, NexusOperationFailure};
pub use outcome::{
    CanceledFailure, ResetWorkflowFailure, ServerFailure, TerminatedFailure, TimeoutFailure,
};
pub use retry_policy::{InvalidRetryPolicy, RetryPolicy};
pub use workflow_error::{WorkflowError, WorkflowResult};

pub(crate) use stack_trace::captured as captured_stack_trace;
