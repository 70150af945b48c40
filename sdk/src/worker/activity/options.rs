//! What the activity side of a worker needs to know.

use std::time::Duration;

use durably_protos::temporal::api::deployment::v1::WorkerDeploymentOptions;

use crate::worker::{WorkerDeployment, WorkerOptions};

/// What the activity side of a worker needs to know.
#[derive(Debug, Clone)]
pub(crate) struct ActivityWorkerOptions {
    pub(crate) task_queue: String,
    pub(crate) identity: String,
    pub(crate) worker_instance_key: String,
    /// The namespace's limit on a result, a failure, or the details of a heartbeat, in bytes.
    pub(crate) blob_size_limit: usize,
    pub(crate) worker: WorkerOptions,
}

impl ActivityWorkerOptions {
    /// Which version this worker is, in polls and answers (protocol 8).
    pub(super) fn deployment_options(&self) -> Option<WorkerDeploymentOptions> {
        let deployment = self.worker.deployment.as_ref();
        deployment.map(WorkerDeployment::to_proto)
    }

    /// How often the heartbeats of an attempt are sent (protocol 6.2): soon enough that the server
    /// hears one in each heartbeat timeout, seldom enough that it is not flooded.
    pub(super) fn throttle_interval(&self, heartbeat_timeout: Option<Duration>) -> Duration {
        heartbeat_timeout
            .map_or(self.worker.default_heartbeat_throttle_interval, |timeout| {
                timeout / 5 * 4
            })
            .min(self.worker.max_heartbeat_throttle_interval)
    }
}
