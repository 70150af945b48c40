//! Waiting until the workflow's state is such.

use std::fmt;
use std::panic::Location;
use std::pin::Pin;
use std::task::{Context as PollContext, Poll};
use std::time::Duration;

use durably_engine::Condition;

use super::timer::{Timer, TimerCall};
use super::{WorkflowContext, canceled};
use crate::failure::Failure;

impl WorkflowContext {
    /// Waits until `condition` holds. It is looked at again whenever something happened in the
    /// workflow: a signal, a result, a timer.
    ///
    /// ```
    /// # use std::time::Duration;
    /// # use durably::prelude::*;
    /// # async fn example(ctx: &WorkflowContext, paid: &State<bool>) -> WorkflowResult<()> {
    /// ctx.wait_until(|| paid.get()).await?;
    /// let in_time = ctx.wait_until(|| paid.get()).timeout(Duration::from_secs(3600)).await?;
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    /// [`Failure::Canceled`] when the current cancellation scope is canceled.
    ///
    /// # Determinism
    /// Records nothing, but for the timer of a [`timeout`](WaitUntil::timeout). The condition must
    /// depend on the workflow's own state alone.
    #[track_caller]
    pub fn wait_until<F: FnMut() -> bool + Unpin>(&self, condition: F) -> WaitUntil<F> {
        WaitUntil {
            context: self.clone(),
            condition: self.engine.wait_until(condition),
            place: Location::caller(),
        }
    }
}

/// A wait for a condition.
#[must_use = "a wait does nothing unless awaited"]
pub struct WaitUntil<F> {
    context: WorkflowContext,
    condition: Condition<F>,
    place: &'static Location<'static>,
}

impl<F: FnMut() -> bool + Unpin> WaitUntil<F> {
    /// Gives up after some time: the wait then gives `false`, else `true`.
    pub fn timeout(self, duration: Duration) -> WaitUntilTimeout<F> {
        WaitUntilTimeout {
            timer: TimerState::Idle(self.context.timer_at(duration, self.place)),
            condition: self.condition,
            context: self.context,
        }
    }
}

impl<F: FnMut() -> bool + Unpin> Future for WaitUntil<F> {
    type Output = Result<(), Failure>;

    fn poll(mut self: Pin<&mut Self>, cx: &mut PollContext<'_>) -> Poll<Self::Output> {
        Pin::new(&mut self.condition)
            .poll(cx)
            .map_err(|_| canceled("wait canceled"))
    }
}

impl<F> fmt::Debug for WaitUntil<F> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("WaitUntil")
            .field("place", &self.place)
            .finish_non_exhaustive()
    }
}

enum TimerState {
    /// A condition that holds at once starts no timer.
    Idle(TimerCall),
    Running(Timer),
    Starting,
}

/// A wait for a condition that gives up after some time.
#[must_use = "a wait does nothing unless awaited"]
pub struct WaitUntilTimeout<F> {
    condition: Condition<F>,
    timer: TimerState,
    context: WorkflowContext,
}

impl<F> WaitUntilTimeout<F> {
    /// A line that the web UI shows beside the timer.
    pub fn summary(mut self, summary: impl Into<String>) -> Self {
        self.timer = match self.timer {
            TimerState::Idle(call) => TimerState::Idle(call.summary(summary)),
            started => started,
        };
        self
    }
}

impl<F: FnMut() -> bool + Unpin> Future for WaitUntilTimeout<F> {
    type Output = Result<bool, Failure>;

    fn poll(mut self: Pin<&mut Self>, cx: &mut PollContext<'_>) -> Poll<Self::Output> {
        let this = &mut *self;
        if let Poll::Ready(result) = Pin::new(&mut this.condition).poll(cx) {
            if let TimerState::Idle(_) = this.timer {
                this.context.engine.leave_out_timer();
            }
            return Poll::Ready(result.map(|()| true).map_err(|_| canceled("wait canceled")));
        }
        if let TimerState::Idle(_) = this.timer
            && let TimerState::Idle(call) = std::mem::replace(&mut this.timer, TimerState::Starting)
        {
            this.timer = TimerState::Running(call.into_future());
        }
        match &mut this.timer {
            TimerState::Running(timer) => Pin::new(timer).poll(cx).map(|end| end.map(|()| false)),
            TimerState::Idle(_) | TimerState::Starting => Poll::Pending,
        }
    }
}

impl<F> fmt::Debug for WaitUntilTimeout<F> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("WaitUntilTimeout")
    }
}
