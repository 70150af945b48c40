//! Tasks that come past the task queue: eager activities (protocol 2.11).

use std::sync::Arc;

use durably_protos::temporal::api::workflowservice::v1::PollActivityTaskQueueResponse;
use tokio::sync::OwnedSemaphorePermit;

use super::rate_limit::RateLimit;
use super::runner::ActivityRunner;

/// Gives tasks to the activity side of a worker, from any thread.
#[derive(Clone)]
pub(crate) struct ActivityDispatcher {
    pub(super) runner: Arc<ActivityRunner>,
}

/// The right to run one activity past the task queue. Dropped unused, it is free for others.
#[derive(Debug)]
pub(crate) struct EagerPermit {
    slot: Option<OwnedSemaphorePermit>,
    rate_limit: Option<Arc<RateLimit>>,
}

impl ActivityDispatcher {
    /// A slot that is free now. `None` if there is none, if the worker shuts down, or if a rate
    /// limit says no: one for the whole task queue always does, since only the server counts there.
    pub(crate) fn try_reserve(&self) -> Option<EagerPermit> {
        let runner = &self.runner;
        let options = &runner.options.worker;
        if !options.eager_activities
            || options.local_activities_only
            || options.max_task_queue_activities_per_second.is_some()
            || runner.phases.draining.is_cancelled()
        {
            return None;
        }
        let slot = Arc::clone(&runner.slots).try_acquire_owned().ok()?;
        if let Some(limit) = &runner.rate_limit
            && !limit.try_acquire()
        {
            return None;
        }
        Some(EagerPermit {
            slot: Some(slot),
            rate_limit: runner.rate_limit.clone(),
        })
    }

    /// Runs a task in a reserved slot.
    pub(crate) fn dispatch(&self, task: PollActivityTaskQueueResponse, mut permit: EagerPermit) {
        if let Some(slot) = permit.slot.take() {
            self.runner.spawn(task, slot);
        }
    }
}

impl std::fmt::Debug for ActivityDispatcher {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str("ActivityDispatcher")
    }
}

impl Drop for EagerPermit {
    fn drop(&mut self) {
        if self.slot.is_some()
            && let Some(limit) = &self.rate_limit
        {
            limit.release();
        }
    }
}
