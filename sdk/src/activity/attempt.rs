//! The state that an attempt's body and the worker share.

use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use prost::Message;
use tokio::sync::Notify;
use tokio::task::JoinHandle;
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

use super::heartbeat::Newest;
use super::interceptor::AnyActivityInterceptor;
use super::{
    ActivityCanceled, ActivityCancellationDetails, ActivityCancellationReason, ActivityInfo,
    HeartbeatError,
};
use crate::payload::Payload;

/// Who runs an attempt: a worker, or a test.
pub(crate) trait AttemptHost: Send + Sync {
    /// Starts sending the attempt's heartbeats, the newest that [`Attempt::take_heartbeat`] gives
    /// until it gives none. Called when one was recorded and nothing sends. `None` if heartbeats
    /// go nowhere.
    ///
    /// Called with the attempt locked: it must only start the task.
    fn start_heartbeats(self: Arc<Self>, attempt: &Arc<Attempt>) -> Option<JoinHandle<()>>;

    /// Sees each heartbeat that the body records; may cancel the attempt at once.
    fn recorded(&self, _details: &[Payload]) -> Option<ActivityCancellationReason> {
        None
    }

    /// What is around the heartbeats that the body records.
    fn interceptors(&self, _activity_type: &str) -> &[Arc<dyn AnyActivityInterceptor>] {
        &[]
    }

    /// Canceled when the worker begins to shut down.
    fn shutdown(&self) -> &CancellationToken;

    /// How large the details of a heartbeat may be, encoded.
    fn details_limit(&self) -> usize;
}

/// One attempt of an activity.
pub(crate) struct Attempt {
    info: ActivityInfo,
    host: Arc<dyn AttemptHost>,
    state: Mutex<State>,
    /// Told once, when the first reason to stop is there.
    canceled: Notify,
    /// Told when the attempt ends, for the task that sends heartbeats.
    ending: Notify,
}

#[derive(Default)]
struct State {
    newest: Newest,
    /// Sends heartbeats, and ends when there is nothing new.
    sender: Option<JoinHandle<()>>,
    last_acknowledged: Option<Instant>,
    cancellation: Option<(ActivityCancellationReason, ActivityCancellationDetails)>,
    ended: bool,
}

/// What is left of an attempt whose body has ended.
pub(crate) struct Ended {
    /// Why it should have stopped, if it should have.
    pub(crate) cancellation: ActivityCancellationDetails,
    /// Still sends heartbeats.
    pub(crate) sender: Option<JoinHandle<()>>,
}

impl Attempt {
    pub(crate) fn new(info: ActivityInfo, host: Arc<dyn AttemptHost>) -> Arc<Self> {
        Arc::new(Self {
            info,
            host,
            state: Mutex::default(),
            canceled: Notify::new(),
            ending: Notify::new(),
        })
    }

    pub(crate) fn info(&self) -> &ActivityInfo {
        &self.info
    }

    pub(super) fn host(&self) -> &dyn AttemptHost {
        &*self.host
    }

    /// Stores a heartbeat, and sees that it is sent.
    pub(super) fn record_heartbeat(
        self: &Arc<Self>,
        details: Vec<Payload>,
    ) -> Result<(), HeartbeatError> {
        let limit = self.host.details_limit();
        let bytes = details.iter().map(Message::encoded_len).sum();
        if bytes > limit {
            return Err(HeartbeatError::TooLarge { bytes, limit });
        }
        if self.has_ended() {
            return Err(HeartbeatError::Ended);
        }
        if let Some(reason) = self.host.recorded(&details) {
            self.cancel(reason.into());
        }
        let mut state = self.lock();
        if state.ended {
            return Err(HeartbeatError::Ended);
        }
        let gone = state.details().is_gone();
        // The server watches no heartbeats of local activities, and none of an attempt it gave up.
        if !gone && !self.info.is_local {
            state.newest.record(details);
            if state.sender.is_none() {
                state.sender = self.host.clone().start_heartbeats(self);
            }
        }
        match state.cancellation {
            Some((reason, details)) => Err(ActivityCanceled::new(reason, details).into()),
            None => Ok(()),
        }
    }

    /// The newest heartbeat and its number, if it was not taken before. `None` ends the sending:
    /// the next heartbeat starts it again.
    pub(crate) fn take_heartbeat(&self) -> Option<(u64, Vec<Payload>)> {
        let mut state = self.lock();
        let gone = state.details().is_gone();
        let taken = state.newest.take().filter(|_| !gone);
        if taken.is_none() {
            state.sender = None;
        }
        taken
    }

    /// The server has the heartbeat of this number, and knows the attempt.
    pub(crate) fn acknowledge_heartbeat(&self, record: u64) {
        let mut state = self.lock();
        state.newest.acknowledge(record);
        state.last_acknowledged = Some(Instant::now());
    }

    /// The heartbeat that was taken last did not reach the server; it will be given again.
    pub(crate) fn put_back_heartbeat(&self) {
        self.lock().newest.put_back();
    }

    /// When the server last acknowledged a heartbeat.
    pub(crate) fn last_acknowledged(&self) -> Option<Instant> {
        self.lock().last_acknowledged
    }

    /// The newest details, if the server has not acknowledged them.
    pub(crate) fn unacknowledged_details(&self) -> Option<Vec<Payload>> {
        self.lock().newest.unacknowledged().map(<[Payload]>::to_vec)
    }

    /// Tells the body that it should stop. Only the first reason is told; what comes later is kept
    /// for those who ask. Whether this was the first.
    pub(crate) fn cancel(&self, details: ActivityCancellationDetails) -> bool {
        let Some(reason) = details.reason() else {
            return false;
        };
        let mut state = self.lock();
        if let Some((_, known)) = &mut state.cancellation {
            known.merge(details);
            return false;
        }
        state.cancellation = Some((reason, details));
        drop(state);
        self.canceled.notify_waiters();
        true
    }

    pub(super) fn is_canceled(&self) -> bool {
        self.lock().cancellation.is_some()
    }

    pub(super) fn cancellation(&self) -> Option<ActivityCanceled> {
        let (reason, details) = self.lock().cancellation?;
        Some(ActivityCanceled::new(reason, details))
    }

    pub(super) async fn canceled(&self) -> ActivityCanceled {
        loop {
            let canceled = self.canceled.notified();
            if let Some(cancellation) = self.cancellation() {
                return cancellation;
            }
            canceled.await;
        }
    }

    /// Waits until the next heartbeat may be sent, or the attempt ends.
    pub(crate) async fn throttle(&self, until: Instant) {
        tokio::select! {
            () = tokio::time::sleep_until(until) => {}
            () = self.ending.notified() => {}
        }
    }

    pub(crate) fn has_ended(&self) -> bool {
        self.lock().ended
    }

    /// Ends the attempt: no heartbeat is recorded any more, and what was recorded is not held back
    /// any longer.
    pub(crate) fn end(&self) -> Ended {
        let mut state = self.lock();
        state.ended = true;
        self.ending.notify_one();
        Ended {
            cancellation: state.details(),
            sender: state.sender.take(),
        }
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        // Nothing panics while it holds the lock, and each change is whole.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl State {
    fn details(&self) -> ActivityCancellationDetails {
        self.cancellation
            .map_or_else(Default::default, |(_, details)| details)
    }
}

impl fmt::Debug for Attempt {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("Attempt")
            .field("info", &self.info)
            .finish_non_exhaustive()
    }
}
