//! What a running attempt can do.

use std::sync::Arc;

use bytes::Bytes;

use super::interceptor::RecordHeartbeat;
use super::{ActivityCanceled, ActivityInfo, Attempt, HeartbeatError};
use crate::payload::{
    FromPayload, HeaderKey, Headers, Payload, PayloadError, ToPayload, result_payload,
};

/// What the attempt that runs knows and can do.
///
/// Cheap to clone, and usable from every thread and task that works for the attempt.
///
/// ```
/// use durably::activity::ActivityContext;
/// use durably::failure::ActivityResult;
///
/// async fn import(ctx: &ActivityContext, rows: Vec<String>) -> ActivityResult<usize> {
///     // An earlier attempt got this far.
///     let done: usize = ctx.heartbeat_details()?.unwrap_or(0);
///     for (index, row) in rows.iter().enumerate().skip(done) {
/// #       let _ = row;
///         // ... import the row ...
///         ctx.heartbeat(&(index + 1))?;
///     }
///     Ok(rows.len())
/// }
/// ```
#[derive(Debug, Clone)]
pub struct ActivityContext {
    attempt: Arc<Attempt>,
    /// In place of those that the server sent.
    headers: Option<Headers>,
}

impl ActivityContext {
    pub(crate) fn new(attempt: Arc<Attempt>) -> Self {
        let headers = None;
        Self { attempt, headers }
    }

    /// What the server says about this attempt.
    pub fn info(&self) -> &ActivityInfo {
        self.attempt.info()
    }

    /// Reads a header: who the tenant is, say, or which trace this belongs to.
    ///
    /// # Errors
    /// The header cannot be read as this type.
    pub fn header<T: FromPayload>(&self, key: &HeaderKey<T>) -> Result<Option<T>, PayloadError> {
        self.headers().get(key)
    }

    /// The headers that the workflow, or the client, sent along.
    ///
    /// A client that the activity calls does not know of them:
    /// [`client.with_headers(ctx.headers().clone())`](crate::client::Client::with_headers) passes
    /// them on.
    pub fn headers(&self) -> &Headers {
        self.headers.as_ref().unwrap_or(&self.info().headers)
    }

    /// The same attempt with other headers, which an
    /// [interceptor](crate::interceptor::ActivityInterceptor) passes on to the activity. The
    /// [info](Self::info) goes on to hold those that were sent.
    #[must_use]
    pub fn with_headers(&self, headers: Headers) -> Self {
        Self {
            attempt: Arc::clone(&self.attempt),
            headers: Some(headers),
        }
    }

    /// What completes this attempt from elsewhere, together with
    /// [`ActivityError::complete_asynchronously`](crate::failure::ActivityError::complete_asynchronously).
    /// Empty for a local activity, which cannot be completed so.
    pub fn task_token(&self) -> &Bytes {
        &self.info().task_token
    }

    /// Reports that the attempt is alive, with details that its next attempt can read.
    ///
    /// Returns at once. The worker sends the first heartbeat without delay, and after it only the
    /// newest one each time four fifths of the heartbeat timeout have passed (30 seconds if there
    /// is none). Details not yet sent when the attempt fails are sent with its failure.
    ///
    /// Only an attempt that reports hears that it was canceled: the server says so in its answers.
    /// In a local activity this does nothing.
    ///
    /// # Errors
    /// [`Canceled`](HeartbeatError::Canceled) if the attempt should stop, each time from then on;
    /// the heartbeat is recorded all the same. Otherwise nothing was recorded.
    pub fn heartbeat<T: ToPayload + 'static>(&self, details: &T) -> Result<(), HeartbeatError> {
        let details = result_payload(details)?;
        self.heartbeat_payloads(details.into_iter().collect())
    }

    /// As [`heartbeat`](Self::heartbeat), with details in the form in which they are sent.
    ///
    /// # Errors
    /// As [`heartbeat`](Self::heartbeat).
    pub fn heartbeat_payloads(&self, details: Vec<Payload>) -> Result<(), HeartbeatError> {
        let activity_type = &self.info().activity_type;
        match self.attempt.host().interceptors(activity_type) {
            [] => self.record_heartbeat(details),
            interceptors => RecordHeartbeat::new(interceptors).run(self, details),
        }
    }

    /// Records a heartbeat past the interceptors.
    pub(super) fn record_heartbeat(&self, details: Vec<Payload>) -> Result<(), HeartbeatError> {
        self.attempt.record_heartbeat(details)
    }

    /// The details that the activity last reported when this attempt began, by an earlier attempt;
    /// `None` if there are none.
    ///
    /// # Errors
    /// The details cannot be read as this type.
    pub fn heartbeat_details<T: FromPayload>(&self) -> Result<Option<T>, PayloadError> {
        let details = self.info().heartbeat_details.first();
        details.map(T::from_payload).transpose()
    }

    /// Whether the attempt should stop.
    pub fn is_canceled(&self) -> bool {
        self.attempt.is_canceled()
    }

    /// Why the attempt should stop, if it should.
    pub fn cancellation(&self) -> Option<ActivityCanceled> {
        self.attempt.cancellation()
    }

    /// An error once the attempt should stop, to leave it by `?`.
    ///
    /// # Errors
    /// The attempt should stop; the error says why.
    pub fn check_canceled(&self) -> Result<(), ActivityCanceled> {
        self.cancellation().map_or(Ok(()), Err)
    }

    /// Waits until the attempt should stop, and says why. It never returns for an attempt that is
    /// not canceled.
    ///
    /// An attempt hears of its cancellation by the heartbeats it sends, from the worker when it
    /// shuts down, and when one of its timeouts has passed.
    ///
    /// ```
    /// use durably::activity::ActivityContext;
    /// use durably::failure::ActivityResult;
    ///
    /// # async fn upload() -> ActivityResult<()> { Ok(()) }
    /// async fn backup(ctx: &ActivityContext) -> ActivityResult<()> {
    ///     ctx.heartbeat(&())?;
    ///     tokio::select! {
    ///         result = upload() => result,
    ///         canceled = ctx.canceled() => Err(canceled.into()),
    ///     }
    /// }
    /// ```
    pub async fn canceled(&self) -> ActivityCanceled {
        self.attempt.canceled().await
    }

    /// Whether the worker has begun to shut down. The attempt may go on until it is
    /// [canceled](Self::canceled), for as long as the worker's grace period allows.
    pub fn is_worker_shutting_down(&self) -> bool {
        self.attempt.host().shutdown().is_cancelled()
    }

    /// Waits until the worker begins to shut down.
    pub async fn worker_shutdown(&self) {
        self.attempt.host().shutdown().cancelled().await;
    }
}
