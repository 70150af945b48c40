//! Options that clients and workflows share.

mod parent_close_policy;
mod priority;
mod time_skipping;
mod versioning_override;
mod workflow_id;

pub use parent_close_policy::ParentClosePolicy;
pub use priority::Priority;
pub use time_skipping::TimeSkipping;
pub use versioning_override::{
    ContinueAsNewVersioningBehavior, VersioningOverride, WorkerDeploymentVersion,
};
pub use workflow_id::{WorkflowIdConflictPolicy, WorkflowIdReusePolicy};
