//! Administration of worker deployments: which version of the workers' code gets new runs.
//!
//! ```text
//! Client --worker_deployment(name)--> WorkerDeploymentHandle --version(build_id)--> WorkerDeploymentVersionHandle
//!   |                                    describe, set_current_version,                describe, update_metadata,
//!   '--worker_deployments()--> list      set_ramping_version, set_manager, delete      delete
//! ```

mod delete;
mod description;
mod handle;
mod list;
mod manager;
mod metadata;
mod refusal;
mod routing;
mod set_version;
mod version;
mod version_description;

pub use delete::{DeleteDeploymentError, DeleteVersion, DeleteVersionError};
pub use description::WorkerDeploymentDescription;
pub use handle::{ConflictToken, DescribeDeploymentError, WorkerDeploymentHandle};
pub use list::{ListDeploymentsError, WorkerDeploymentSummary, WorkerDeployments};
pub use manager::{SetManager, SetManagerError};
pub use metadata::{UpdateVersionMetadata, UpdateVersionMetadataError};
pub use routing::{DeploymentRouting, RampingVersion};
pub use set_version::{SetVersion, SetVersionError};
pub use version::{DescribeVersionError, WorkerDeploymentVersionHandle};
pub use version_description::{
    VersionDrainage, VersionTaskQueue, WorkerDeploymentVersionDescription,
    WorkerDeploymentVersionSummary,
};
