//! What the server knows of a deployment.

use std::time::SystemTime;

use durably_protos::temporal::api::deployment::v1::WorkerDeploymentInfo;
use durably_protos::temporal::api::enums::v1::RoutingConfigUpdateState;
use durably_protos::temporal::api::workflowservice::v1::DescribeWorkerDeploymentResponse;

use super::{ConflictToken, DeploymentRouting, WorkerDeploymentVersionSummary};
use crate::proto_time::system_time;

/// What the server knows of a deployment:
/// [`WorkerDeploymentHandle::describe`](super::WorkerDeploymentHandle::describe).
#[derive(Debug, Clone, PartialEq)]
pub struct WorkerDeploymentDescription {
    raw: DescribeWorkerDeploymentResponse,
    info: WorkerDeploymentInfo,
}

impl From<DescribeWorkerDeploymentResponse> for WorkerDeploymentDescription {
    fn from(raw: DescribeWorkerDeploymentResponse) -> Self {
        Self {
            info: raw.worker_deployment_info.clone().unwrap_or_default(),
            raw,
        }
    }
}

impl WorkerDeploymentDescription {
    /// The answer as it came, with all that has no method here.
    pub fn raw(&self) -> &DescribeWorkerDeploymentResponse {
        &self.raw
    }

    /// The deployment's name.
    pub fn name(&self) -> &str {
        &self.info.name
    }

    /// What a change gives along so that it is refused if the deployment is no longer as it is here.
    pub fn conflict_token(&self) -> ConflictToken {
        ConflictToken(self.raw.conflict_token.clone())
    }

    /// Which versions get new runs.
    pub fn routing(&self) -> DeploymentRouting {
        self.info.routing_config.clone().unwrap_or_default().into()
    }

    /// Whether all task queues go by that routing; servers need a moment to tell them. `None` where
    /// the server does not say so.
    pub fn is_routing_in_effect(&self) -> Option<bool> {
        match self.info.routing_config_update_state() {
            RoutingConfigUpdateState::Completed => Some(true),
            RoutingConfigUpdateState::InProgress => Some(false),
            RoutingConfigUpdateState::Unspecified => None,
        }
    }

    /// The versions that the server knows.
    pub fn versions(&self) -> Vec<WorkerDeploymentVersionSummary> {
        let summaries = self.info.version_summaries.iter().cloned();
        summaries.map(Into::into).collect()
    }

    /// The only identity under which the deployment is changed, if it is guarded so.
    pub fn manager_identity(&self) -> Option<&str> {
        Some(self.info.manager_identity.as_str()).filter(|identity| !identity.is_empty())
    }

    /// The identity of the client that changed the deployment last; empty if none did.
    pub fn last_modifier_identity(&self) -> &str {
        &self.info.last_modifier_identity
    }

    /// When the deployment's first worker polled.
    pub fn create_time(&self) -> Option<SystemTime> {
        self.info.create_time.as_ref().and_then(system_time)
    }
}
