//! The four timeouts of activities.
//!
//! | timeout | what follows |
//! |---|---|
//! | schedule-to-start | the end of the activity |
//! | start-to-close, heartbeat | a retry as the policy says; no time left for one is schedule-to-close |
//! | schedule-to-close | the end of the activity; the failure of the attempt before is the cause |

use durably_protos::temporal::api::enums::v1::{RetryState, TimeoutType};
use durably_protos::temporal::api::failure::v1::failure::FailureInfo;
use durably_protos::temporal::api::failure::v1::{Failure, TimeoutFailureInfo};
use durably_protos::temporal::api::history::v1::ActivityTaskTimedOutEventAttributes;

use super::{ActivityState, RetryDecision, Run};
use crate::server::time::Time;
use crate::server::timers::RunTimer;
use crate::server::world::Tx;

const NO_TIME_LEFT: &str = "Not enough time to schedule next retry before activity ScheduleToClose timeout, giving up retrying";

impl Run {
    /// No worker took the activity in time.
    pub(crate) fn activity_schedule_to_start(&mut self, tx: &mut Tx<'_>, scheduled_id: i64) {
        let Some(activity) = self.activities.get_mut(&scheduled_id) else {
            return;
        };
        tx.timers.clear(&mut activity.waiting_timer);
        if activity.state != ActivityState::Waiting {
            return;
        }
        let failure = self.timeout_failure(scheduled_id, TimeoutType::ScheduleToStart);
        self.end_with_timeout(tx, scheduled_id, failure, RetryState::Timeout);
    }

    /// All attempts together took too long.
    pub(crate) fn activity_schedule_to_close(&mut self, tx: &mut Tx<'_>, scheduled_id: i64) {
        let Some(activity) = self.activities.get_mut(&scheduled_id) else {
            return;
        };
        activity.overall_timer = None;
        // Of two timeouts at one time the one of the wait is told.
        let waits = activity.settings.schedule_to_start;
        let waited = activity.attempt_scheduled_time.after(waits) <= tx.now;
        if activity.state == ActivityState::Waiting && !waits.is_zero() && waited {
            return self.activity_schedule_to_start(tx, scheduled_id);
        }
        let cause = activity.last_failure.clone();
        let failure = self.no_time_left(scheduled_id, cause);
        self.end_with_timeout(tx, scheduled_id, failure, RetryState::Timeout);
    }

    /// An attempt took too long.
    pub(crate) fn activity_start_to_close(&mut self, tx: &mut Tx<'_>, scheduled_id: i64) {
        if let Some(activity) = self.activities.get_mut(&scheduled_id) {
            activity.attempt_timer = None;
            self.attempt_timed_out(tx, scheduled_id, TimeoutType::StartToClose);
        }
    }

    /// It is time to look whether a heartbeat came.
    pub(crate) fn activity_heartbeat_is_due(&mut self, tx: &mut Tx<'_>, scheduled_id: i64) {
        let Some(activity) = self.activities.get_mut(&scheduled_id) else {
            return;
        };
        activity.heartbeat_timer = None;
        let Some(started) = &activity.started else {
            return;
        };
        let last: Time = activity.last_heartbeat.unwrap_or(started.time);
        let due = last.after(activity.settings.heartbeat);
        if due > tx.now {
            let timer = RunTimer::ActivityHeartbeat(scheduled_id);
            activity.heartbeat_timer = Some(tx.arm(self.index, due, timer));
        } else {
            self.attempt_timed_out(tx, scheduled_id, TimeoutType::Heartbeat);
        }
    }

    fn attempt_timed_out(&mut self, tx: &mut Tx<'_>, scheduled_id: i64, timeout: TimeoutType) {
        let failure = self.timeout_failure(scheduled_id, timeout);
        match self.activity_retry(tx, scheduled_id, Some(&failure)) {
            RetryDecision::After(delay) => {
                // What was reported goes to the next attempt itself, not with the failure.
                let failure = without_details(failure);
                self.retry_activity(tx, scheduled_id, Some(failure), delay);
            }
            RetryDecision::No(RetryState::Timeout) => {
                let activity = self.activities.get(&scheduled_id);
                let cause = activity.and_then(|activity| activity.last_failure.clone());
                let failure = self.no_time_left(scheduled_id, cause);
                self.end_with_timeout(tx, scheduled_id, failure, RetryState::Timeout);
            }
            RetryDecision::No(retry_state) => {
                self.end_with_timeout(tx, scheduled_id, failure, retry_state);
            }
        }
    }

    fn end_with_timeout(
        &mut self,
        tx: &mut Tx<'_>,
        scheduled_id: i64,
        failure: Failure,
        retry_state: RetryState,
    ) {
        let started_event_id = self.end_activity(tx, scheduled_id);
        let timed_out = ActivityTaskTimedOutEventAttributes {
            failure: Some(failure),
            scheduled_event_id: scheduled_id,
            started_event_id,
            retry_state: retry_state.into(),
        };
        self.record(tx, timed_out);
        self.wake(tx);
    }

    fn timeout_failure(&self, scheduled_id: i64, timeout: TimeoutType) -> Failure {
        let name = match timeout {
            TimeoutType::StartToClose => "StartToClose",
            TimeoutType::ScheduleToStart => "ScheduleToStart",
            TimeoutType::ScheduleToClose => "ScheduleToClose",
            TimeoutType::Heartbeat => "Heartbeat",
            TimeoutType::Unspecified => "unknown",
        };
        self.failure_of(
            scheduled_id,
            format!("activity {name} timeout"),
            timeout,
            None,
        )
    }

    fn no_time_left(&self, scheduled_id: i64, cause: Option<Failure>) -> Failure {
        let timeout = TimeoutType::ScheduleToClose;
        let Some(cause) = cause else {
            let activity = self.activities.get(&scheduled_id);
            return match activity.is_some_and(|activity| activity.started.is_some()) {
                true => self.failure_of(scheduled_id, NO_TIME_LEFT.to_owned(), timeout, None),
                false => self.timeout_failure(scheduled_id, timeout),
            };
        };
        let message = NO_TIME_LEFT.to_owned();
        self.failure_of(scheduled_id, message, timeout, Some(cause))
    }

    fn failure_of(
        &self,
        scheduled_id: i64,
        message: String,
        timeout: TimeoutType,
        cause: Option<Failure>,
    ) -> Failure {
        let activity = self.activities.get(&scheduled_id);
        let info = TimeoutFailureInfo {
            timeout_type: timeout.into(),
            last_heartbeat_details: activity
                .and_then(|activity| activity.heartbeat_details.clone()),
        };
        Failure {
            message,
            source: "Server".to_owned(),
            cause: cause.map(Box::new),
            failure_info: Some(FailureInfo::TimeoutFailureInfo(info)),
            ..Failure::default()
        }
    }
}

fn without_details(mut failure: Failure) -> Failure {
    if let Some(FailureInfo::TimeoutFailureInfo(info)) = &mut failure.failure_info {
        info.last_heartbeat_details = None;
    }
    failure
}
