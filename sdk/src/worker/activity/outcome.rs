//! What is reported for an attempt (protocol 6.3).

use durably_protos::temporal::api::enums::v1::ActivityTaskFailedCause;

use crate::activity::{ActivityCancellationDetails, ActivityCancellationReason};
use crate::failure::{
    ActivityError, ActivityResult, ApplicationErrorCategory, ApplicationFailure, CanceledFailure,
    Failure,
};
use crate::payload::Payload;

/// What is reported for an attempt.
#[derive(Debug)]
pub(super) enum Outcome {
    /// Its result.
    Completed(Option<Payload>),
    /// A failure, after which the server may retry.
    Failed(Failed),
    /// That it stopped as it was asked to, with details for its workflow.
    Canceled(Vec<Payload>),
    /// Nothing: a client completes the activity.
    CompletedElsewhere,
    /// Nothing: the server has given the attempt up.
    Gone,
}

/// A failure, and what the server is told of it beside.
#[derive(Debug)]
pub(super) struct Failed {
    pub(super) failure: Failure,
    pub(super) cause: ActivityTaskFailedCause,
}

impl Outcome {
    pub(super) fn of(
        result: ActivityResult<Option<Payload>>,
        cancellation: ActivityCancellationDetails,
    ) -> Self {
        match result {
            // What was done is worth a try, also when the worker itself thinks that the time is over:
            // the server may have had a heartbeat whose answer was lost.
            Ok(result) if !cancellation.is_not_found => Self::Completed(result),
            Ok(_) => Self::Gone,
            Err(_) if cancellation.is_gone() => Self::Gone,
            Err(ActivityError::CompleteAsynchronously) => Self::CompletedElsewhere,
            Err(
                ActivityError::Canceled(failure)
                | ActivityError::Failed(Failure::Canceled(failure)),
            ) => canceled(failure, cancellation),
            Err(ActivityError::Failed(failure)) => Failed::new(failure).into(),
        }
    }
}

/// The server takes a cancellation only where it asked for one.
fn canceled(failure: CanceledFailure, cancellation: ActivityCancellationDetails) -> Outcome {
    use ActivityCancellationReason as Reason;
    let (failure_type, message) = match cancellation.reason() {
        Some(Reason::Canceled) => return Outcome::Canceled(failure.details().to_vec()),
        Some(Reason::TimedOut | Reason::NotFound) => return Outcome::Gone,
        Some(Reason::WorkerShutdown) => (
            "WorkerShutdown",
            "Worker is shutting down and this activity did not complete in time".to_owned(),
        ),
        Some(Reason::Paused) => ("ActivityPause", "Activity paused".to_owned()),
        Some(Reason::Reset) => ("ActivityReset", "Activity reset".to_owned()),
        None => (
            "CanceledError",
            format!("the activity returned a cancellation that nobody asked for: {failure}"),
        ),
    };
    let failure = own_failure(message, failure_type).with_cause(failure);
    Failed::new(failure.into()).into()
}

/// A failure that the worker makes: where in its code says nothing to the reader.
pub(super) fn own_failure(message: String, failure_type: &str) -> ApplicationFailure {
    ApplicationFailure::new(message)
        .with_type(failure_type)
        .with_stack_trace("")
}

impl Failed {
    fn new(failure: Failure) -> Self {
        Self {
            failure,
            cause: ActivityTaskFailedCause::ActivityWorkerUnhandledFailure,
        }
    }

    /// Whether the failure belongs to normal operation.
    pub(super) fn is_benign(&self) -> bool {
        matches!(&self.failure, Failure::Application(failure) if failure.category() == ApplicationErrorCategory::Benign)
    }
}

impl From<Failed> for Outcome {
    fn from(failed: Failed) -> Self {
        Self::Failed(failed)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use ActivityCancellationReason as Reason;

    fn of(
        result: ActivityResult<Option<Payload>>,
        reasons: impl IntoIterator<Item = Reason>,
    ) -> Outcome {
        let mut cancellation = ActivityCancellationDetails::default();
        for reason in reasons {
            cancellation.merge(reason.into());
        }
        Outcome::of(result, cancellation)
    }

    fn canceled() -> ActivityResult<Option<Payload>> {
        Err(ActivityError::canceled(&"half way").unwrap())
    }

    fn failure(outcome: Outcome) -> ApplicationFailure {
        match outcome {
            Outcome::Failed(Failed {
                failure: Failure::Application(failure),
                ..
            }) => failure,
            other => panic!("failed, not {other:?}"),
        }
    }

    #[test]
    fn a_result_counts_also_after_a_cancellation() {
        for reason in [
            Reason::Canceled,
            Reason::Paused,
            Reason::Reset,
            Reason::WorkerShutdown,
        ] {
            assert!(matches!(of(Ok(None), [reason]), Outcome::Completed(None)));
        }
    }

    #[test]
    fn an_attempt_that_was_given_up_is_not_reported() {
        assert!(matches!(of(Ok(None), [Reason::NotFound]), Outcome::Gone));
        for reason in [Reason::NotFound, Reason::TimedOut] {
            assert!(matches!(
                of(canceled(), [Reason::Canceled, reason]),
                Outcome::Gone
            ));
        }
    }

    #[test]
    fn canceled_is_reported_only_where_it_was_requested() {
        let requested = [
            [Reason::Canceled, Reason::Paused],
            [Reason::WorkerShutdown, Reason::Canceled],
        ];
        for reasons in requested {
            let outcome = of(canceled(), reasons);
            assert!(matches!(outcome, Outcome::Canceled(details) if details.len() == 1));
        }
        let unasked = failure(of(canceled(), []));
        assert_eq!(unasked.failure_type(), "CanceledError");
        assert!(!unasked.is_non_retryable());
        let variant = Err(ActivityError::Failed(CanceledFailure::new("stop").into()));
        assert!(matches!(
            of(variant, [Reason::Canceled]),
            Outcome::Canceled(_)
        ));
    }

    #[test]
    fn other_reasons_to_stop_give_a_failure_that_is_retried() {
        for (reason, failure_type) in [
            (Reason::WorkerShutdown, "WorkerShutdown"),
            (Reason::Paused, "ActivityPause"),
            (Reason::Reset, "ActivityReset"),
        ] {
            let failure = failure(of(canceled(), [reason]));
            assert_eq!(failure.failure_type(), failure_type);
            assert!(!failure.is_non_retryable());
        }
    }

    #[test]
    fn a_failure_stays_what_it_is_whatever_was_requested() {
        let failed = || Err(ApplicationFailure::new("broken").with_type("Broken").into());
        for reasons in [vec![], vec![Reason::Canceled], vec![Reason::WorkerShutdown]] {
            assert_eq!(failure(of(failed(), reasons)).failure_type(), "Broken");
        }
        let elsewhere = Err(ActivityError::complete_asynchronously());
        assert!(matches!(of(elsewhere, []), Outcome::CompletedElsewhere));
    }
}
