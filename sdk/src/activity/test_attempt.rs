//! An attempt without a worker, for tests of an activity alone.

use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;

use super::{ActivityCancellationReason, ActivityContext, ActivityInfo, Attempt, AttemptHost};
use crate::payload::Payload;

/// The other side of a context that was made by [`ActivityContext::for_tests`]: sees what the activity
/// reports, and cancels it.
///
/// ```
/// use durably::activity::{ActivityCancellationReason, ActivityContext, ActivityInfo};
///
/// let (ctx, attempt) = ActivityContext::for_tests(ActivityInfo::default());
/// ctx.heartbeat(&7).unwrap();
/// assert_eq!(attempt.heartbeats().len(), 1);
/// attempt.cancel(ActivityCancellationReason::Canceled);
/// assert!(ctx.heartbeat(&8).is_err());
/// ```
#[derive(Clone)]
pub struct TestAttempt {
    attempt: Arc<Attempt>,
    host: Arc<TestHost>,
}

impl ActivityContext {
    /// A context without a worker, to test an activity alone: heartbeats go no further than to the
    /// second part, which also cancels the attempt.
    pub fn for_tests(info: ActivityInfo) -> (Self, TestAttempt) {
        let host = Arc::new(TestHost::default());
        let attempt = Attempt::new(info, host.clone());
        let context = Self::new(attempt.clone());
        (context, TestAttempt { attempt, host })
    }
}

impl TestAttempt {
    /// The details of all heartbeats so far.
    pub fn heartbeats(&self) -> Vec<Vec<Payload>> {
        self.host.state().heartbeats.clone()
    }

    /// Tells the activity to stop, as the server's answer to a heartbeat would.
    pub fn cancel(&self, reason: ActivityCancellationReason) {
        self.attempt.cancel(reason.into());
    }

    /// Cancels the attempt when it reports its `number`th heartbeat, counted from 1: that heartbeat is
    /// the first whose answer says so.
    pub fn cancel_at_heartbeat(&self, number: usize, reason: ActivityCancellationReason) {
        self.host.state().cancel_at = Some((number, reason));
    }

    /// Begins the shutdown of the worker, as the activity sees it.
    pub fn shut_worker_down(&self) {
        self.host.shutdown.cancel();
    }

    /// Ends the attempt: a heartbeat that comes later is refused, as after the body's end.
    pub fn end(&self) {
        self.attempt.end();
    }
}

impl fmt::Debug for TestAttempt {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("TestAttempt")
            .field("attempt", &self.attempt)
            .finish_non_exhaustive()
    }
}

#[derive(Default)]
struct TestHost {
    state: Mutex<State>,
    shutdown: CancellationToken,
}

#[derive(Default)]
struct State {
    heartbeats: Vec<Vec<Payload>>,
    cancel_at: Option<(usize, ActivityCancellationReason)>,
}

impl TestHost {
    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl AttemptHost for TestHost {
    fn start_heartbeats(self: Arc<Self>, _: &Arc<Attempt>) -> Option<JoinHandle<()>> {
        None
    }

    fn recorded(&self, details: &[Payload]) -> Option<ActivityCancellationReason> {
        let mut state = self.state();
        state.heartbeats.push(details.to_vec());
        let (at, reason) = state.cancel_at?;
        (state.heartbeats.len() >= at).then_some(reason)
    }

    fn shutdown(&self) -> &CancellationToken {
        &self.shutdown
    }

    fn details_limit(&self) -> usize {
        2 * 1024 * 1024
    }
}
