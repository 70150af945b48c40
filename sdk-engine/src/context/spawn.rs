//! Further tasks of a run.

use std::cell::RefCell;
use std::pin::Pin;
use std::rc::Rc;
use std::task::{Context as PollContext, Poll, Waker};

use super::{Context, ScopeFuture};
use crate::workflow::TaskEnd;

#[derive(Debug)]
struct Slot<T> {
    value: Option<T>,
    waker: Option<Waker>,
}

/// Gives what a spawned task ended with. Dropping the handle lets the task go on.
#[derive(Debug)]
pub struct JoinHandle<T> {
    slot: Rc<RefCell<Slot<T>>>,
}

impl<T> Future for JoinHandle<T> {
    type Output = T;

    fn poll(self: Pin<&mut Self>, cx: &mut PollContext<'_>) -> Poll<T> {
        let mut slot = self.slot.borrow_mut();
        if let Some(value) = slot.value.take() {
            return Poll::Ready(value);
        }
        let old = slot.waker.replace(cx.waker().clone());
        drop(slot);
        drop(old);
        Poll::Pending
    }
}

impl Context {
    /// Runs a future as a task of its own, within the current cancellation scope. It is polled
    /// for the first time after the tasks that are ready now.
    pub fn spawn<T: 'static>(&self, future: impl Future<Output = T> + 'static) -> JoinHandle<T> {
        let slot = Rc::new(RefCell::new(Slot {
            value: None,
            waker: None,
        }));
        let handle = JoinHandle { slot: slot.clone() };
        if !self.may_act(|| "spawning a task".to_owned()) {
            return handle;
        }
        let scoped: ScopeFuture<_> = self.cancel_scope(future);
        self.shared.spawned.borrow_mut().push(Box::pin(async move {
            let value = scoped.await;
            let waker = {
                let mut slot = slot.borrow_mut();
                slot.value = Some(value);
                slot.waker.take()
            };
            if let Some(waker) = waker {
                waker.wake();
            }
            TaskEnd::Done
        }));
        handle
    }
}
