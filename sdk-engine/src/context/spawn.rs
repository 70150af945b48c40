//! Further tasks of a run.

use std::cell::RefCell;
use std::pin::Pin;
use std::rc::Rc;
use std::task::{Context as PollContext, Poll, Waker};

use super::Context;
use super::scope::{Inside, Scope};
use crate::shared::SpawnedTask;
use crate::workflow::{HandlerIdentity, TaskEnd, TaskFuture};

#[derive(Debug)]
struct Slot<T> {
    value: Option<T>,
    waker: Option<Waker>,
}

/// Gives what a spawned task ended with. Dropping the handle lets the task go on.
#[derive(Debug)]
pub struct JoinHandle<T> {
    context: Context,
    slot: Rc<RefCell<Slot<T>>>,
}

impl<T> JoinHandle<T> {
    /// Keeps the waker of who waits, or takes it away; gives the one before, to be dropped or
    /// woken while nothing is borrowed.
    fn put_waker(
        context: &Context,
        slot: &RefCell<Slot<T>>,
        waker: Option<Waker>,
    ) -> Option<Waker> {
        let joins = &context.shared.join_wakers;
        let added = usize::from(waker.is_some());
        let old = std::mem::replace(&mut slot.borrow_mut().waker, waker);
        joins.set(joins.get() + added - usize::from(old.is_some()));
        old
    }
}

impl<T> Future for JoinHandle<T> {
    type Output = T;

    fn poll(self: Pin<&mut Self>, cx: &mut PollContext<'_>) -> Poll<T> {
        let value = self.slot.borrow_mut().value.take();
        if let Some(value) = value {
            return Poll::Ready(value);
        }
        drop(Self::put_waker(
            &self.context,
            &self.slot,
            Some(cx.waker().clone()),
        ));
        Poll::Pending
    }
}

impl<T> Drop for JoinHandle<T> {
    fn drop(&mut self) {
        drop(Self::put_waker(&self.context, &self.slot, None));
    }
}

/// A spawned future, in the cancellation scope in which it was spawned.
struct Spawned<F> {
    context: Context,
    scope: Rc<Scope>,
    future: Pin<Box<F>>,
}

impl<F: Future> Future for Spawned<F> {
    type Output = F::Output;

    fn poll(self: Pin<&mut Self>, cx: &mut PollContext<'_>) -> Poll<F::Output> {
        let this = self.get_mut();
        let _inside = Inside::enter(&this.context.shared, &this.scope);
        this.future.as_mut().poll(cx)
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
        let handle = JoinHandle {
            context: self.clone(),
            slot: slot.clone(),
        };
        if !self.may_act(|| "spawning a task".to_owned()) {
            return handle;
        }
        let spawned = Spawned {
            context: self.clone(),
            scope: self.current_scope(),
            future: Box::pin(future),
        };
        let context = self.clone();
        let task = Box::pin(async move {
            let value = spawned.await;
            slot.borrow_mut().value = Some(value);
            if let Some(waker) = JoinHandle::put_waker(&context, &slot, None) {
                waker.wake();
            }
            TaskEnd::Done
        });
        self.start_task(task, None);
        handle
    }

    /// Runs the handler of a message that was kept until it had one, as a task of its own. It counts
    /// as a handler in progress from now on. No scope but the run's own cancels it.
    pub fn spawn_handler(&self, handler: HandlerIdentity, future: TaskFuture) {
        if self.may_act(|| format!("handling \"{}\"", handler.name)) {
            self.start_task(future, Some(handler));
        }
    }

    pub(super) fn start_task(&self, future: TaskFuture, handler: Option<HandlerIdentity>) {
        let task = SpawnedTask { future, handler };
        self.shared.spawned.borrow_mut().push(task);
    }
}
