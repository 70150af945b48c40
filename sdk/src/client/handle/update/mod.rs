//! Updates: messages that a workflow may refuse, and whose result the caller gets.
//!
//! ```text
//! update(..) ---> UpdateWorkflowExecution --admitted--> the same call again
//!                          |  |
//!                  accepted|  |completed, rejected, failed
//!                          v  v
//!                   UpdateHandle --result--> PollWorkflowExecutionUpdate, again and again
//! ```
//!
//! The server answers each call after 20 s at the latest, with the stage that the update has reached by
//! then.

mod builder;
mod error;
mod handle;
mod message;
mod outcome;
mod send;
mod stage;
mod wait;

pub use builder::UpdateWorkflow;
pub use error::UpdateError;
pub use handle::UpdateHandle;
pub use stage::UpdateStage;

pub(in crate::client) use message::UpdateMessage;
pub(in crate::client) use send::{ids, reached, send};
pub(in crate::client) use wait::Wait;
