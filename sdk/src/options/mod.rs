//! Options that clients and workflows share.

mod priority;
mod workflow_id;

pub use priority::Priority;
pub use workflow_id::{WorkflowIdConflictPolicy, WorkflowIdReusePolicy};
