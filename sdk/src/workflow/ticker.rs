//! Doing something every so often.

use std::panic::Location;
use std::pin::Pin;
use std::task::{Context as PollContext, Poll};
use std::time::{Duration, SystemTime};

use super::WorkflowContext;
use super::timer::Timer;
use crate::failure::Failure;

impl WorkflowContext {
    /// Ticks every so often, the first time after one period.
    ///
    /// The ticks are the multiples of the period since the call, so that they do not drift, however
    /// long the work in between takes. Ticks that pass during the work are left out.
    ///
    /// ```
    /// # use std::time::Duration;
    /// # use durably::prelude::*;
    /// # #[activity(start_to_close_timeout = "10s")]
    /// # async fn look() -> ActivityResult<bool> { Ok(true) }
    /// # async fn example(ctx: &WorkflowContext) -> WorkflowResult<()> {
    /// let mut hourly = ctx.ticker(Duration::from_secs(3600));
    /// while !ctx.activity(look, ()).await? {
    ///     hourly.tick().await?;
    /// }
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// Each tick adds events to the history: a workflow that ticks for long should
    /// [continue as new](Self::continue_as_new) now and then.
    ///
    /// # Panics
    /// The period is zero.
    ///
    /// # Determinism
    /// Each tick records `TimerStarted`, and `TimerFired` or `TimerCanceled`.
    #[track_caller]
    pub fn ticker(&self, period: Duration) -> Ticker {
        assert!(
            !period.is_zero(),
            "a ticker needs a period longer than zero"
        );
        Ticker {
            start: self.now(),
            context: self.clone(),
            period,
            passed: 0,
            running: None,
            place: Location::caller(),
        }
    }
}

/// Ticks every so often; see [`WorkflowContext::ticker`].
#[derive(Debug)]
pub struct Ticker {
    context: WorkflowContext,
    start: SystemTime,
    period: Duration,
    /// The number of the last tick.
    passed: u32,
    /// The tick that is waited for. A wait that is dropped leaves it here.
    running: Option<(u32, Timer)>,
    place: &'static Location<'static>,
}

impl Ticker {
    /// Waits for the next tick; gives its number: how many periods have passed since the start.
    ///
    /// A wait that is dropped is taken up by the next, with the same timer. So a loop around a
    /// [`select!`](crate::select) does not start a timer in each round.
    ///
    /// # Errors
    /// [`Failure::Canceled`] when the current cancellation scope is canceled.
    pub fn tick(&mut self) -> Tick<'_> {
        Tick { ticker: self }
    }

    fn start_timer(&mut self) -> (u32, Timer) {
        // Workflow time never goes backwards.
        let elapsed = self.context.now().duration_since(self.start);
        let (number, wait) = next_tick(elapsed.unwrap_or_default(), self.period, self.passed);
        let timer = self.context.timer_at(wait, self.place);
        (number, timer.into_future())
    }
}

/// The number of the first tick to come after the last one, and how long it is until then.
fn next_tick(elapsed: Duration, period: Duration, last: u32) -> (u32, Duration) {
    let passed = elapsed.as_nanos() / period.as_nanos().max(1);
    let number = u32::try_from(passed)
        .unwrap_or(u32::MAX)
        .max(last)
        .saturating_add(1);
    // A nanosecond at least: a timer of zero would end at once, and the workflow never wait.
    let wait = period.saturating_mul(number).saturating_sub(elapsed);
    (number, wait.max(Duration::from_nanos(1)))
}

/// The wait of [`Ticker::tick`].
#[derive(Debug)]
#[must_use = "a wait does nothing unless awaited"]
pub struct Tick<'a> {
    ticker: &'a mut Ticker,
}

impl Future for Tick<'_> {
    type Output = Result<u32, Failure>;

    fn poll(mut self: Pin<&mut Self>, cx: &mut PollContext<'_>) -> Poll<Self::Output> {
        let ticker = &mut *self.ticker;
        let (number, mut timer) = match ticker.running.take() {
            Some(running) => running,
            None => ticker.start_timer(),
        };
        match Pin::new(&mut timer).poll(cx) {
            Poll::Pending => {
                ticker.running = Some((number, timer));
                Poll::Pending
            }
            Poll::Ready(end) => {
                if end.is_ok() {
                    ticker.passed = number;
                }
                Poll::Ready(end.map(|()| number))
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ticks_are_multiples_of_the_period() {
        let (second, period) = (Duration::from_secs(1), Duration::from_secs(10));
        assert_eq!(next_tick(Duration::ZERO, period, 0), (1, period));
        assert_eq!(next_tick(11 * second, period, 1), (2, 9 * second));
        // Work took longer than two periods.
        assert_eq!(next_tick(35 * second, period, 1), (4, 5 * second));
        // Exactly at a tick, and a little before the tick that has just come.
        assert_eq!(next_tick(20 * second, period, 2), (3, period));
        assert_eq!(next_tick(19 * second, period, 2), (3, 11 * second));
        let tiny = Duration::from_nanos(1);
        assert_eq!(next_tick(Duration::MAX, tiny, 0).1, tiny);
    }
}
