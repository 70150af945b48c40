//! Giving up a wait after some time.

use std::fmt;
use std::panic::Location;
use std::pin::Pin;
use std::task::{Context as PollContext, Poll};
use std::time::Duration;

use super::WorkflowContext;
use super::timer::TimerCall;
use crate::failure::{ApplicationFailure, Failure};

/// A [`timeout`](WorkflowContext::timeout) has passed.
///
/// As the error of a workflow or as a [`Failure`] it is an application failure of type `TimedOut`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("timed out after {after:?}")]
pub struct TimedOut {
    /// How long was waited.
    pub after: Duration,
}

impl From<TimedOut> for Failure {
    fn from(timed_out: TimedOut) -> Self {
        ApplicationFailure::from_error(timed_out).into()
    }
}

impl WorkflowContext {
    /// Waits for a future, but only so long. When the time has passed the future is dropped, which
    /// cancels what it has started; when the future ends first the timer is canceled.
    ///
    /// ```
    /// # use std::time::Duration;
    /// # use durably::prelude::*;
    /// use durably::workflow::TimedOut;
    ///
    /// # #[activity(start_to_close_timeout = "10s")]
    /// # async fn quote(carrier: String) -> ActivityResult<u64> { Ok(7) }
    /// # async fn example(ctx: &WorkflowContext) -> WorkflowResult<()> {
    /// let call = ctx.activity(quote, "sloth");
    /// let price = match ctx.timeout(Duration::from_secs(60), call).await {
    ///     Ok(price) => price?,
    ///     Err(TimedOut { .. }) => u64::MAX,
    /// };
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// A cancellation does not end the wait by itself: it ends what the future waits for, whose output
    /// tells of it. The time goes on meanwhile, so the wait ends in any case.
    ///
    /// # Errors
    /// [`TimedOut`] when the time has passed and the future is not ready.
    ///
    /// # Determinism
    /// Records `TimerStarted` if the future is not ready at once, and `TimerFired` or `TimerCanceled`.
    /// If both end with the same workflow task the future's output counts.
    #[track_caller]
    pub fn timeout<F: IntoFuture>(&self, duration: Duration, future: F) -> Timeout<F> {
        Timeout {
            future,
            duration,
            timer: self.timer_at(duration, Location::caller()),
            context: self.clone(),
        }
    }
}

/// A wait that gives up after some time. It begins when it is awaited.
#[must_use = "a wait does nothing unless awaited"]
pub struct Timeout<F> {
    future: F,
    duration: Duration,
    timer: TimerCall,
    context: WorkflowContext,
}

impl<F> Timeout<F> {
    /// A line that the web UI shows beside the timer.
    pub fn summary(mut self, summary: impl Into<String>) -> Self {
        self.timer = self.timer.summary(summary);
        self
    }
}

impl<F: IntoFuture> IntoFuture for Timeout<F> {
    type Output = Result<F::Output, TimedOut>;
    type IntoFuture = TimeoutFuture<F::IntoFuture>;

    fn into_future(self) -> Self::IntoFuture {
        // In a shield, since a deadline holds for those who clean up as well.
        let Self { timer, context, .. } = self;
        let timer = context.shield(timer);
        TimeoutFuture {
            future: Some(Box::pin(self.future.into_future())),
            timer: Some(Box::pin(timer)),
            after: self.duration,
        }
    }
}

type BoxedTimer = Pin<Box<dyn Future<Output = Result<(), Failure>>>>;

/// The future of a [`Timeout`].
#[must_use = "a wait does nothing unless awaited"]
pub struct TimeoutFuture<F> {
    future: Option<Pin<Box<F>>>,
    timer: Option<BoxedTimer>,
    after: Duration,
}

impl<F: Future> Future for TimeoutFuture<F> {
    type Output = Result<F::Output, TimedOut>;

    fn poll(mut self: Pin<&mut Self>, cx: &mut PollContext<'_>) -> Poll<Self::Output> {
        let this = &mut *self;
        let (Some(future), Some(timer)) = (&mut this.future, &mut this.timer) else {
            // Polled after its end, against the contract of futures.
            return Poll::Pending;
        };
        let end = if let Poll::Ready(output) = future.as_mut().poll(cx) {
            Ok(output)
        } else if timer.as_mut().poll(cx).is_ready() {
            Err(TimedOut { after: this.after })
        } else {
            return Poll::Pending;
        };
        this.future = None;
        this.timer = None;
        Poll::Ready(end)
    }
}

impl<F> fmt::Debug for Timeout<F> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("Timeout")
            .field("duration", &self.duration)
            .finish_non_exhaustive()
    }
}

impl<F> fmt::Debug for TimeoutFuture<F> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("TimeoutFuture")
            .field("after", &self.after)
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::failure::WorkflowError;

    #[test]
    fn as_a_failure_it_names_its_type() {
        let after = Duration::from_secs(3);
        let failure = Failure::from(TimedOut { after });
        assert_eq!(failure.message(), "timed out after 3s");
        assert_eq!(failure.application().unwrap().failure_type(), "TimedOut");
        let WorkflowError::Failed(same) = WorkflowError::from(TimedOut { after }) else {
            panic!("a failure");
        };
        assert_eq!(same.message(), failure.message());
        assert_eq!(same.application().unwrap().failure_type(), "TimedOut");
    }
}
