//! What the server knows of a version of a deployment.

use std::time::SystemTime;

use durably_protos::temporal::api::deployment::v1::worker_deployment_info::WorkerDeploymentVersionSummary as ProtoSummary;
use durably_protos::temporal::api::deployment::v1::{
    VersionDrainageInfo, WorkerDeploymentVersionInfo,
};
use durably_protos::temporal::api::enums::v1::{
    TaskQueueType, VersionDrainageStatus, WorkerDeploymentVersionStatus,
};
use durably_protos::temporal::api::workflowservice::v1::DescribeWorkerDeploymentVersionResponse;

use crate::options::WorkerDeploymentVersion;
use crate::payload::Memo;
use crate::proto_time::system_time;

/// What the server knows of a version:
/// [`WorkerDeploymentVersionHandle::describe`](super::WorkerDeploymentVersionHandle::describe).
#[derive(Debug, Clone, PartialEq)]
pub struct WorkerDeploymentVersionDescription {
    raw: DescribeWorkerDeploymentVersionResponse,
    info: WorkerDeploymentVersionInfo,
}

/// A version in the description of its deployment.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct WorkerDeploymentVersionSummary {
    /// The version.
    pub version: WorkerDeploymentVersion,
    /// What it is for new runs; a status that this version of the SDK does not know counts as
    /// unspecified.
    pub status: WorkerDeploymentVersionStatus,
    /// Whether runs are left on it, once it gets no new ones.
    pub drainage: Option<VersionDrainage>,
    /// When its first worker polled.
    pub create_time: Option<SystemTime>,
}

/// Whether runs are left on a version that gets no new ones.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct VersionDrainage {
    /// `Draining` as long as pinned runs are open on it, `Drained` from then on: its workers can go,
    /// unless closed workflows are still queried.
    pub status: VersionDrainageStatus,
    /// When the status became what it is.
    pub last_changed_time: Option<SystemTime>,
    /// When the server looked last. It does so every few minutes.
    pub last_checked_time: Option<SystemTime>,
}

/// A task queue that a version's workers have polled.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct VersionTaskQueue {
    /// Its name.
    pub name: String,
    /// Which tasks they have polled for.
    pub kind: TaskQueueType,
}

impl From<DescribeWorkerDeploymentVersionResponse> for WorkerDeploymentVersionDescription {
    fn from(raw: DescribeWorkerDeploymentVersionResponse) -> Self {
        let info = raw.worker_deployment_version_info.clone();
        Self {
            info: info.unwrap_or_default(),
            raw,
        }
    }
}

impl WorkerDeploymentVersionDescription {
    /// The answer as it came, with all that has no method here.
    pub fn raw(&self) -> &DescribeWorkerDeploymentVersionResponse {
        &self.raw
    }

    /// The version.
    pub fn version(&self) -> WorkerDeploymentVersion {
        let version = self.info.deployment_version.clone();
        version.unwrap_or_default().into()
    }

    /// What it is for new runs; a status that this version of the SDK does not know counts as
    /// unspecified.
    pub fn status(&self) -> WorkerDeploymentVersionStatus {
        self.info.status()
    }

    /// How many of a hundred runs it gets, while it ramps up.
    pub fn ramp_percentage(&self) -> f32 {
        self.info.ramp_percentage
    }

    /// Whether runs are left on it, once it gets no new ones.
    pub fn drainage(&self) -> Option<VersionDrainage> {
        self.info.drainage_info.as_ref().map(drainage)
    }

    /// The task queues that its workers have polled.
    pub fn task_queues(&self) -> Vec<VersionTaskQueue> {
        let queues = self.raw.version_task_queues.iter();
        let queues = queues.map(|queue| VersionTaskQueue {
            name: queue.name.clone(),
            kind: queue.r#type(),
        });
        queues.collect()
    }

    /// The values that stand beside it.
    pub fn metadata(&self) -> Memo {
        Memo::from_fields(self.info.metadata.clone().unwrap_or_default().entries)
    }

    /// When its first worker polled.
    pub fn create_time(&self) -> Option<SystemTime> {
        self.info.create_time.as_ref().and_then(system_time)
    }

    /// Since when it is the current one, if it is.
    pub fn current_since(&self) -> Option<SystemTime> {
        self.info.current_since_time.as_ref().and_then(system_time)
    }

    /// Since when it ramps up, if it does.
    pub fn ramping_since(&self) -> Option<SystemTime> {
        self.info.ramping_since_time.as_ref().and_then(system_time)
    }
}

impl From<ProtoSummary> for WorkerDeploymentVersionSummary {
    fn from(summary: ProtoSummary) -> Self {
        Self {
            status: summary.status(),
            drainage: summary.drainage_info.as_ref().map(drainage),
            create_time: summary.create_time.as_ref().and_then(system_time),
            version: summary.deployment_version.unwrap_or_default().into(),
        }
    }
}

fn drainage(info: &VersionDrainageInfo) -> VersionDrainage {
    VersionDrainage {
        status: info.status(),
        last_changed_time: info.last_changed_time.as_ref().and_then(system_time),
        last_checked_time: info.last_checked_time.as_ref().and_then(system_time),
    }
}
