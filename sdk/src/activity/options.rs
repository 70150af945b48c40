//! What a call of an activity can say.

use std::time::Duration;

use super::{ActivityCancellationType, Priority};
use crate::failure::RetryPolicy;

/// The options of a call of an activity. What is unset takes the default that each field names.
///
/// ```
/// use std::time::Duration;
/// use durably::activity::ActivityOptions;
/// use durably::failure::RetryPolicy;
///
/// const QUICK: ActivityOptions = ActivityOptions::new()
///     .start_to_close_timeout(Duration::from_secs(5));
///
/// let mut options = QUICK.task_queue("cards");
/// options.retry_policy = Some(RetryPolicy::new().maximum_attempts(3));
/// ```
#[derive(Debug, Clone, Default, PartialEq)]
#[non_exhaustive]
pub struct ActivityOptions {
    /// The task queue whose workers run the activity. Default: the workflow's own.
    pub task_queue: Option<String>,
    /// How long the activity may take in all, from being scheduled to its end, with all retries
    /// and the waits between them. Default: as long as its workflow runs.
    pub schedule_to_close_timeout: Option<Duration>,
    /// How long an attempt may wait for a worker. Not retried when it expires. Default: as long
    /// as the schedule-to-close timeout.
    pub schedule_to_start_timeout: Option<Duration>,
    /// How long one attempt may take. Default: as long as the schedule-to-close timeout.
    pub start_to_close_timeout: Option<Duration>,
    /// How long an attempt may go without a heartbeat before the server counts it as lost and
    /// retries it. Default: heartbeats are not watched.
    pub heartbeat_timeout: Option<Duration>,
    /// When the server makes further attempts. Default: the server's, which is without limit.
    pub retry_policy: Option<RetryPolicy>,
    /// What canceling means for the workflow code that waits for the activity. Default:
    /// [`TryCancel`](ActivityCancellationType::TryCancel).
    pub cancellation_type: Option<ActivityCancellationType>,
    /// One line about this call that people see in the web interface.
    pub summary: Option<String>,
    /// The activity's id, unique among the open activities of the workflow. Default: a number
    /// that counts the activities of the run.
    pub activity_id: Option<String>,
    /// Which tasks of the queue go first. Default: the workflow's priority.
    pub priority: Option<Priority>,
    /// Whether a worker of the workflow may *not* take the activity straight from the answer to
    /// the workflow task, past the task queue. Default: it may, if it has a slot free.
    pub disable_eager_execution: Option<bool>,
}

impl ActivityOptions {
    /// Options that say nothing.
    pub const fn new() -> Self {
        Self {
            task_queue: None,
            schedule_to_close_timeout: None,
            schedule_to_start_timeout: None,
            start_to_close_timeout: None,
            heartbeat_timeout: None,
            retry_policy: None,
            cancellation_type: None,
            summary: None,
            activity_id: None,
            priority: None,
            disable_eager_execution: None,
        }
    }

    /// Sets [`task_queue`](Self::task_queue).
    #[must_use]
    pub fn task_queue(mut self, task_queue: impl Into<String>) -> Self {
        self.task_queue = Some(task_queue.into());
        self
    }

    /// Sets [`schedule_to_close_timeout`](Self::schedule_to_close_timeout).
    #[must_use]
    pub const fn schedule_to_close_timeout(mut self, timeout: Duration) -> Self {
        self.schedule_to_close_timeout = Some(timeout);
        self
    }

    /// Sets [`schedule_to_start_timeout`](Self::schedule_to_start_timeout).
    #[must_use]
    pub const fn schedule_to_start_timeout(mut self, timeout: Duration) -> Self {
        self.schedule_to_start_timeout = Some(timeout);
        self
    }

    /// Sets [`start_to_close_timeout`](Self::start_to_close_timeout).
    #[must_use]
    pub const fn start_to_close_timeout(mut self, timeout: Duration) -> Self {
        self.start_to_close_timeout = Some(timeout);
        self
    }

    /// Sets [`heartbeat_timeout`](Self::heartbeat_timeout).
    #[must_use]
    pub const fn heartbeat_timeout(mut self, timeout: Duration) -> Self {
        self.heartbeat_timeout = Some(timeout);
        self
    }

    /// Sets [`retry_policy`](Self::retry_policy).
    #[must_use]
    pub fn retry_policy(mut self, policy: RetryPolicy) -> Self {
        self.retry_policy = Some(policy);
        self
    }

    /// Sets [`cancellation_type`](Self::cancellation_type).
    #[must_use]
    pub const fn cancellation_type(mut self, cancellation_type: ActivityCancellationType) -> Self {
        self.cancellation_type = Some(cancellation_type);
        self
    }

    /// Sets [`summary`](Self::summary).
    #[must_use]
    pub fn summary(mut self, summary: impl Into<String>) -> Self {
        self.summary = Some(summary.into());
        self
    }

    /// Sets [`activity_id`](Self::activity_id).
    #[must_use]
    pub fn activity_id(mut self, activity_id: impl Into<String>) -> Self {
        self.activity_id = Some(activity_id.into());
        self
    }

    /// Sets [`priority`](Self::priority).
    #[must_use]
    pub fn priority(mut self, priority: Priority) -> Self {
        self.priority = Some(priority);
        self
    }

    /// Sets [`disable_eager_execution`](Self::disable_eager_execution).
    #[must_use]
    pub const fn disable_eager_execution(mut self, disable: bool) -> Self {
        self.disable_eager_execution = Some(disable);
        self
    }

    /// These options with those that `other` sets put over them.
    #[must_use]
    pub fn overridden_by(self, other: Self) -> Self {
        Self {
            task_queue: other.task_queue.or(self.task_queue),
            schedule_to_close_timeout: other
                .schedule_to_close_timeout
                .or(self.schedule_to_close_timeout),
            schedule_to_start_timeout: other
                .schedule_to_start_timeout
                .or(self.schedule_to_start_timeout),
            start_to_close_timeout: other.start_to_close_timeout.or(self.start_to_close_timeout),
            heartbeat_timeout: other.heartbeat_timeout.or(self.heartbeat_timeout),
            retry_policy: other.retry_policy.or(self.retry_policy),
            cancellation_type: other.cancellation_type.or(self.cancellation_type),
            summary: other.summary.or(self.summary),
            activity_id: other.activity_id.or(self.activity_id),
            priority: other.priority.or(self.priority),
            disable_eager_execution: other
                .disable_eager_execution
                .or(self.disable_eager_execution),
        }
    }

    /// Whether an attempt is bounded in time, without which the server refuses the call.
    pub const fn has_timeout(&self) -> bool {
        self.start_to_close_timeout.is_some() || self.schedule_to_close_timeout.is_some()
    }
}

/// The defaults of an activity set a start-to-close or a schedule-to-close timeout.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct HasTimeout;

/// The defaults of an activity set neither a start-to-close nor a schedule-to-close timeout: each
/// call must.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct MissingTimeout;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn new_options_are_the_default() {
        assert_eq!(ActivityOptions::new(), ActivityOptions::default());
    }

    #[test]
    fn either_close_timeout_bounds_an_attempt() {
        let second = Duration::from_secs(1);
        let options = ActivityOptions::new()
            .schedule_to_start_timeout(second)
            .heartbeat_timeout(second);
        assert!(!options.has_timeout());
        assert!(options.clone().start_to_close_timeout(second).has_timeout());
        assert!(options.schedule_to_close_timeout(second).has_timeout());
    }
}
