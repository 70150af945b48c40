//! Handing items from task to task, until nobody has any more.

use std::cell::Cell;
use std::fmt;
use std::rc::Rc;

use super::store::{Rejected, Store};

/// A channel that holds up to so many items; who sends more waits.
///
/// ```
/// # use durably::prelude::*;
/// use durably::workflow::channel;
///
/// # async fn example(ctx: &WorkflowContext) -> WorkflowResult<()> {
/// let (sender, mut receiver) = channel(10);
/// let reading = ctx.spawn(async move {
///     for page in 0..100_u32 {
///         sender.send(page).await?;
///     }
///     Ok::<_, WorkflowError>(())
/// });
/// while let Some(page) = receiver.recv().await {
///     println!("page {page}");
/// }
/// reading.await?;
/// # Ok(())
/// # }
/// ```
///
/// # Panics
/// The capacity is zero.
pub fn channel<T>(capacity: usize) -> (Sender<T>, Receiver<T>) {
    assert!(capacity > 0, "a channel needs room for at least one item");
    ends(Store::new(Some(capacity)))
}

/// A channel without bounds: who sends never waits.
pub fn unbounded_channel<T>() -> (Sender<T>, Receiver<T>) {
    ends(Store::new(None))
}

fn ends<T>(store: Store<T>) -> (Sender<T>, Receiver<T>) {
    let sender = Sender {
        store: store.clone(),
        senders: Rc::new(Cell::new(1)),
    };
    (sender, Receiver { store })
}

/// The end of a [`channel`] where items are put in. When all of its clones are dropped the channel is
/// closed.
///
/// # Determinism
/// Nothing is recorded. Queries and validators must not send: the query fails.
pub struct Sender<T> {
    store: Store<T>,
    senders: Rc<Cell<usize>>,
}

impl<T> Sender<T> {
    /// Sends an item, and waits for room if there is none. Who waits longest is served first. A wait
    /// that is dropped drops its item.
    ///
    /// # Errors
    /// The receiver is dropped or closed; the error has the item.
    pub async fn send(&self, item: T) -> Result<(), SendError<T>> {
        match self.store.put(item).await {
            Ok(()) => Ok(()),
            Err(Rejected::Full(item) | Rejected::Closed(item) | Rejected::ReadOnly(item)) => {
                Err(SendError(item))
            }
        }
    }

    /// Sends an item if there is room and nobody waits for it. Without bounds there always is.
    ///
    /// # Errors
    /// There is no room, or the receiver is dropped or closed; the error has the item.
    pub fn try_send(&self, item: T) -> Result<(), TrySendError<T>> {
        self.store.try_put(item).map_err(|rejected| match rejected {
            Rejected::Full(item) => TrySendError::Full(item),
            Rejected::Closed(item) => TrySendError::Closed(item),
            Rejected::ReadOnly(item) => TrySendError::ReadOnly(item),
        })
    }

    /// Whether nobody receives any more.
    pub fn is_closed(&self) -> bool {
        self.store.is_closed()
    }
}

impl<T> Clone for Sender<T> {
    fn clone(&self) -> Self {
        self.senders.set(self.senders.get() + 1);
        Self {
            store: self.store.clone(),
            senders: self.senders.clone(),
        }
    }
}

impl<T> Drop for Sender<T> {
    fn drop(&mut self) {
        let left = self.senders.get() - 1;
        self.senders.set(left);
        if left == 0 {
            self.store.close();
        }
    }
}

impl<T> fmt::Debug for Sender<T> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "Sender({} items)", self.store.len())
    }
}

/// The end of a [`channel`] where items are taken out. Dropping it drops what is still inside, and
/// fails those who send.
///
/// # Determinism
/// Nothing is recorded. Queries and validators must not receive: the query fails.
pub struct Receiver<T> {
    store: Store<T>,
}

impl<T> Receiver<T> {
    /// Waits for the next item; `None` when the channel is empty and all senders are dropped, or it
    /// was closed. To drop the wait loses nothing.
    pub async fn recv(&mut self) -> Option<T> {
        self.store.take().await
    }

    /// The next item, if there is one.
    pub fn try_recv(&mut self) -> Option<T> {
        self.store.try_take()
    }

