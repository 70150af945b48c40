//! Timers: waiting that survives the worker.

use std::panic::Location;
use std::pin::Pin;
use std::task::{Context as PollContext, Poll};
use std::time::Duration;

use durably_engine::TimerOperation;
use durably_protos::temporal::api::sdk::v1::UserMetadata;

use super::interceptor::{Intercepted, Made, SharedOperation, StartTimer};
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
        let (context, place) = (self.context, self.place);
        let Some(interceptors) = context.interceptors() else {
            let started = start(&context, self.duration, self.summary.as_deref(), place);
            let operation = Made::Plain(Some(started));
            return Timer { operation };
        };
        let operation = SharedOperation::new(None);
        let (within, shared) = (context.clone(), operation.clone());
        let last = move |call: StartTimer| {
            let summary = call.summary.as_deref();
            shared.set(Some(start(&within, call.duration, summary, place)));
            let ended = shared.clone().ended();
            Intercepted::running(async move { fired(ended.await) })
        };
        let call = StartTimer {
            duration: self.duration,
            summary: self.summary,
        };
        let operation = Made::intercepted(operation, interceptors.run(&context, call, last));
        Timer { operation }
    }
}

fn start(
    context: &WorkflowContext,
    duration: Duration,
    summary: Option<&str>,
    place: &'static Location<'static>,
) -> TimerOperation {
    let metadata = summary.and_then(summary_metadata);
    context.engine.start_timer(duration, metadata, place)
}

fn fired(end: <TimerOperation as Future>::Output) -> Result<(), Failure> {
    end.map_err(|_| canceled("timer canceled"))
}

/// A running timer. Dropping it cancels it.
#[derive(Debug)]
#[must_use = "a timer that is dropped is canceled"]
pub struct Timer {
    operation: Made<TimerOperation, Result<(), Failure>>,
}

impl Timer {
    /// Cancels the timer: whoever awaits it gets [`Failure::Canceled`].
    pub fn cancel(&self) {
        self.operation.with(TimerOperation::cancel);
    }
}

impl Future for Timer {
    type Output = Result<(), Failure>;

    fn poll(mut self: Pin<&mut Self>, cx: &mut PollContext<'_>) -> Poll<Self::Output> {
        self.operation.poll(cx, |end| Poll::Ready(fired(end)))
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
