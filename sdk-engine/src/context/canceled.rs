//! Waiting for the cancellation of a scope.

use std::collections::BTreeMap;
use std::pin::Pin;
use std::rc::Rc;
use std::task::{Context as PollContext, Poll, Waker};

use super::Context;
use super::scope::Scope;

/// The operation was canceled, or the scope in which it would have started.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("canceled")]
pub struct Canceled;

/// Who waits for a cancellation, by age.
#[derive(Debug, Default)]
pub(crate) struct CancelWaiters {
    waiting: BTreeMap<u64, Waker>,
    last: u64,
}

impl CancelWaiters {
    pub(crate) fn take_wakers(&mut self) -> Vec<Waker> {
        std::mem::take(&mut self.waiting).into_values().collect()
    }

    pub(crate) fn has_waiters(&self) -> bool {
        !self.waiting.is_empty()
    }
}

/// Ready when the scope in which it was made is canceled; gives the reason.
#[derive(Debug)]
pub struct CanceledFuture {
    context: Context,
    scope: Rc<Scope>,
    waiter: Option<u64>,
}

impl CanceledFuture {
    pub(super) fn new(context: &Context) -> Self {
        Self {
            context: context.clone(),
            scope: context.current_scope(),
            waiter: None,
        }
    }
}

impl Future for CanceledFuture {
    type Output = String;

    fn poll(mut self: Pin<&mut Self>, cx: &mut PollContext<'_>) -> Poll<String> {
        if let Some(reason) = self.scope.reason() {
            return Poll::Ready(reason.to_string());
        }
        let waker = cx.waker().clone();
        let mut tables = self.context.shared.tables.borrow_mut();
        let waiters = &mut tables.cancel_waiters;
        let id = self.waiter.unwrap_or(waiters.last + 1);
        waiters.last = waiters.last.max(id);
        let old = waiters.waiting.insert(id, waker);
        drop(tables);
        drop(old);
        self.waiter = Some(id);
        Poll::Pending
    }
}

impl Drop for CanceledFuture {
    fn drop(&mut self) {
        if let Some(id) = self.waiter {
            let mut tables = self.context.shared.tables.borrow_mut();
            let waker = tables.cancel_waiters.waiting.remove(&id);
            drop(tables);
            drop(waker);
        }
    }
}
