//! Waiting for all of a list.

use std::fmt;
use std::pin::Pin;
use std::task::{Context as PollContext, Poll};

use super::branch::take_output;
use super::children::Children;

/// Waits for all futures of a list; gives their outputs, in the list's order.
///
/// Calls of activities and the like begin when the result is first polled.
///
/// ```
/// # use durably::prelude::*;
/// # #[activity(start_to_close_timeout = "10s")]
/// # async fn quote(carrier: String) -> ActivityResult<u64> { Ok(7) }
/// # async fn example(ctx: &WorkflowContext, carriers: Vec<String>) -> WorkflowResult<()> {
/// let quotes = join_all(carriers.iter().map(|carrier| ctx.activity(quote, carrier))).await;
/// let best = quotes.into_iter().flatten().min();
/// # Ok(())
/// # }
/// ```
///
/// # Determinism
/// The futures begin in the list's order. Later those are polled that were woken, in the order in
/// which they were, which history decides; so the work grows with the list, and not with its square.
pub fn join_all<I>(futures: I) -> JoinAll<I::Item>
where
    I: IntoIterator,
    I::Item: IntoFuture,
{
    JoinAll {
        running: Running::new(futures),
    }
}

/// Waits for all futures of a list as long as none fails; gives their values, in the list's order.
///
/// The first error ends the wait and drops the futures that are not done, which cancels what they
/// have started.
///
/// ```
/// # use durably::prelude::*;
/// # #[activity(start_to_close_timeout = "10s")]
/// # async fn quote(carrier: String) -> ActivityResult<u64> { Ok(7) }
/// # async fn example(ctx: &WorkflowContext, carriers: Vec<String>) -> WorkflowResult<()> {
/// let quotes = try_join_all(carriers.iter().map(|carrier| ctx.activity(quote, carrier))).await?;
/// # Ok(())
/// # }
/// ```
///
/// # Determinism
/// As for [`join_all`].
pub fn try_join_all<I, T, E>(futures: I) -> TryJoinAll<I::Item>
where
    I: IntoIterator,
    I::Item: IntoFuture<Output = Result<T, E>>,
{
    TryJoinAll {
        running: Running::new(futures),
    }
}

/// Futures on their way, and what those left that have ended.
struct Running<F: IntoFuture, T> {
    /// Taken when the first poll begins them.
    waiting: Option<Vec<F>>,
    children: Children<F::IntoFuture>,
    outputs: Vec<Option<T>>,
}

impl<F: IntoFuture, T> Running<F, T> {
    fn new(futures: impl IntoIterator<Item = F>) -> Self {
        Self {
            waiting: Some(futures.into_iter().collect()),
            children: Children::new(),
            outputs: Vec::new(),
        }
    }

    /// The next that ends, with its place in the list.
    fn poll_next(&mut self, cx: &mut PollContext<'_>) -> Poll<Option<(usize, F::Output)>> {
        for future in self.waiting.take().into_iter().flatten() {
            self.children.push(future.into_future());
            self.outputs.push(None);
        }
        self.children.poll_next(cx).map(|next| {
            // The keys are places in a list, which `usize` counts.
            next.map(|(key, output)| (usize::try_from(key).unwrap_or(usize::MAX), output))
        })
    }

    fn put(&mut self, place: usize, value: T) {
        if let Some(slot) = self.outputs.get_mut(place) {
            *slot = Some(value);
        }
    }

    fn take(&mut self) -> Vec<T> {
        std::mem::take(&mut self.outputs)
            .into_iter()
            .map(take_output)
            .collect()
    }
}

/// The future of [`join_all`].
#[must_use = "futures do nothing unless awaited"]
pub struct JoinAll<F: IntoFuture> {
    running: Running<F, F::Output>,
}

impl<F: IntoFuture> Future for JoinAll<F> {
    type Output = Vec<F::Output>;

    fn poll(mut self: Pin<&mut Self>, cx: &mut PollContext<'_>) -> Poll<Self::Output> {
        let running = &mut self.running;
        while let Poll::Ready(next) = running.poll_next(cx) {
            match next {
                Some((place, output)) => running.put(place, output),
                None => return Poll::Ready(running.take()),
            }
        }
        Poll::Pending
    }
}

// Futures are boxed before they are polled; nothing here is pinned.
impl<F: IntoFuture> Unpin for JoinAll<F> {}

impl<F: IntoFuture> fmt::Debug for JoinAll<F> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "JoinAll({:?})", self.running.children)
    }
}

