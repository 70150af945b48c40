//! Changing how a pending activity is run.

use std::collections::BTreeSet;

use durably_protos::google::protobuf::Duration;
use durably_protos::temporal::api::activity::v1::ActivityOptions;
use durably_protos::temporal::api::taskqueue::v1::TaskQueue;

use super::pending_activity::{ActivitySettings, ActivityState};
use super::retry_policy::delay_after;
use super::{Run, normalized_retry_policy};
use crate::server::refusal::{Answer, invalid};
use crate::server::time::Span;
use crate::server::timers::RunTimer;
use crate::server::validate;
use crate::server::world::Tx;

/// What is to change.
#[derive(Debug, Clone)]
pub(crate) enum ActivityOptionsUpdate {
    /// Everything, back to what the workflow scheduled.
    RestoreOriginal,
    /// The fields with these paths, in lower camel case. Others are ignored, as the real server does.
    Fields(BTreeSet<String>, Box<ActivityOptions>),
}

impl Run {
    /// The settings that an activity would have.
    ///
    /// # Errors
    /// They cannot be: a negative timeout, none that bounds an attempt, a retry policy that is none.
    pub(crate) fn updated_settings(
        &self,
        scheduled_id: i64,
        update: &ActivityOptionsUpdate,
    ) -> Answer<Option<ActivitySettings>> {
        let Some(activity) = self.activities.get(&scheduled_id) else {
            return Ok(None);
        };
        let (paths, given) = match update {
            ActivityOptionsUpdate::RestoreOriginal => {
                let scheduled = self.scheduled_activity(scheduled_id);
                return Ok(scheduled.map(ActivitySettings::scheduled));
            }
            ActivityOptionsUpdate::Fields(paths, given) => (paths, given),
        };
        let mut settings = activity.settings.clone();
        merge(&mut settings, paths, given)?;
        if settings.schedule_to_close.is_zero() && settings.start_to_close.is_zero() {
            return Err(invalid(format!(
                "a valid StartToCloseTimeout or ScheduleToCloseTimeout must be set on the activity. \
                 ActivityId={} ActivityType={}",
                activity.activity_id, activity.activity_type
            )));
        }
        settings.normalize(self.run_timeout());
        Ok(Some(settings))
    }

    /// Takes settings over: what is due in the activity changes with them.
    pub(crate) fn apply_settings(
        &mut self,
        tx: &mut Tx<'_>,
        scheduled_id: i64,
        settings: ActivitySettings,
    ) -> ActivityOptions {
        let Some(activity) = self.activities.get_mut(&scheduled_id) else {
            return ActivityOptions::default();
        };
        activity.settings = settings;
        let options = activity.settings.options(TaskQueue {
            name: activity.settings.task_queue.clone(),
            kind: 1,
            normal_name: String::new(),
        });
        self.arm_overall(tx, scheduled_id);
        let Some(activity) = self.activities.get_mut(&scheduled_id) else {
            return options;
        };
        match activity.state {
            ActivityState::Started => self.arm_attempt(tx, scheduled_id),
            ActivityState::Waiting => {
                let since = activity.attempt_scheduled_time;
                self.dispatch_activity(tx, scheduled_id);
                self.arm_waiting(tx, scheduled_id, since);
            }
            ActivityState::BackingOff => {
                let failure = activity.last_failure.as_ref();
                let failed = activity.attempt.saturating_sub(1);
                let delay = delay_after(&activity.settings.retry_policy, failure, failed);
                let due = activity.last_attempt_end.unwrap_or(tx.now).after(delay);
                tx.timers.clear(&mut activity.waiting_timer);
                activity.next_attempt = Some(due);
                let timer = RunTimer::ActivityRetry(scheduled_id);
                activity.waiting_timer = Some(tx.arm(self.index, due, timer));
            }
            ActivityState::Paused => {}
        }
        options
    }
}

fn merge(
    settings: &mut ActivitySettings,
    paths: &BTreeSet<String>,
    given: &ActivityOptions,
) -> Answer<()> {
    let timeouts = [
        (
            "scheduleToCloseTimeout",
            &given.schedule_to_close_timeout,
            &mut settings.schedule_to_close,
        ),
        (
            "scheduleToStartTimeout",
            &given.schedule_to_start_timeout,
            &mut settings.schedule_to_start,
        ),
        (
            "startToCloseTimeout",
            &given.start_to_close_timeout,
            &mut settings.start_to_close,
        ),
        (
            "heartbeatTimeout",
            &given.heartbeat_timeout,
            &mut settings.heartbeat,
        ),
    ];
    for (path, given, place) in timeouts {
        if paths.contains(path) {
            *place = timeout(path, given.as_ref())?;
        }
    }
    if paths.contains("taskQueue.name") {
        let name = given.task_queue.as_ref().map(|queue| queue.name.clone());
        settings.task_queue = match name {
            Some(name) if !name.is_empty() => name,
            _ => return Err(invalid("missing task queue name")),
        };
    }
    merge_policy(settings, paths, given)?;
    merge_priority(settings, paths, given);
    Ok(())
}

fn timeout(path: &str, given: Option<&Duration>) -> Answer<Span> {
    validate::timeout(given).map_err(|cause| {
        let name = format!("{}{}", path[..1].to_uppercase(), &path[1..]);
        invalid(format!("invalid {name}: {cause}"))
    })?;
    Ok(Span::of(given))
}

fn merge_policy(
    settings: &mut ActivitySettings,
    paths: &BTreeSet<String>,
    given: &ActivityOptions,
) -> Answer<()> {
    let policy = given.retry_policy.clone().unwrap_or_default();
    let mut merged = settings.retry_policy.clone();
    if paths.contains("retryPolicy") {
        merged = policy.clone();
    }
    if paths.contains("retryPolicy.initialInterval") {
        merged.initial_interval = policy.initial_interval;
    }
    if paths.contains("retryPolicy.backoffCoefficient") {
        merged.backoff_coefficient = policy.backoff_coefficient;
    }
    if paths.contains("retryPolicy.maximumInterval") {
        merged.maximum_interval = policy.maximum_interval;
    }
    if paths.contains("retryPolicy.maximumAttempts") {
        merged.maximum_attempts = policy.maximum_attempts;
    }
    if paths.contains("retryPolicy.nonRetryableErrorTypes") {
        merged.non_retryable_error_types = policy.non_retryable_error_types;
    }
    validate::retry_policy(&merged).map_err(invalid)?;
    settings.retry_policy = normalized_retry_policy(&merged);
    Ok(())
}

fn merge_priority(
    settings: &mut ActivitySettings,
    paths: &BTreeSet<String>,
    given: &ActivityOptions,
) {
    if paths.contains("priority") {
        settings.priority.clone_from(&given.priority);
    }
    let wanted = given.priority.clone().unwrap_or_default();
    let mut merged = settings.priority.clone().unwrap_or_default();
    let before = merged.clone();
    if paths.contains("priority.priorityKey") {
        merged.priority_key = wanted.priority_key;
    }
    if paths.contains("priority.fairnessKey") {
        merged.fairness_key = wanted.fairness_key;
    }
    if paths.contains("priority.fairnessWeight") {
        merged.fairness_weight = wanted.fairness_weight;
    }
    if merged != before {
        settings.priority = Some(merged);
    }
}
