//! Taking what ends as it ends.

use std::fmt;
use std::pin::Pin;
use std::task::{Context as PollContext, Poll};

use super::children::Children;

/// Futures on their way, whose outputs are taken one by one as they end.
///
/// ```
/// # use durably::prelude::*;
/// # #[activity(start_to_close_timeout = "10s")]
/// # async fn quote(carrier: String) -> ActivityResult<u64> { Ok(7) }
/// # async fn example(ctx: &WorkflowContext, mut carriers: Vec<String>) -> WorkflowResult<u64> {
/// let mut best = u64::MAX;
/// let mut asked = Unordered::new();
/// // Never more than ten at a time.
/// while !carriers.is_empty() || !asked.is_empty() {
///     while asked.len() < 10
///         && let Some(carrier) = carriers.pop()
///     {
///         asked.push(ctx.activity(quote, carrier));
///     }
///     if let Some(price) = asked.next().await {
///         best = best.min(price?);
///     }
/// }
/// # Ok(best)
/// # }
/// ```
///
/// Dropping it drops what is not done, and so cancels it.
///
/// # Determinism
/// Outputs come in the order in which the futures were woken for the last time, which history decides;
/// those that are ready at once in the order in which they were pushed. Only what was woken is polled.
pub struct Unordered<F> {
    children: Children<F>,
}

impl<F> Unordered<F> {
    /// With nothing in it.
    pub fn new() -> Self {
        Self {
            children: Children::new(),
        }
    }

    /// How many futures have not ended, or not been asked since they could.
    pub fn len(&self) -> usize {
        self.children.len()
    }

    /// Whether there is nothing to wait for.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }
}

impl<F: Future> Unordered<F> {
    /// Adds a future. A call becomes one now: its activity is scheduled, in the current cancellation
    /// scope. It goes on only while [`next`](Self::next) is awaited.
    pub fn push(&mut self, future: impl IntoFuture<IntoFuture = F>) {
        self.children.push(future.into_future());
    }

    /// Waits for the next that ends; `None` when there is nothing to wait for. To drop the wait
    /// loses nothing.
    #[expect(
        clippy::should_implement_trait,
        reason = "as the `next` of streams, which is awaited"
    )]
    pub fn next(&mut self) -> Next<'_, F> {
        Next { from: self }
    }
}

impl<F> Default for Unordered<F> {
    fn default() -> Self {
        Self::new()
    }
}

impl<F: Future, I: IntoFuture<IntoFuture = F>> Extend<I> for Unordered<F> {
    fn extend<T: IntoIterator<Item = I>>(&mut self, futures: T) {
        for future in futures {
            self.push(future);
        }
    }
}

impl<F: Future, I: IntoFuture<IntoFuture = F>> FromIterator<I> for Unordered<F> {
    fn from_iter<T: IntoIterator<Item = I>>(futures: T) -> Self {
        let mut all = Self::new();
        all.extend(futures);
        all
    }
}

impl<F> fmt::Debug for Unordered<F> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "Unordered({:?})", self.children)
    }
}

/// The wait of [`Unordered::next`].
#[derive(Debug)]
#[must_use = "futures do nothing unless awaited"]
pub struct Next<'a, F> {
    from: &'a mut Unordered<F>,
}

impl<F: Future> Future for Next<'_, F> {
    type Output = Option<F::Output>;

    fn poll(mut self: Pin<&mut Self>, cx: &mut PollContext<'_>) -> Poll<Self::Output> {
        let next = self.from.children.poll_next(cx);
        next.map(|next| next.map(|(_, output)| output))
    }
}

#[cfg(test)]
mod tests {
    use std::task::Waker;

    use super::*;
    use crate::workflow::testing::{Gate, run_ready};

    #[test]
    fn outputs_come_in_the_order_of_the_wakes() {
        let gates = [Gate::default(), Gate::default(), Gate::default()];
        let mut all: Unordered<_> = gates
            .iter()
            .enumerate()
            .map(|(number, gate)| Box::pin(gate.wait_for(number)))
            .collect();
        let mut cx = PollContext::from_waker(Waker::noop());
        assert!(Pin::new(&mut all.next()).poll(&mut cx).is_pending());
        for number in [2, 0, 1] {
            gates[number].open();
        }
        assert_eq!(all.len(), 3);
        assert_eq!(run_ready(all.next()), Some(2));
        all.push(Box::pin(gates[0].wait_for(7)));
        assert_eq!(run_ready(all.next()), Some(0));
        assert_eq!(run_ready(all.next()), Some(1));
        assert_eq!(run_ready(all.next()), Some(7));
        assert_eq!(run_ready(all.next()), None);
        assert!(all.is_empty());
    }

    #[test]
    fn a_wait_that_is_dropped_loses_no_wake() {
        let gate = Gate::default();
        let mut all = Unordered::new();
        all.push(Box::pin(gate.wait_for(1)));
        let mut cx = PollContext::from_waker(Waker::noop());
        assert!(Pin::new(&mut all.next()).poll(&mut cx).is_pending());
        gate.open();
        assert_eq!(run_ready(all.next()), Some(1));
    }
}