    /// Lets nobody send any more. What is inside can still be received.
    pub fn close(&mut self) {
        self.store.close();
    }

    /// Whether nobody sends any more: all senders are dropped, or it was closed.
    pub fn is_closed(&self) -> bool {
        self.store.is_closed()
    }

    /// How many items are inside.
    pub fn len(&self) -> usize {
        self.store.len()
    }

    /// Whether nothing is inside.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }
}

impl<T> Drop for Receiver<T> {
    fn drop(&mut self) {
        self.store.close();
        self.store.clear();
    }
}

impl<T> fmt::Debug for Receiver<T> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "Receiver({} items)", self.len())
    }
}

/// Nobody receives any more. Has the item.
#[derive(Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("nobody receives from this channel any more")]
pub struct SendError<T>(pub T);

/// An item was not sent. Has the item.
#[derive(Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum TrySendError<T> {
    /// There is no room.
    #[error("there is no room in the channel")]
    Full(T),
    /// Nobody receives any more.
    #[error("nobody receives from this channel any more")]
    Closed(T),
    /// A query or a validator tried to send.
    #[error("queries and validators must not send")]
    ReadOnly(T),
}

// Items need not be `Debug` for the errors to be.
impl<T> fmt::Debug for SendError<T> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("SendError(..)")
    }
}

impl<T> fmt::Debug for TrySendError<T> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(match self {
            Self::Full(_) => "Full(..)",
            Self::Closed(_) => "Closed(..)",
            Self::ReadOnly(_) => "ReadOnly(..)",
        })
    }
}

#[cfg(test)]
mod tests {
    use std::pin::pin;
    use std::task::{Context, Poll, Waker};

    use super::*;
    use crate::workflow::testing::run_ready;

    #[test]
    fn who_sends_too_much_waits_for_room() {
        let (sender, mut receiver) = channel(1);
        let mut cx = Context::from_waker(Waker::noop());
        run_ready(sender.send(1)).unwrap();
        assert_eq!(sender.try_send(2), Err(TrySendError::Full(2)));
        let (mut second, mut third) = (pin!(sender.send(2)), pin!(sender.send(3)));
        assert!(second.as_mut().poll(&mut cx).is_pending());
        assert!(third.as_mut().poll(&mut cx).is_pending());
        assert_eq!(run_ready(receiver.recv()), Some(1));
        assert!(third.as_mut().poll(&mut cx).is_pending());
        assert_eq!(second.as_mut().poll(&mut cx), Poll::Ready(Ok(())));
        assert_eq!(receiver.try_recv(), Some(2));
        assert_eq!(third.as_mut().poll(&mut cx), Poll::Ready(Ok(())));
        assert_eq!(receiver.len(), 1);
    }

    #[test]
    fn the_end_comes_after_the_last_item_when_all_senders_are_gone() {
        let (sender, mut receiver) = unbounded_channel();
        let other = sender.clone();
        sender.try_send(1).unwrap();
        drop(sender);
        assert!(!receiver.is_closed());
        other.try_send(2).unwrap();
        let mut cx = Context::from_waker(Waker::noop());
        assert_eq!(run_ready(receiver.recv()), Some(1));
        assert_eq!(run_ready(receiver.recv()), Some(2));
        let mut wait = Box::pin(receiver.recv());
        assert!(wait.as_mut().poll(&mut cx).is_pending());
        drop(other);
        assert_eq!(wait.as_mut().poll(&mut cx), Poll::Ready(None));
    }

    #[test]
    fn nobody_sends_to_a_receiver_that_is_gone() {
        let (sender, mut receiver) = channel(1);
        run_ready(sender.send("first")).unwrap();
        let mut wait = pin!(sender.send("waits"));
        let mut cx = Context::from_waker(Waker::noop());
        assert!(wait.as_mut().poll(&mut cx).is_pending());
        receiver.close();
        assert_eq!(run_ready(receiver.recv()), Some("first"));
        assert_eq!(receiver.try_recv(), None);
        assert_eq!(
            wait.as_mut().poll(&mut cx),
            Poll::Ready(Err(SendError("waits")))
        );
        drop(receiver);
        assert_eq!(run_ready(sender.send("late")), Err(SendError("late")));
        assert_eq!(sender.try_send("late"), Err(TrySendError::Closed("late")));
    }
}
