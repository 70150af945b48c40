//! Timers: waiting that survives the worker.

use std::panic::Location;
use std::pin::Pin;
use std::task::{Context as PollContext, Poll};
use std::time::Duration;

use durably_engine::TimerOperation;
use durably_protos::temporal::api::sdk::v1::UserMetadata;

use super::{WorkflowContext, canceled};
use crate::failure::Failure;
use crate::payload::ToPayload;

impl WorkflowContext {
    /// Waits for some time: seconds or years, whatever becomes of the worker meanwhile.
    ///
    /// The timer starts now, in the current cancellation scope, not when it is first awaited; a
    /// [`timer`](Self::timer) starts when it is awaited. A duration of zero does not wait and records
    /// nothing.
    ///
    /// # Errors
    /// [`Failure::Canceled`] when the current cancellation scope is canceled.
    ///
    /// # Determinism
    /// Records `TimerStarted`, and `TimerFired` or `TimerCanceled`.
    #[track_caller]
    pub fn sleep(&self, duration: Duration) -> Timer {
        self.timer(duration).into_future()
    }

    /// A timer with options; `.await` starts it. Dropping a started timer cancels it.
    ///
    /// ```
    /// # use std::time::Duration;
    /// # use durably::prelude::*;
    /// # async fn example(ctx: &WorkflowContext) -> WorkflowResult<()> {
    /// ctx.timer(Duration::from_secs(30 * 86_400)).summary("the customer may cancel").await?;
    /// # Ok(())
    /// # }
    /// ```
    #[track_caller]
    pub fn timer(&self, duration: Duration) -> TimerCall {
        self.timer_at(duration, Location::caller())
    }

    pub(super) fn timer_at(
        &self,
        duration: Duration,
        place: &'static Location<'static>,
    ) -> TimerCall {
        TimerCall {
            context: self.clone(),
            duration,
            summary: None,
            place,
        }
    }
}

/// A timer that is not started yet.
#[derive(Debug)]
#[must_use = "a timer starts when it is awaited"]
pub struct TimerCall {
    context: WorkflowContext,
    duration: Duration,
    summary: Option<String>,
    place: &'static Location<'static>,
}

impl TimerCall {
    /// A line that the web UI shows beside the timer.
    pub fn summary(mut self, summary: impl Into<String>) -> Self {
        self.summary = Some(summary.into());
        self
    }
}

impl IntoFuture for TimerCall {
    type Output = Result<(), Failure>;
    type IntoFuture = Timer;

    fn into_future(self) -> Timer {
        let metadata = self.summary.as_deref().and_then(summary_metadata);
        Timer {
            operation: self
                .context
                .engine
                .start_timer(self.duration, metadata, self.place),
        }
    }
}

/// A running timer. Dropping it cancels it.
#[derive(Debug)]
#[must_use = "a timer that is dropped is canceled"]
pub struct Timer {
    operation: TimerOperation,
}

impl Timer {
    /// Cancels the timer: whoever awaits it gets [`Failure::Canceled`].
    pub fn cancel(&self) {
        self.operation.cancel();
    }
}

impl Future for Timer {
    type Output = Result<(), Failure>;

    fn poll(mut self: Pin<&mut Self>, cx: &mut PollContext<'_>) -> Poll<Self::Output> {
        Pin::new(&mut self.operation)
            .poll(cx)
            .map_err(|_| canceled("timer canceled"))
    }
}

/// A summary as `user_metadata` of a command.
pub(super) fn summary_metadata(summary: &str) -> Option<UserMetadata> {
    // Text always encodes.
    let summary = summary.to_owned().to_payload().ok()?;
    Some(UserMetadata {
        summary: Some(summary),
        details: None,
    })
}
