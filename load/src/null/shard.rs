//! What the tasks on one thread share.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

use durably_protos::temporal::api::enums::v1::TaskQueueKind;
use durably_protos::temporal::api::taskqueue::v1::TaskQueue;
use tokio::sync::mpsc;

use super::NullError;
use super::prepared::Prepared;
use super::progress::Progress;
use crate::arguments::WorkerArguments;
use crate::connection::Connection;

/// One thread's connection, prepared answers and runs.
pub(super) struct Shard {
    pub(super) connection: Connection,
    pub(super) namespace: String,
    pub(super) identity: String,
    pub(super) normal_queue: TaskQueue,
    pub(super) sticky_queue: TaskQueue,
    pub(super) prepared: Prepared,
    max_cached: usize,
    /// By run id. A run is taken out while its task is being answered.
    runs: Mutex<HashMap<String, Progress>>,
    failed: mpsc::UnboundedSender<NullError>,
}

impl Shard {
    pub(super) fn new(
        connection: Connection,
        arguments: &WorkerArguments,
        index: usize,
        failed: mpsc::UnboundedSender<NullError>,
    ) -> Self {
        let pid = std::process::id();
        let normal_queue = TaskQueue {
            name: arguments.task_queue.clone(),
            kind: TaskQueueKind::Normal.into(),
            ..TaskQueue::default()
        };
        let sticky_queue = TaskQueue {
            name: format!("{}-null-{pid}-{index}", arguments.task_queue),
            kind: TaskQueueKind::Sticky.into(),
            normal_name: arguments.task_queue.clone(),
        };
        Self {
            connection,
            namespace: arguments.namespace.clone(),
            identity: format!("null-worker-{pid}"),
            prepared: Prepared::new(&arguments.task_queue, sticky_queue.clone(), arguments.eager),
            normal_queue,
            sticky_queue,
            max_cached: arguments.max_cached.div_ceil(arguments.threads),
            runs: Mutex::default(),
            failed,
        }
    }

    /// Takes a run out of the cache.
    pub(super) fn take(&self, run_id: &str) -> Option<Progress> {
        self.runs
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .remove(run_id)
    }

    pub(super) fn keep(&self, run_id: String, progress: Progress) {
        let mut runs = self.runs.lock().unwrap_or_else(PoisonError::into_inner);
        runs.insert(run_id, progress);
    }

    /// Whether one more run can be kept. Unlike a real worker's, this cache evicts nothing: a run
    /// that does not fit is replayed for each task.
    pub(super) fn has_room(&self) -> bool {
        self.runs
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .len()
            < self.max_cached
    }

    pub(super) fn is_sticky(&self) -> bool {
        self.max_cached > 0
    }

    /// Ends the worker if this is an error.
    pub(super) fn report(&self, result: Result<(), NullError>) {
        if let Err(error) = result {
            // Nobody listens any more when the worker is ending already.
            let _ = self.failed.send(error);
        }
    }
}
