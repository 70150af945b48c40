//! Starting workflows.

mod builder;
mod error;
mod run;
mod signal;
mod update;

pub use builder::StartWorkflow;
pub use error::{ExecuteError, StartError, UpdateWithStartError};
pub use run::{Execute, Start};
pub use signal::WithSignal;
pub use update::UpdateWithStart;

use crate::definition::WorkflowDefinition;
use crate::payload::RawPayload;

/// The definition of a workflow whose types are not known here: it is named at run time, its
/// arguments are payloads, and so is its result.
#[derive(Debug, Clone, Copy)]
pub struct Untyped;

impl WorkflowDefinition for Untyped {
    type Owner = Self;
    type Parameters = ();
    type Output = RawPayload;
    const NAME: &'static str = "";
}