/// The future of [`try_join_all`].
#[must_use = "futures do nothing unless awaited"]
pub struct TryJoinAll<F: TryIntoFuture> {
    running: Running<F, F::Value>,
}

/// What becomes a future of a `Result`. Implemented for all that does.
pub trait TryIntoFuture: IntoFuture<Output = Result<Self::Value, Self::Error>> {
    /// What it gives.
    type Value;
    /// How it fails.
    type Error;
}

impl<F: IntoFuture<Output = Result<T, E>>, T, E> TryIntoFuture for F {
    type Value = T;
    type Error = E;
}

impl<F: TryIntoFuture> Future for TryJoinAll<F> {
    type Output = Result<Vec<F::Value>, F::Error>;

    fn poll(mut self: Pin<&mut Self>, cx: &mut PollContext<'_>) -> Poll<Self::Output> {
        let running = &mut self.running;
        while let Poll::Ready(next) = running.poll_next(cx) {
            match next {
                Some((place, Ok(value))) => running.put(place, value),
                Some((_, Err(error))) => {
                    running.children.clear();
                    return Poll::Ready(Err(error));
                }
                None => return Poll::Ready(Ok(running.take())),
            }
        }
        Poll::Pending
    }
}

impl<F: TryIntoFuture> Unpin for TryJoinAll<F> {}

impl<F: TryIntoFuture> fmt::Debug for TryJoinAll<F> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "TryJoinAll({:?})", self.running.children)
    }
}

#[cfg(test)]
mod tests {
    use std::cell::Cell;
    use std::future::{pending, ready};
    use std::task::Waker;

    use super::*;
    use crate::workflow::testing::{Gate, run_ready};

    #[test]
    fn only_what_was_woken_is_polled_again() {
        const COUNT: usize = 5_000;
        let polls = Cell::new(0);
        let gates: Vec<Gate> = (0..COUNT).map(|_| Gate::default()).collect();
        let mut all = join_all(gates.iter().enumerate().map(|(number, gate)| {
            let mut wait = Box::pin(gate.wait_for(number));
            let polls = &polls;
            std::future::poll_fn(move |cx| {
                polls.set(polls.get() + 1);
                wait.as_mut().poll(cx)
            })
        }));
        let mut cx = PollContext::from_waker(Waker::noop());
        for gate in gates.iter().rev() {
            assert!(Pin::new(&mut all).poll(&mut cx).is_pending());
            gate.open();
        }
        let Poll::Ready(outputs) = Pin::new(&mut all).poll(&mut cx) else {
            panic!("all gates are open");
        };
        assert!(outputs.iter().copied().eq(0..COUNT));
        assert_eq!(polls.get(), 2 * COUNT);
    }

    #[test]
    fn calls_begin_when_they_are_first_polled() {
        struct Call<'a>(&'a Cell<bool>);
        impl IntoFuture for Call<'_> {
            type Output = ();
            type IntoFuture = std::future::Ready<()>;
            fn into_future(self) -> Self::IntoFuture {
                self.0.set(true);
                ready(())
            }
        }
        let begun = Cell::new(false);
        let all = join_all([Call(&begun)]);
        assert!(!begun.get());
        assert_eq!(run_ready(all).len(), 1);
        assert!(begun.get());
    }

    #[test]
    fn the_first_error_drops_the_rest() {
        let kept = std::rc::Rc::new(());
        let futures = (0..3).map(|number| {
            let kept = kept.clone();
            async move {
                if number == 1 {
                    return Err("no");
                }
                pending::<()>().await;
                drop(kept);
                Ok(number)
            }
        });
        let mut all = try_join_all(futures);
        assert_eq!(run_ready(&mut all), Err("no"));
        assert_eq!(std::rc::Rc::strong_count(&kept), 1);
        let none: Result<Vec<()>, ()> =
            run_ready(try_join_all(Vec::<std::future::Ready<_>>::new()));
        assert_eq!(none, Ok(vec![]));
    }

    #[test]
    fn one_that_wakes_itself_leaves_the_turn_to_others() {
        let polls = Cell::new(0);
        let mut all = join_all([std::future::poll_fn(|cx| {
            polls.set(polls.get() + 1);
            cx.waker().wake_by_ref();
            Poll::<()>::Pending
        })]);
        let mut cx = PollContext::from_waker(Waker::noop());
        assert!(Pin::new(&mut all).poll(&mut cx).is_pending());
        assert!(Pin::new(&mut all).poll(&mut cx).is_pending());
        assert_eq!(polls.get(), 2);
    }
}
