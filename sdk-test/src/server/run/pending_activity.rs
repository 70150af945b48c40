//! An activity that has not ended: its settings, its attempts, and what is due in it.

use durably_protos::temporal::api::activity::v1::ActivityOptions;
use durably_protos::temporal::api::common::v1::{Payloads, Priority, RetryPolicy};
use durably_protos::temporal::api::failure::v1::Failure;
use durably_protos::temporal::api::history::v1::ActivityTaskScheduledEventAttributes;
use durably_protos::temporal::api::taskqueue::v1::TaskQueue;

use super::normalized_retry_policy;
use crate::server::time::{Span, Time};
use crate::server::timers::TimerKey;
use crate::server::world::Tx;

/// Where an activity stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum ActivityState {
    Waiting,
    Started,
    BackingOff,
    Paused,
}

/// How an activity is run; changed by `UpdateActivityOptions`.
#[derive(Debug, Clone)]
pub(crate) struct ActivitySettings {
    pub(crate) task_queue: String,
    pub(crate) schedule_to_close: Span,
    pub(crate) schedule_to_start: Span,
    pub(crate) start_to_close: Span,
    pub(crate) heartbeat: Span,
    pub(crate) retry_policy: RetryPolicy,
    pub(crate) priority: Option<Priority>,
}

/// The attempt in a worker's hands.
#[derive(Debug, Clone)]
pub(crate) struct StartedAttempt {
    pub(crate) time: Time,
    pub(crate) identity: String,
    pub(crate) request_id: String,
}

/// An activity that has not ended.
#[derive(Debug)]
pub(crate) struct PendingActivity {
    pub(crate) activity_id: String,
    pub(crate) activity_type: String,
    pub(crate) settings: ActivitySettings,
    pub(crate) state: ActivityState,
    pub(crate) attempt: i32,
    pub(crate) scheduled_time: Time,
    pub(crate) attempt_scheduled_time: Time,
    pub(crate) started: Option<StartedAttempt>,
    pub(crate) last_identity: String,
    pub(crate) last_failure: Option<Failure>,
    pub(crate) last_attempt_end: Option<Time>,
    pub(crate) next_attempt: Option<Time>,
    pub(crate) heartbeat_details: Option<Payloads>,
    pub(crate) last_heartbeat: Option<Time>,
    /// The event of the request to cancel; 0 without one.
    pub(crate) cancel_requested_id: i64,
    /// Who paused it; a worker that has an attempt learns of it by its heartbeat.
    pub(crate) pause: Option<Pause>,
    /// The attempt in a worker's hands was reset, which its heartbeat tells.
    pub(crate) reset_requested: bool,
    /// Tells this attempt from all others; tokens carry it.
    pub(crate) stamp: i64,
    pub(crate) waiting_timer: Option<TimerKey>,
    pub(crate) attempt_timer: Option<TimerKey>,
    pub(crate) heartbeat_timer: Option<TimerKey>,
    pub(crate) overall_timer: Option<TimerKey>,
}

/// Who paused an activity, and why.
#[derive(Debug, Clone)]
pub(crate) struct Pause {
    pub(crate) time: Time,
    pub(crate) identity: String,
    pub(crate) reason: String,
}

impl ActivitySettings {
    /// What the event says.
    pub(crate) fn scheduled(event: &ActivityTaskScheduledEventAttributes) -> Self {
        let task_queue = event.task_queue.as_ref();
        let policy = event.retry_policy.clone().unwrap_or_default();
        Self {
            task_queue: task_queue.map_or_else(String::new, |queue| queue.name.clone()),
            schedule_to_close: Span::of(event.schedule_to_close_timeout.as_ref()),
            schedule_to_start: Span::of(event.schedule_to_start_timeout.as_ref()),
            start_to_close: Span::of(event.start_to_close_timeout.as_ref()),
            heartbeat: Span::of(event.heartbeat_timeout.as_ref()),
            retry_policy: normalized_retry_policy(&policy),
            priority: event.priority.clone(),
        }
    }

    /// The timeouts with what is left open filled in, all within the run's own timeout.
    pub(crate) fn normalize(&mut self, run_timeout: Span) {
        self.schedule_to_close = self.schedule_to_close.clipped(run_timeout);
        self.start_to_close = self.start_to_close.clipped(self.schedule_to_close);
        self.schedule_to_start = self.schedule_to_start.clipped(self.schedule_to_close);
        if !self.heartbeat.is_zero() {
            self.heartbeat = self.heartbeat.clipped(self.start_to_close);
        }
    }

    /// As requests and descriptions have them.
    pub(crate) fn options(&self, task_queue: TaskQueue) -> ActivityOptions {
        ActivityOptions {
            task_queue: Some(task_queue),
            schedule_to_close_timeout: Some(self.schedule_to_close.duration()),
            schedule_to_start_timeout: Some(self.schedule_to_start.duration()),
            start_to_close_timeout: Some(self.start_to_close.duration()),
            heartbeat_timeout: Some(self.heartbeat.duration()),
            retry_policy: Some(self.retry_policy.clone()),
            priority: self.priority.clone(),
            ..ActivityOptions::default()
        }
    }
}

impl PendingActivity {
    /// An activity that has just been scheduled, and waits.
    pub(crate) fn scheduled(
        event: &ActivityTaskScheduledEventAttributes,
        time: Time,
        stamp: i64,
    ) -> Self {
        let activity_type = event.activity_type.as_ref();
        Self {
            activity_id: event.activity_id.clone(),
            activity_type: activity_type.map_or_else(String::new, |named| named.name.clone()),
            settings: ActivitySettings::scheduled(event),
            state: ActivityState::Waiting,
            attempt: 1,
            scheduled_time: time,
            attempt_scheduled_time: time,
            started: None,
            last_identity: String::new(),
            last_failure: None,
            last_attempt_end: None,
            next_attempt: None,
            heartbeat_details: None,
            last_heartbeat: None,
            cancel_requested_id: 0,
            pause: None,
            reset_requested: false,
            stamp,
            waiting_timer: None,
            attempt_timer: None,
            heartbeat_timer: None,
            overall_timer: None,
        }
    }

    /// When all attempts must have ended, if there is such a moment.
    pub(crate) fn deadline(&self) -> Option<Time> {
        let timeout = self.settings.schedule_to_close;
        (!timeout.is_zero()).then(|| self.scheduled_time.after(timeout))
    }

    pub(super) fn is_in_flight(state: ActivityState) -> bool {
        matches!(state, ActivityState::Waiting | ActivityState::Started)
    }

    /// The keys of all that is due in it.
    pub(super) fn keys(&mut self) -> impl Iterator<Item = &mut TimerKey> {
        let slots = [
            &mut self.waiting_timer,
            &mut self.attempt_timer,
            &mut self.heartbeat_timer,
            &mut self.overall_timer,
        ];
        slots.into_iter().flatten()
    }

    pub(super) fn disarm_attempt(&mut self, tx: &mut Tx<'_>) {
        tx.timers.clear(&mut self.waiting_timer);
        tx.timers.clear(&mut self.attempt_timer);
        tx.timers.clear(&mut self.heartbeat_timer);
    }
}
