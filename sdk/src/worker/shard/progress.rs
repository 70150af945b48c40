//! What a shard is computing, for the watch that finds workflow code that blocks its thread.

use std::collections::BTreeSet;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

/// A workflow task whose code is running.
#[derive(Debug, Clone)]
pub(crate) struct Step {
    pub(crate) workflow_type: String,
    pub(crate) workflow_id: String,
    pub(crate) run_id: String,
    pub(crate) task_token: bytes::Bytes,
    pub(crate) attempt: i32,
    since: Instant,
}

/// Shared by a shard and the watch.
#[derive(Debug, Default)]
pub(crate) struct Progress {
    step: Mutex<Option<Step>>,
    /// Another shard has taken this one's place: it takes no more tasks.
    replaced: AtomicBool,
}

/// The step is over when this is dropped.
pub(super) struct StepInProgress<'a>(&'a Progress);

impl Progress {
    pub(super) fn begin(&self, step: Step) -> StepInProgress<'_> {
        *self.lock() = Some(step);
        StepInProgress(self)
    }

    /// The step in progress, if it has taken longer than `limit`.
    pub(crate) fn blocked(&self, limit: Duration) -> Option<Step> {
        self.lock()
            .as_ref()
            .filter(|step| step.since.elapsed() > limit)
            .cloned()
    }

    pub(crate) fn replace(&self) {
        self.replaced.store(true, Ordering::Relaxed);
    }

    pub(crate) fn is_replaced(&self) -> bool {
        self.replaced.load(Ordering::Relaxed)
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, Option<Step>> {
        self.step.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Step {
    pub(super) fn new(
        workflow_type: &str,
        workflow_id: &str,
        run_id: &str,
        task_token: &bytes::Bytes,
        attempt: i32,
    ) -> Self {
        Self {
            workflow_type: workflow_type.to_owned(),
            workflow_id: workflow_id.to_owned(),
            run_id: run_id.to_owned(),
            task_token: task_token.clone(),
            attempt,
            since: Instant::now(),
        }
    }

    pub(crate) fn elapsed(&self) -> Duration {
        self.since.elapsed()
    }
}

impl Drop for StepInProgress<'_> {
    fn drop(&mut self) {
        *self.0.lock() = None;
    }
}

/// The runs that block a thread just now, shared by the shards of a worker.
#[derive(Debug, Default)]
pub(crate) struct BlockedRuns {
    count: AtomicUsize,
    runs: Mutex<BTreeSet<String>>,
}

impl BlockedRuns {
    pub(crate) fn insert(&self, run_id: &str) {
        self.change(|runs| runs.insert(run_id.to_owned()));
    }

    pub(super) fn remove(&self, run_id: &str) {
        if self.len() > 0 {
            self.change(|runs| runs.remove(run_id));
        }
    }

    pub(super) fn contains(&self, run_id: &str) -> bool {
        // Nearly always nothing blocks: then no lock is taken.
        self.len() > 0
            && self
                .runs
                .lock()
                .unwrap_or_else(PoisonError::into_inner)
                .contains(run_id)
    }

    pub(crate) fn len(&self) -> usize {
        self.count.load(Ordering::Relaxed)
    }

    fn change(&self, change: impl FnOnce(&mut BTreeSet<String>) -> bool) {
        let mut runs = self.runs.lock().unwrap_or_else(PoisonError::into_inner);
        change(&mut runs);
        self.count.store(runs.len(), Ordering::Relaxed);
    }
}
