//! What the activity side of a worker needs to know.

use std::time::Duration;

use crate::worker::WorkerOptions;

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
