//! Eager start: the first task of a workflow comes with the answer to its start, for a worker in this
//! process. It saves the way through the task queue.

use std::collections::HashMap;
use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};

use durably_protos::temporal::api::deployment::v1::WorkerDeploymentOptions;
use durably_protos::temporal::api::workflowservice::v1::PollWorkflowTaskQueueResponse;

/// A worker that can take a workflow task without having polled for it.
pub(crate) trait EagerDispatcher: Send + Sync {
    /// Takes a slot for a workflow task, if one is free now and the worker is not shutting down.
    /// Called before the workflow is started; the slot is dropped if the server sends no task.
    fn try_reserve(&self) -> Option<Box<dyn EagerSlot>>;

    /// The worker's deployment options, which the server needs to know for a versioned worker.
    fn deployment_options(&self) -> Option<WorkerDeploymentOptions> {
        None
    }
}

/// A slot held for a workflow task. Dropping it gives it back.
pub(crate) trait EagerSlot: Send {
    /// Hands over the task, to be treated as if it had been polled. A task that cannot be handed over
    /// any more times out on the server and comes by the queue.
    fn dispatch(self: Box<Self>, task: PollWorkflowTaskQueueResponse);
}

/// The workers of this process, by namespace and task queue.
#[derive(Default)]
pub(crate) struct EagerDispatchers {
    workers: Mutex<HashMap<Key, Vec<Registered>>>,
}

type Key = (String, String);

struct Registered {
    id: u64,
    worker: Arc<dyn EagerDispatcher>,
}

/// A registration. Dropping it ends it.
pub(crate) struct EagerRegistration {
    dispatchers: Arc<EagerDispatchers>,
    key: Key,
    id: u64,
}

/// A slot that was reserved for a start.
pub(super) struct Reserved {
    pub(super) slot: Box<dyn EagerSlot>,
    pub(super) deployment_options: Option<WorkerDeploymentOptions>,
}

impl EagerDispatchers {
    /// Registers a worker that polls this queue for workflow tasks.
    pub(crate) fn register(
        self: &Arc<Self>,
        namespace: &str,
        task_queue: &str,
        worker: Arc<dyn EagerDispatcher>,
    ) -> EagerRegistration {
        let key = (namespace.to_owned(), task_queue.to_owned());
        let mut workers = self.lock();
        let registered = workers.entry(key.clone()).or_default();
        let id = registered.last().map_or(0, |last| last.id + 1);
        registered.push(Registered { id, worker });
        EagerRegistration {
            dispatchers: self.clone(),
            key,
            id,
        }
    }

    /// A slot of the first worker that has one free.
    pub(super) fn try_reserve(&self, namespace: &str, task_queue: &str) -> Option<Reserved> {
        // Workers are asked without the lock: they have locks of their own.
        let workers: Vec<Arc<dyn EagerDispatcher>> = {
            let workers = self.lock();
            let key = (namespace.to_owned(), task_queue.to_owned());
            workers
                .get(&key)?
                .iter()
                .map(|entry| entry.worker.clone())
                .collect()
        };
        workers.iter().find_map(|worker| {
            worker.try_reserve().map(|slot| Reserved {
                slot,
                deployment_options: worker.deployment_options(),
            })
        })
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, HashMap<Key, Vec<Registered>>> {
        // The map is whole whenever the lock is free.
        self.workers.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for EagerRegistration {
    fn drop(&mut self) {
        let mut workers = self.dispatchers.lock();
        if let Some(registered) = workers.get_mut(&self.key) {
            registered.retain(|entry| entry.id != self.id);
            if registered.is_empty() {
                workers.remove(&self.key);
            }
        }
    }
}

impl fmt::Debug for EagerRegistration {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_tuple("EagerRegistration")
            .field(&self.key)
            .finish()
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicUsize, Ordering};

    use super::*;

    struct Worker {
        free: Arc<AtomicUsize>,
    }

    struct Slot {
        free: Arc<AtomicUsize>,
    }

    impl EagerDispatcher for Worker {
        fn try_reserve(&self) -> Option<Box<dyn EagerSlot>> {
            let take = |free: usize| free.checked_sub(1);
            self.free
                .fetch_update(Ordering::SeqCst, Ordering::SeqCst, take)
                .ok()?;
            Some(Box::new(Slot {
                free: self.free.clone(),
            }))
        }
    }

    impl EagerSlot for Slot {
        fn dispatch(self: Box<Self>, _: PollWorkflowTaskQueueResponse) {}
    }

    impl Drop for Slot {
        fn drop(&mut self) {
            self.free.fetch_add(1, Ordering::SeqCst);
        }
    }

    fn worker(free: usize) -> Arc<Worker> {
        let free = Arc::new(AtomicUsize::new(free));
        Arc::new(Worker { free })
    }

    #[test]
    fn the_first_worker_with_a_free_slot_gets_the_task() {
        let dispatchers = Arc::new(EagerDispatchers::default());
        let (full, free) = (worker(0), worker(1));
        let _full = dispatchers.register("default", "orders", full);
        let registration = dispatchers.register("default", "orders", free.clone());
        assert!(dispatchers.try_reserve("default", "other").is_none());
        assert!(dispatchers.try_reserve("other", "orders").is_none());

        let reserved = dispatchers.try_reserve("default", "orders").unwrap();
        assert!(dispatchers.try_reserve("default", "orders").is_none());
        drop(reserved.slot);
        assert_eq!(free.free.load(Ordering::SeqCst), 1);

        drop(registration);
        assert!(dispatchers.try_reserve("default", "orders").is_none());
    }
}
