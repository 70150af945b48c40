//! Attempts that failed: another one, or the end of the activity.

use durably_protos::temporal::api::common::v1::Payloads;
use durably_protos::temporal::api::enums::v1::RetryState;
use durably_protos::temporal::api::failure::v1::Failure;
use durably_protos::temporal::api::history::v1::ActivityTaskFailedEventAttributes;

use super::retry_policy::decide;
use super::{ActivityState, RetryDecision, Run};
use crate::server::time::Span;
use crate::server::timers::RunTimer;
use crate::server::world::Tx;

impl Run {
    /// The worker's failure: retried as the policy says, else the end of the activity.
    pub(crate) fn fail_activity(
        &mut self,
        tx: &mut Tx<'_>,
        scheduled_id: i64,
        failure: Option<Failure>,
        last_heartbeat_details: Option<Payloads>,
        identity: String,
    ) {
        if let (Some(details), Some(activity)) = (
            last_heartbeat_details,
            self.activities.get_mut(&scheduled_id),
        ) {
            activity.heartbeat_details = Some(details);
        }
        match self.activity_retry(tx, scheduled_id, failure.as_ref()) {
            RetryDecision::After(delay) => self.retry_activity(tx, scheduled_id, failure, delay),
            RetryDecision::No(retry_state) => {
                let started_event_id = self.end_activity(tx, scheduled_id);
                let failed = ActivityTaskFailedEventAttributes {
                    failure,
                    scheduled_event_id: scheduled_id,
                    started_event_id,
                    identity,
                    retry_state: retry_state.into(),
                    ..ActivityTaskFailedEventAttributes::default()
                };
                self.record(tx, failed);
                self.wake(tx);
            }
        }
    }

    /// Whether the activity is tried again after this failure.
    pub(crate) fn activity_retry(
        &self,
        tx: &Tx<'_>,
        scheduled_id: i64,
        failure: Option<&Failure>,
    ) -> RetryDecision {
        let Some(activity) = self.activities.get(&scheduled_id) else {
            return RetryDecision::No(RetryState::InternalServerError);
        };
        if activity.cancel_requested_id != 0 {
            return RetryDecision::No(RetryState::CancelRequested);
        }
        let policy = &activity.settings.retry_policy;
        let attempt = activity.attempt;
        decide(Some(policy), failure, attempt, tx.now, activity.deadline())
    }

    /// Nothing is written: the next attempt waits for its time, or for the end of the pause.
    pub(crate) fn retry_activity(
        &mut self,
        tx: &mut Tx<'_>,
        scheduled_id: i64,
        failure: Option<Failure>,
        delay: Span,
    ) {
        self.end_attempt(tx, scheduled_id);
        let Some(activity) = self.activities.get_mut(&scheduled_id) else {
            return;
        };
        activity.attempt = activity.attempt.saturating_add(1);
        activity.reset_requested = false;
        activity.last_failure = failure;
        if activity.pause.is_some() {
            self.set_activity_state(scheduled_id, ActivityState::Paused);
            return;
        }
        let due = tx.now.after(delay);
        activity.next_attempt = Some(due);
        let timer = RunTimer::ActivityRetry(scheduled_id);
        activity.waiting_timer = Some(tx.arm(self.index, due, timer));
        self.set_activity_state(scheduled_id, ActivityState::BackingOff);
    }

    /// The time of the next attempt has come.
    pub(crate) fn activity_retry_is_due(&mut self, tx: &mut Tx<'_>, scheduled_id: i64) {
        if let Some(activity) = self.activities.get_mut(&scheduled_id) {
            activity.waiting_timer = None;
            self.dispatch_activity(tx, scheduled_id);
        }
    }
}
