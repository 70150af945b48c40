//! A scheduled activity as a future.

use std::fmt;
use std::marker::PhantomData;
use std::panic::Location;
use std::pin::Pin;
use std::task::{Context as PollContext, Poll};

use durably_engine::{ActivityOperation, ActivityResolution};

use super::WorkflowContext;
use super::call::{fail_task, first_payload};
use super::interceptor::{CallResult, Made};
use super::session::SessionEnd;
use crate::failure::Failure;
use crate::payload::{FromPayload, value_from_result};

/// A scheduled activity: gives its result. Dropping it cancels the activity.
#[must_use = "an activity whose future is dropped is canceled"]
pub struct ActivityFuture<T> {
    context: WorkflowContext,
    operation: Made<ActivityOperation, CallResult>,
    place: &'static Location<'static>,
    /// The end of the session that it is called in, which ends the wait too.
    session: Option<SessionEnd>,
    output: PhantomData<fn() -> T>,
}

/// A scheduled activity that runs beside the code that goes on: see [`ActivityCall::start`](super::ActivityCall::start).
pub type ActivityHandle<T> = ActivityFuture<T>;

impl<T> ActivityFuture<T> {
    pub(super) fn new(
        context: WorkflowContext,
        operation: Made<ActivityOperation, CallResult>,
        place: &'static Location<'static>,
    ) -> Self {
        Self {
            context,
            operation,
            place,
            session: None,
            output: PhantomData,
        }
    }

    /// Ends it with the session that it is called in.
    pub(super) fn until(mut self, end: SessionEnd) -> Self {
        self.session = Some(end);
        self
    }

    /// What the session has ended with, which cancels the activity.
    fn poll_session(&mut self, cx: &mut PollContext<'_>) -> Poll<Failure> {
        let Some(session) = &mut self.session else {
            return Poll::Pending;
        };
        let ended = session.as_mut().poll(cx);
        if ended.is_ready() {
            self.session = None;
            self.operation = Made::Plain(None);
        }
        ended
    }

    /// Cancels the activity, as its cancellation type says; whoever awaits it learns of it.
    ///
    /// # Determinism
    /// Records `ActivityTaskCancelRequested`, unless the type is to abandon the activity.
    pub fn cancel(&self) {
        self.operation.with(ActivityOperation::cancel);
    }

    /// Lets the activity run on without anyone waiting for it.
    pub fn detach(mut self) {
        if let Some(operation) = self.operation.take() {
            operation.detach();
        }
    }
}

impl<T: FromPayload> Future for ActivityFuture<T> {
    type Output = Result<T, Failure>;

    fn poll(mut self: Pin<&mut Self>, cx: &mut PollContext<'_>) -> Poll<Self::Output> {
        let Poll::Ready(result) = self.operation.poll(cx, ended) else {
            return self.poll_session(cx).map(Err);
        };
        self.session = None;
        let payload = match result {
            Ok(payload) => payload,
            Err(failure) => return Poll::Ready(Err(failure)),
        };
        match value_from_result(payload.as_ref()) {
            Ok(value) => Poll::Ready(Ok(value)),
            Err(error) => {
                let what = "an activity's result cannot be read";
                fail_task(&self.context, what, &error, Some(self.place));
                self.operation = Made::Plain(None);
                Poll::Pending
            }
        }
    }
}

/// There is no end where it is polled after it, against the contract of futures.
fn ended(resolution: Option<ActivityResolution>) -> Poll<CallResult> {
    resolution.map_or(Poll::Pending, |resolution| {
        Poll::Ready(call_result(resolution))
    })
}

/// The end of an activity as its caller gets it.
pub(super) fn call_result(resolution: ActivityResolution) -> CallResult {
    match resolution {
        ActivityResolution::Completed(result) => Ok(first_payload(result)),
        ActivityResolution::Failed(failure) => Err(Failure::from(*failure)),
    }
}

impl<T> fmt::Debug for ActivityFuture<T> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("ActivityFuture")
            .field("operation", &self.operation)
            .finish_non_exhaustive()
    }
}
