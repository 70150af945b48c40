//! Which versions of a deployment get new runs.

use durably_protos::temporal::api::deployment::v1::RoutingConfig;

use crate::options::WorkerDeploymentVersion;

/// Which versions of a deployment get new runs, and those that follow versions.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct DeploymentRouting {
    /// The version that gets them; `None` for workers without a version.
    pub current: Option<WorkerDeploymentVersion>,
    /// The version that gets some of them.
    pub ramping: Option<RampingVersion>,
}

/// A version that gets a part of the runs.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct RampingVersion {
    /// The version; `None` for workers without a version.
    pub version: Option<WorkerDeploymentVersion>,
    /// How many of a hundred runs it gets.
    pub percentage: f32,
}

impl From<RoutingConfig> for DeploymentRouting {
    fn from(config: RoutingConfig) -> Self {
        let ramping = RampingVersion {
            version: config.ramping_deployment_version.map(Into::into),
            percentage: config.ramping_version_percentage,
        };
        // A percentage without a version ramps up the workers without one.
        let ramps = ramping.version.is_some() || ramping.percentage > 0.0;
        Self {
            current: config.current_deployment_version.map(Into::into),
            ramping: ramps.then_some(ramping),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_ramp_may_be_to_workers_without_a_version() {
        let nothing = DeploymentRouting::from(RoutingConfig::default());
        assert_eq!((nothing.current, nothing.ramping), (None, None));
        let unversioned = DeploymentRouting::from(RoutingConfig {
            ramping_version_percentage: 5.0,
            ..RoutingConfig::default()
        });
        let ramping = unversioned.ramping.unwrap();
        assert_eq!((ramping.version, ramping.percentage), (None, 5.0));
        let version = WorkerDeploymentVersion::new("orders", "8");
        let at_zero = DeploymentRouting::from(RoutingConfig {
            ramping_deployment_version: Some(version.clone().into()),
            ..RoutingConfig::default()
        });
        assert_eq!(at_zero.ramping.unwrap().version, Some(version));
    }
}
