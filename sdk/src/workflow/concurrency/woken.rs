//! Which children of one future were woken, and in which order.
//!
//! Wakers must be `Send`, so what they share is behind a lock; it is never contended, since a
//! workflow's futures are woken on the thread that steps them.

use std::collections::VecDeque;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Wake, Waker};

#[derive(Debug, Default)]
struct Queue {
    keys: VecDeque<u64>,
    parent: Option<Waker>,
}

/// The children that are to be polled.
#[derive(Debug, Default)]
pub(super) struct Woken {
    queue: Mutex<Queue>,
}

/// Wakes one child: queues its key, and wakes the task that its parent belongs to.
#[derive(Debug)]
pub(super) struct ChildWaker {
    woken: Arc<Woken>,
    key: u64,
    queued: AtomicBool,
}

impl Woken {
    /// A waker for a child, which is queued for its first poll.
    pub(super) fn first(self: &Arc<Self>, key: u64) -> Arc<ChildWaker> {
        self.lock().keys.push_back(key);
        Arc::new(ChildWaker {
            woken: self.clone(),
            key,
            queued: AtomicBool::new(true),
        })
    }

    /// Who is to be woken with a child.
    pub(super) fn set_parent(&self, parent: &Waker) {
        let mut queue = self.lock();
        let same = queue
            .parent
            .as_ref()
            .is_some_and(|old| old.will_wake(parent));
        if !same {
            let old = queue.parent.replace(parent.clone());
            drop(queue);
            drop(old);
        }
    }

    pub(super) fn len(&self) -> usize {
        self.lock().keys.len()
    }

    pub(super) fn pop(&self) -> Option<u64> {
        self.lock().keys.pop_front()
    }

    fn lock(&self) -> MutexGuard<'_, Queue> {
        self.queue.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl ChildWaker {
    /// To be called before the child is polled: what wakes it from now on counts anew.
    pub(super) fn begin_poll(&self) {
        self.queued.store(false, Ordering::Relaxed);
    }
}

impl Wake for ChildWaker {
    fn wake(self: Arc<Self>) {
        self.wake_by_ref();
    }

    fn wake_by_ref(self: &Arc<Self>) {
        let parent = {
            let mut queue = self.woken.lock();
            if !self.queued.swap(true, Ordering::Relaxed) {
                queue.keys.push_back(self.key);
            }
            queue.parent.clone()
        };
        // Also when the child is queued already: the engine is to see every wake from outside of
        // the workflow, and wakes a task only once anyway.
        if let Some(parent) = parent {
            parent.wake();
        }
    }
}
