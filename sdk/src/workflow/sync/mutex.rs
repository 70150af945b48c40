//! Keeping others out.

use std::cell::RefCell;
use std::fmt;
use std::ops::{Deref, DerefMut};
use std::rc::Rc;

use super::line::Line;

/// A value that one at a time may use, also over several `.await`s. Clones are the same mutex.
///
/// Handlers and `run` interleave at their `.await`s. Where one must not begin before another is
/// through, a mutex keeps it out:
///
/// ```
/// # use durably::prelude::*;
/// use durably::workflow::Mutex;
///
/// # #[activity(start_to_close_timeout = "10s")]
/// # async fn transfer(from: u64, cents: u64) -> ActivityResult<u64> { Ok(from - cents) }
/// #[derive(Default)]
/// struct Account {
///     balance: Mutex<u64>,
/// }
///
/// #[workflow]
/// impl Account {
/// #     #[run]
/// #     async fn run(&self, ctx: &WorkflowContext) -> WorkflowResult<()> { Ok(()) }
///     /// One withdrawal after the other, in the order in which the signals came.
///     #[signal]
///     async fn withdraw(&self, ctx: &WorkflowContext, cents: u64) -> WorkflowResult<()> {
///         let mut balance = self.balance.lock().await;
///         if cents <= *balance {
///             *balance = ctx.activity(transfer, (*balance, cents)).await?;
///         }
///         Ok(())
///     }
/// }
/// ```
///
/// Who waits longest is served first. Queries cannot look inside: keep what they tell in a
/// [`State`](crate::workflow::State).
///
/// # Determinism
/// Nothing is recorded. Locking in queries and validators is refused: the query fails.
pub struct Mutex<T> {
    line: Line,
    /// Empty while a guard has the value.
    value: Rc<RefCell<Option<T>>>,
}

impl<T> Mutex<T> {
    /// A mutex around a value.
    pub fn new(value: T) -> Self {
        Self {
            line: Line::new(1, "locking a Mutex"),
            value: Rc::new(RefCell::new(Some(value))),
        }
    }

    /// Waits until nobody else has the value.
    pub async fn lock(&self) -> MutexGuard<T> {
        self.line.acquire_open(1).await;
        self.guard()
    }

    /// The value, if nobody has it and nobody waits for it.
    pub fn try_lock(&self) -> Option<MutexGuard<T>> {
        self.line.try_acquire(1).then(|| self.guard())
    }

    /// Whether somebody has the value, or is about to.
    pub fn is_locked(&self) -> bool {
        self.line.available() == 0
    }

    fn guard(&self) -> MutexGuard<T> {
        MutexGuard {
            mutex: self.clone(),
            value: self.value.borrow_mut().take(),
        }
    }
}

impl<T> Clone for Mutex<T> {
    fn clone(&self) -> Self {
        Self {
            line: self.line.clone(),
            value: self.value.clone(),
        }
    }
}

impl<T: Default> Default for Mutex<T> {
    fn default() -> Self {
        Self::new(T::default())
    }
}

impl<T: fmt::Debug> fmt::Debug for Mutex<T> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &*self.value.borrow() {
            Some(value) => formatter.debug_tuple("Mutex").field(value).finish(),
            None => formatter.write_str("Mutex(<locked>)"),
        }
    }
}

/// The value of a [`Mutex`]. It may be held over `.await`s; dropping it lets the next in.
#[must_use = "a guard that is dropped lets the next in"]
pub struct MutexGuard<T> {
    mutex: Mutex<T>,
    /// There until the drop.
    value: Option<T>,
}

impl<T> Deref for MutexGuard<T> {
    type Target = T;

    fn deref(&self) -> &T {
        self.value
            .as_ref()
            .expect("a guard has the value until it is dropped")
    }
}

impl<T> DerefMut for MutexGuard<T> {
    fn deref_mut(&mut self) -> &mut T {
        self.value
            .as_mut()
            .expect("a guard has the value until it is dropped")
    }
}

impl<T> Drop for MutexGuard<T> {
    fn drop(&mut self) {
        *self.mutex.value.borrow_mut() = self.value.take();
        self.mutex.line.release(1);
    }
}

impl<T: fmt::Debug> fmt::Debug for MutexGuard<T> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_tuple("MutexGuard").field(&**self).finish()
    }
}

#[cfg(test)]
mod tests {
    use std::pin::pin;
    use std::task::{Context, Poll, Waker};

    use super::*;
    use crate::workflow::testing::run_ready;

    #[test]
    fn the_value_is_handed_from_one_to_the_next_in_the_order_in_which_they_came() {
        let mutex = Mutex::new(vec![0]);
        let mut cx = Context::from_waker(Waker::noop());
        let mut first = run_ready(mutex.lock());
        let (mut second, mut third) = (pin!(mutex.lock()), pin!(mutex.lock()));
        assert!(second.as_mut().poll(&mut cx).is_pending());
        assert!(third.as_mut().poll(&mut cx).is_pending());
        assert_eq!(format!("{mutex:?}"), "Mutex(<locked>)");
        first.push(1);
        drop(first);
        assert!(mutex.try_lock().is_none());
        assert!(third.as_mut().poll(&mut cx).is_pending());
        let Poll::Ready(mut guard) = second.as_mut().poll(&mut cx) else {
            panic!("the second is next");
        };
        guard.push(2);
        drop(guard);
        let Poll::Ready(guard) = third.as_mut().poll(&mut cx) else {
            panic!("the third is next");
        };
        assert_eq!(*guard, [0, 1, 2]);
        drop(guard);
        assert!(!mutex.is_locked() && mutex.try_lock().is_some());
    }
}
