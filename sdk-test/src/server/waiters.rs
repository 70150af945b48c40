//! Callers that wait for something to come: each counts as someone for whom time may be skipped.

use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::task::{Context, Poll};

use tokio::sync::oneshot;

/// How many callers wait in one server.
#[derive(Debug, Clone, Default)]
pub(crate) struct WaiterCount(Arc<Counts>);

#[derive(Debug, Default)]
struct Counts {
    waiting: AtomicUsize,
    told: AtomicUsize,
}

impl WaiterCount {
    pub(crate) fn get(&self) -> usize {
        self.0.waiting.load(Ordering::SeqCst)
    }

    /// How many have been told what they waited for.
    pub(crate) fn told(&self) -> usize {
        self.0.told.load(Ordering::SeqCst)
    }

    /// Counts somebody until that is dropped or leaves.
    pub(crate) fn enter(&self) -> Presence {
        self.0.waiting.fetch_add(1, Ordering::SeqCst);
        Presence(Place {
            counts: AtomicBool::new(true),
            count: self.clone(),
        })
    }

    /// A pair of the server's end and the caller's end.
    pub(crate) fn pair<T>(&self) -> (Waiter<T>, Waiting<T>) {
        let (sender, receiver) = oneshot::channel();
        self.0.waiting.fetch_add(1, Ordering::SeqCst);
        let place = Arc::new(Place {
            counts: AtomicBool::new(true),
            count: self.clone(),
        });
        let waiter = Waiter {
            sender,
            place: place.clone(),
        };
        (waiter, Waiting { receiver, place })
    }
}

/// Counts until the first of the two ends lets go.
#[derive(Debug)]
struct Place {
    counts: AtomicBool,
    count: WaiterCount,
}

impl Place {
    fn leave(&self) {
        if self.counts.swap(false, Ordering::SeqCst) {
            self.count.0.waiting.fetch_sub(1, Ordering::SeqCst);
        }
    }
}

/// Somebody who waits for something that the server does not know of.
#[derive(Debug)]
pub(crate) struct Presence(Place);

impl Presence {
    /// Counts no more.
    pub(crate) fn leave(&self) {
        self.0.leave();
    }
}

impl Drop for Presence {
    fn drop(&mut self) {
        self.leave();
    }
}

/// The server's end: what the caller is told.
#[derive(Debug)]
pub(crate) struct Waiter<T> {
    sender: oneshot::Sender<T>,
    place: Arc<Place>,
}

impl<T> Waiter<T> {
    /// Tells the caller, who does not count from now on. One that has gone is not told.
    pub(crate) fn tell(self, what: T) {
        self.place.leave();
        self.place.count.0.told.fetch_add(1, Ordering::SeqCst);
        // The caller may have gone: there is nobody left to tell.
        drop(self.sender.send(what));
    }

    /// Whether the caller has gone.
    pub(crate) fn is_gone(&self) -> bool {
        self.sender.is_closed()
    }
}

/// The caller's end: a future of what it is told; `None` if the server forgot about it.
#[derive(Debug)]
pub(crate) struct Waiting<T> {
    receiver: oneshot::Receiver<T>,
    place: Arc<Place>,
}

impl<T> Future for Waiting<T> {
    type Output = Option<T>;

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<T>> {
        Pin::new(&mut self.receiver).poll(context).map(Result::ok)
    }
}

impl<T> Drop for Waiting<T> {
    fn drop(&mut self) {
        self.place.leave();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_who_is_there_counts_until_it_leaves() {
        let count = WaiterCount::default();
        let (left, dropped) = (count.enter(), count.enter());
        assert_eq!(count.get(), 2);
        left.leave();
        drop(dropped);
        assert_eq!(count.get(), 0);
        drop(left);
        assert_eq!(count.get(), 0);
    }

    #[test]
    fn a_caller_counts_until_it_is_told_or_goes() {
        let count = WaiterCount::default();
        let (waiter, waiting) = count.pair::<u8>();
        let (other, gone) = count.pair::<u8>();
        assert_eq!(count.get(), 2);
        waiter.tell(1);
        assert_eq!((count.get(), count.told()), (1, 1));
        drop(gone);
        assert!(other.is_gone());
        assert_eq!(count.get(), 0);
        other.tell(2);
        drop(waiting);
        assert_eq!(count.get(), 0);
    }
}
