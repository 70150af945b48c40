//! Why an attempt should stop.

use std::error::Error;
use std::fmt;

use crate::failure::CanceledFailure;

/// Why an attempt should stop.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum ActivityCancellationReason {
    /// The workflow, or an operator, canceled the activity.
    Canceled,
    /// One of the attempt's timeouts has passed by the worker's clock, with some time to spare: the
    /// server has most likely given it up. A failure is not reported any more; a result is, in case
    /// the server takes it.
    TimedOut,
    /// An operator paused the activity. Once this attempt has failed there is no further one until
    /// the activity is unpaused.
    Paused,
    /// An operator reset the activity: once this attempt has failed it starts anew.
    Reset,
    /// The worker shuts down, and the time it gives its activities is over. The attempt is retried
    /// elsewhere.
    WorkerShutdown,
    /// The server does not know the attempt any more: it timed out, or its workflow is closed.
    /// Whatever it returns is not reported.
    NotFound,
}

/// Everything that was said about the cancellation of an attempt; several can hold at once.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub struct ActivityCancellationDetails {
    /// The workflow, or an operator, canceled the activity.
    pub is_canceled: bool,
    /// One of the attempt's timeouts has passed.
    pub is_timed_out: bool,
    /// An operator paused the activity.
    pub is_paused: bool,
    /// An operator reset the activity.
    pub is_reset: bool,
    /// The worker shuts down.
    pub is_worker_shutdown: bool,
    /// The server does not know the attempt any more.
    pub is_not_found: bool,
}

impl ActivityCancellationDetails {
    /// The reason that counts when several come at once.
    pub(crate) fn reason(self) -> Option<ActivityCancellationReason> {
        use ActivityCancellationReason as Reason;
        [
            (self.is_not_found, Reason::NotFound),
            (self.is_timed_out, Reason::TimedOut),
            (self.is_canceled, Reason::Canceled),
            (self.is_reset, Reason::Reset),
            (self.is_paused, Reason::Paused),
            (self.is_worker_shutdown, Reason::WorkerShutdown),
        ]
        .into_iter()
        .find_map(|(is, reason)| is.then_some(reason))
    }

    /// Whether the server has given the attempt up, so that there is no one to report it to.
    pub(crate) fn is_gone(self) -> bool {
        self.is_not_found || self.is_timed_out
    }

    pub(crate) fn merge(&mut self, other: Self) {
        self.is_canceled |= other.is_canceled;
        self.is_timed_out |= other.is_timed_out;
        self.is_paused |= other.is_paused;
        self.is_reset |= other.is_reset;
        self.is_worker_shutdown |= other.is_worker_shutdown;
        self.is_not_found |= other.is_not_found;
    }
}

impl From<ActivityCancellationReason> for ActivityCancellationDetails {
    fn from(reason: ActivityCancellationReason) -> Self {
        use ActivityCancellationReason as Reason;
        Self {
            is_canceled: reason == Reason::Canceled,
            is_timed_out: reason == Reason::TimedOut,
            is_paused: reason == Reason::Paused,
            is_reset: reason == Reason::Reset,
            is_worker_shutdown: reason == Reason::WorkerShutdown,
            is_not_found: reason == Reason::NotFound,
        }
    }
}

/// The attempt should stop.
///
/// As an error that the activity returns (by `?`) it is reported as what it is: a cancellation, if
/// the activity was canceled; otherwise a failure that is retried, for example after a pause or on
/// another worker.
#[derive(Debug, Clone, PartialEq)]
pub struct ActivityCanceled {
    reason: ActivityCancellationReason,
    details: ActivityCancellationDetails,
    // The error's source, by which it is still known as a cancellation under a context or inside
    // another error.
    failure: CanceledFailure,
}

impl ActivityCanceled {
    pub(crate) fn new(
        reason: ActivityCancellationReason,
        details: ActivityCancellationDetails,
    ) -> Self {
        Self {
            reason,
            details,
            failure: CanceledFailure::new(text(reason)),
        }
    }

    /// Why; the first reason there was.
    pub fn reason(&self) -> ActivityCancellationReason {
        self.reason
    }

    /// Everything that was said until now, also after the first reason.
    pub fn details(&self) -> ActivityCancellationDetails {
        self.details
    }
}

impl fmt::Display for ActivityCanceled {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(text(self.reason))
    }
}

impl Error for ActivityCanceled {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        Some(&self.failure)
    }
}

fn text(reason: ActivityCancellationReason) -> &'static str {
    match reason {
        ActivityCancellationReason::Canceled => "activity canceled",
        ActivityCancellationReason::TimedOut => "activity attempt timed out",
        ActivityCancellationReason::Paused => "activity paused",
        ActivityCancellationReason::Reset => "activity reset",
        ActivityCancellationReason::WorkerShutdown => "worker is shutting down",
        ActivityCancellationReason::NotFound => "activity attempt is not known to the server",
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::failure::{ActivityError, ActivityResult};

    #[test]
    fn of_several_reasons_the_one_that_ends_most_counts() {
        let mut details = ActivityCancellationDetails::default();
        assert_eq!(details.reason(), None);
        for reason in [
            ActivityCancellationReason::Paused,
            ActivityCancellationReason::Reset,
            ActivityCancellationReason::Canceled,
            ActivityCancellationReason::NotFound,
        ] {
            details.merge(reason.into());
            assert_eq!(details.reason(), Some(reason));
        }
        assert!(details.is_paused && details.is_canceled);
    }

    #[test]
    fn returned_by_question_mark_it_is_a_cancellation() {
        let reason = ActivityCancellationReason::Canceled;
        let body = || -> ActivityResult<()> { Err(ActivityCanceled::new(reason, reason.into()))? };
        assert!(matches!(body(), Err(ActivityError::Canceled(_))));
    }
}
