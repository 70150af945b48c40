//! Work that handlers leave for `run`.

use std::fmt;

use super::store::Store;

/// A queue without bounds, both of whose ends are one value. Clones are the same queue.
///
/// It is what a workflow type keeps for its handlers: signals put work in, `run` takes it out.
///
/// ```
/// # use durably::prelude::*;
/// use durably::workflow::Queue;
///
/// # #[activity(start_to_close_timeout = "10s")]
/// # async fn print(page: String) -> ActivityResult<()> { Ok(()) }
/// #[derive(Default)]
/// struct Printer {
///     pages: Queue<String>,
/// }
///
/// #[workflow]
/// impl Printer {
///     #[run]
///     async fn run(&self, ctx: &WorkflowContext, count: u32) -> WorkflowResult<()> {
///         for _ in 0..count {
///             let page = ctx.until_canceled(self.pages.pop()).await?;
///             ctx.activity(print, page).await?;
///         }
///         Ok(())
///     }
///
///     #[signal]
///     fn print(&self, page: String) {
///         self.pages.push(page);
///     }
/// }
/// ```
///
/// A queue has no end. See [`channel`](super::channel) for one that ends when nobody can put anything
/// in any more, and that holds up who puts in too much.
///
/// # Determinism
/// Nothing is recorded. Queries and validators may ask for the length; all else is refused, and the
/// query fails.
pub struct Queue<T> {
    store: Store<T>,
}

impl<T> Queue<T> {
    /// A queue with nothing in it.
    pub fn new() -> Self {
        Self {
            store: Store::new(None),
        }
    }

    /// Puts something in at the end. In a query nothing is put in.
    pub fn push(&self, item: T) {
        // Never full, never closed; the refusal of a query is remembered by the engine.
        drop(self.store.try_put(item));
    }

    /// Waits for the next item. Who waits longest is served first; to drop the wait loses nothing.
    pub async fn pop(&self) -> T {
        match self.store.take().await {
            Some(item) => item,
            // A queue is never closed.
            None => std::future::pending().await,
        }
    }

    /// The next item, if there is one that nobody waits for.
    pub fn try_pop(&self) -> Option<T> {
        self.store.try_take()
    }

    /// How many items are in it.
    pub fn len(&self) -> usize {
        self.store.len()
    }

    /// Whether nothing is in it.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }
}

impl<T> Clone for Queue<T> {
    fn clone(&self) -> Self {
        Self {
            store: self.store.clone(),
        }
    }
}

impl<T> Default for Queue<T> {
    fn default() -> Self {
        Self::new()
    }
}

impl<T> fmt::Debug for Queue<T> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "Queue({} items)", self.len())
    }
}

#[cfg(test)]
mod tests {
    use std::pin::pin;
    use std::task::{Context, Poll, Waker};

    use super::*;
    use crate::workflow::testing::run_ready;

    #[test]
    fn items_go_to_those_who_wait_in_their_order() {
        let queue = Queue::new();
        let mut cx = Context::from_waker(Waker::noop());
        let (mut first, mut second) = (pin!(queue.pop()), pin!(queue.pop()));
        assert!(first.as_mut().poll(&mut cx).is_pending());
        assert!(second.as_mut().poll(&mut cx).is_pending());
        queue.push("a");
        queue.push("b");
        queue.push("c");
        assert_eq!(queue.len(), 3);
        assert_eq!(queue.try_pop(), Some("a"));
        assert_eq!(second.as_mut().poll(&mut cx), Poll::Ready("b"));
        assert_eq!(first.as_mut().poll(&mut cx), Poll::Ready("c"));
        assert_eq!(queue.try_pop(), None);
    }

    #[test]
    fn a_wait_that_is_dropped_leaves_its_item_to_others() {
        let queue = Queue::new();
        {
            let mut wait = Box::pin(queue.pop());
            let mut cx = Context::from_waker(Waker::noop());
            assert!(wait.as_mut().poll(&mut cx).is_pending());
            queue.push(1);
        }
        assert_eq!(run_ready(queue.pop()), 1);
        assert!(queue.is_empty());
    }
}
