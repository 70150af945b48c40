//! Futures that are polled when they were woken, and only then.

use std::collections::BTreeMap;
use std::fmt;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context as PollContext, Poll, Waker};

use super::woken::{ChildWaker, Woken};

struct Child<F> {
    future: Pin<Box<F>>,
    waker: Arc<ChildWaker>,
}

/// Futures by age. Each is polled first in the order in which they were added, then in the order
/// in which they are woken.
pub(super) struct Children<F> {
    woken: Arc<Woken>,
    children: BTreeMap<u64, Child<F>>,
    next: u64,
}

impl<F> Children<F> {
    pub(super) fn new() -> Self {
        Self {
            woken: Arc::default(),
            children: BTreeMap::new(),
            next: 0,
        }
    }

    pub(super) fn len(&self) -> usize {
        self.children.len()
    }

    /// Adds a future; gives its key: the keys count from 0.
    pub(super) fn push(&mut self, future: F) -> u64 {
        let key = self.next;
        self.next += 1;
        let child = Child {
            future: Box::pin(future),
            waker: self.woken.first(key),
        };
        self.children.insert(key, child);
        key
    }

    /// Drops all futures, the oldest first.
    pub(super) fn clear(&mut self) {
        while let Some((_, child)) = self.children.pop_first() {
            drop(child);
        }
    }
}

impl<F: Future> Children<F> {
    /// Polls what was woken until a child ends; gives its key and output. `None` when there is no
    /// child any more.
    pub(super) fn poll_next(&mut self, cx: &mut PollContext<'_>) -> Poll<Option<(u64, F::Output)>> {
        self.woken.set_parent(cx.waker());
        // Children that wake each other, or themselves, let the workflow's other tasks take turns:
        // they have woken this task, too, and are polled when it is polled again.
        let mut turns = self.woken.len();
        while turns > 0
            && let Some(key) = self.woken.pop()
        {
            turns -= 1;
            let Some(child) = self.children.get_mut(&key) else {
                // It ended before the wake.
                continue;
            };
            child.waker.begin_poll();
            let waker = Waker::from(child.waker.clone());
            let poll = child
                .future
                .as_mut()
                .poll(&mut PollContext::from_waker(&waker));
            if let Poll::Ready(output) = poll {
                drop(self.children.remove(&key));
                return Poll::Ready(Some((key, output)));
            }
        }
        if self.children.is_empty() {
            Poll::Ready(None)
        } else {
            Poll::Pending
        }
    }
}

impl<F> Drop for Children<F> {
    fn drop(&mut self) {
        self.clear();
    }
}

impl<F> fmt::Debug for Children<F> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{} futures", self.len())
    }
}
