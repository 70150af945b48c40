//! Waiting until something is true of the workflow's own state.
//!
//! When no task is ready any more, every waiting condition is checked again, in the order in
//! which they began to wait; as long as one of them became true, and once more after that.

use std::collections::BTreeMap;
use std::pin::Pin;
use std::rc::Rc;
use std::task::{Context as PollContext, Poll, Waker};

use super::{Canceled, Context, Scope};
use crate::shared::Place;

#[derive(Debug, Default)]
pub(crate) struct Conditions {
    waiting: BTreeMap<u64, (Waker, Place)>,
    last: u64,
    /// A condition became true since this was last asked.
    satisfied: bool,
}

impl Conditions {
    pub(crate) fn take_wakers(&mut self) -> Vec<Waker> {
        let waiting = std::mem::take(&mut self.waiting).into_values();
        waiting.map(|(waker, _)| waker).collect()
    }

    pub(crate) fn take_satisfied(&mut self) -> bool {
        std::mem::take(&mut self.satisfied)
    }

    pub(crate) fn has_waiters(&self) -> bool {
        !self.waiting.is_empty()
    }

    /// Where code waits.
    pub(crate) fn waits(&self) -> impl Iterator<Item = Option<Place>> {
        self.waiting.values().map(|(_, place)| Some(*place))
    }
}

/// Waits until a predicate holds. Records nothing.
#[derive(Debug)]
#[must_use = "a condition does nothing unless awaited"]
pub struct Condition<F> {
    context: Context,
    predicate: F,
    scope: Rc<Scope>,
    place: Place,
    id: Option<u64>,
}

impl Context {
    /// Waits until `predicate` holds, or the current scope is canceled.
    #[track_caller]
    pub fn wait_until<F: FnMut() -> bool + Unpin>(&self, predicate: F) -> Condition<F> {
        Condition {
            context: self.clone(),
            predicate,
            scope: self.current_scope(),
            place: std::panic::Location::caller(),
            id: None,
        }
    }
}

impl<F: FnMut() -> bool + Unpin> Future for Condition<F> {
    type Output = Result<(), Canceled>;

    fn poll(mut self: Pin<&mut Self>, cx: &mut PollContext<'_>) -> Poll<Self::Output> {
        if (self.predicate)() {
            self.context.shared.tables.borrow_mut().conditions.satisfied = true;
            return Poll::Ready(Ok(()));
        }
        if self.scope.is_canceled() {
            return Poll::Ready(Err(Canceled));
        }
        let waker = cx.waker().clone();
        let mut tables = self.context.shared.tables.borrow_mut();
        let conditions = &mut tables.conditions;
        let id = self.id.unwrap_or(conditions.last + 1);
        conditions.last = conditions.last.max(id);
        let old = conditions.waiting.insert(id, (waker, self.place));
        drop(tables);
        drop(old);
        self.id = Some(id);
        Poll::Pending
    }
}

impl<F> Drop for Condition<F> {
    fn drop(&mut self) {
        if let Some(id) = self.id {
            let mut tables = self.context.shared.tables.borrow_mut();
            let waker = tables.conditions.waiting.remove(&id);
            drop(tables);
            drop(waker);
        }
    }
}
