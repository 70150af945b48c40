//! On which version of a worker deployment one workflow runs, whatever its workers say.

use durably_protos::temporal::api::deployment::v1;
use durably_protos::temporal::api::enums::v1 as enums;
use durably_protos::temporal::api::workflow::v1 as workflow;
use durably_protos::temporal::api::workflow::v1::versioning_override::{
    OneTimeOverride, Override, PinnedOverride, PinnedOverrideBehavior,
};

/// A version of a worker deployment; see
/// [`WorkerDeployment`](crate::worker::WorkerDeployment).
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct WorkerDeploymentVersion {
    /// The deployment's name.
    pub deployment_name: String,
    /// The version's build id.
    pub build_id: String,
}

impl WorkerDeploymentVersion {
    /// This version of this deployment.
    pub fn new(deployment_name: impl Into<String>, build_id: impl Into<String>) -> Self {
        Self {
            deployment_name: deployment_name.into(),
            build_id: build_id.into(),
        }
    }
}

/// On which version of a worker deployment a workflow runs: comes before the versioning behavior
/// that its workers give it, until it is removed.
///
/// Children, retries and the runs it continues as inherit it where they run in the same deployment.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum VersioningOverride {
    /// On this version, which must exist.
    Pinned(WorkerDeploymentVersion),
    /// On the current version, and on each that becomes it.
    AutoUpgrade,
    /// On this version until one workflow task was completed there; then as without an override.
    OneTime(WorkerDeploymentVersion),
}

impl From<WorkerDeploymentVersion> for v1::WorkerDeploymentVersion {
    fn from(version: WorkerDeploymentVersion) -> Self {
        Self {
            deployment_name: version.deployment_name,
            build_id: version.build_id,
        }
    }
}

impl From<v1::WorkerDeploymentVersion> for WorkerDeploymentVersion {
    fn from(version: v1::WorkerDeploymentVersion) -> Self {
        Self::new(version.deployment_name, version.build_id)
    }
}

impl From<VersioningOverride> for workflow::VersioningOverride {
    fn from(versioning: VersioningOverride) -> Self {
        let chosen = match versioning {
            VersioningOverride::Pinned(version) => Override::Pinned(PinnedOverride {
                behavior: PinnedOverrideBehavior::Pinned.into(),
                version: Some(version.into()),
            }),
            VersioningOverride::AutoUpgrade => Override::AutoUpgrade(true),
            VersioningOverride::OneTime(version) => Override::OneTime(OneTimeOverride {
                target_deployment_version: Some(version.into()),
            }),
        };
        Self {
            r#override: Some(chosen),
            ..Self::default()
        }
    }
}

impl VersioningOverride {
    /// None for one that this version of the SDK does not know.
    pub(crate) fn from_proto(proto: workflow::VersioningOverride) -> Option<Self> {
        match proto.r#override? {
            Override::Pinned(pinned) => Some(Self::Pinned(pinned.version?.into())),
            Override::AutoUpgrade(true) => Some(Self::AutoUpgrade),
            Override::AutoUpgrade(false) => None,
            Override::OneTime(one) => Some(Self::OneTime(one.target_deployment_version?.into())),
        }
    }
}

/// On which version of its deployment the run begins that a workflow continues as. Servers regard
/// this as experimental.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum ContinueAsNewVersioningBehavior {
    /// On the version that new runs get: also a pinned workflow gets to newer code by this.
    AutoUpgrade,
    /// On the version that is ramping up; on the current one if none is.
    UseRampingVersion,
}

impl From<ContinueAsNewVersioningBehavior> for enums::ContinueAsNewVersioningBehavior {
    fn from(behavior: ContinueAsNewVersioningBehavior) -> Self {
        match behavior {
            ContinueAsNewVersioningBehavior::AutoUpgrade => Self::AutoUpgrade,
            ContinueAsNewVersioningBehavior::UseRampingVersion => Self::UseRampingVersion,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_sent_is_read() {
        let version = WorkerDeploymentVersion::new("orders", "7");
        for versioning in [
            VersioningOverride::Pinned(version.clone()),
            VersioningOverride::AutoUpgrade,
            VersioningOverride::OneTime(version),
        ] {
            let proto = workflow::VersioningOverride::from(versioning.clone());
            assert_eq!(VersioningOverride::from_proto(proto), Some(versioning));
        }
        let unknown = workflow::VersioningOverride::default();
        assert_eq!(VersioningOverride::from_proto(unknown), None);
    }
}
