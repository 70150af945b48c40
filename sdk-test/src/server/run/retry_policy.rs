//! Retry policies: their defaults, and the decision whether there is a further attempt.

use durably_protos::temporal::api::common::v1::RetryPolicy;
use durably_protos::temporal::api::enums::v1::{RetryState, TimeoutType};
use durably_protos::temporal::api::failure::v1::Failure;
use durably_protos::temporal::api::failure::v1::failure::FailureInfo;

use crate::server::time::{Span, Time};

/// The prefix of the error types that stand for a timeout of an attempt.
pub(crate) const TIMEOUT_TYPE_PREFIX: &str = "TemporalTimeout:";

/// What follows a failed attempt.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum RetryDecision {
    /// Another attempt after this time.
    After(Span),
    /// No further attempt, for this reason.
    No(RetryState),
}

/// The policy with everything it leaves open filled in, as events show it.
pub(crate) fn normalized_retry_policy(policy: &RetryPolicy) -> RetryPolicy {
    let initial = match Span::of(policy.initial_interval.as_ref()) {
        Span::ZERO => Span::seconds(1),
        given => given,
    };
    let maximum = match Span::of(policy.maximum_interval.as_ref()) {
        Span::ZERO => Span(initial.0.saturating_mul(100)),
        given => given,
    };
    let coefficient = if policy.backoff_coefficient == 0.0 {
        2.0
    } else {
        policy.backoff_coefficient
    };
    RetryPolicy {
        initial_interval: Some(initial.duration()),
        backoff_coefficient: coefficient,
        maximum_interval: Some(maximum.duration()),
        maximum_attempts: policy.maximum_attempts,
        non_retryable_error_types: policy.non_retryable_error_types.clone(),
    }
}

/// Decides after an attempt that failed.
///
/// `attempt` counts from 1; `deadline` is when a further attempt must have begun, if there is such a
/// moment. Only the outermost failure is looked at.
pub(crate) fn decide(
    policy: Option<&RetryPolicy>,
    failure: Option<&Failure>,
    attempt: i32,
    now: Time,
    deadline: Option<Time>,
) -> RetryDecision {
    let Some(policy) = policy else {
        return RetryDecision::No(RetryState::RetryPolicyNotSet);
    };
    if let Some(state) = failure.and_then(|failure| forbids(policy, failure)) {
        return RetryDecision::No(state);
    }
    if policy.maximum_attempts > 0 && attempt >= policy.maximum_attempts {
        return RetryDecision::No(RetryState::MaximumAttemptsReached);
    }
    let delay = delay_after(policy, failure, attempt);
    if deadline.is_some_and(|deadline| now.after(delay) > deadline) {
        return RetryDecision::No(RetryState::Timeout);
    }
    RetryDecision::After(delay)
}

/// How long the attempt after this one waits.
pub(crate) fn delay_after(policy: &RetryPolicy, failure: Option<&Failure>, attempt: i32) -> Span {
    asked_delay(failure).unwrap_or_else(|| interval(policy, attempt))
}

/// Why a failure is never retried, if so.
fn forbids(policy: &RetryPolicy, failure: &Failure) -> Option<RetryState> {
    let listed = |name: &str| policy.non_retryable_error_types.iter().any(|t| t == name);
    let is_final = match failure.failure_info.as_ref()? {
        FailureInfo::ApplicationFailureInfo(info) => info.non_retryable || listed(&info.r#type),
        FailureInfo::CanceledFailureInfo(_) | FailureInfo::TerminatedFailureInfo(_) => true,
        FailureInfo::ServerFailureInfo(info) => info.non_retryable,
        FailureInfo::TimeoutFailureInfo(info) => match info.timeout_type() {
            TimeoutType::ScheduleToStart | TimeoutType::ScheduleToClose => {
                return Some(RetryState::Timeout);
            }
            TimeoutType::StartToClose => listed(&format!("{TIMEOUT_TYPE_PREFIX}StartToClose")),
            TimeoutType::Heartbeat => listed(&format!("{TIMEOUT_TYPE_PREFIX}Heartbeat")),
            TimeoutType::Unspecified => false,
        },
        _ => false,
    };
    is_final.then_some(RetryState::NonRetryableFailure)
}

/// The delay the failure itself asks for, which no maximum bounds.
fn asked_delay(failure: Option<&Failure>) -> Option<Span> {
    match failure?.failure_info.as_ref()? {
        FailureInfo::ApplicationFailureInfo(info) => {
            let delay = Span::of(Some(info.next_retry_delay.as_ref()?));
            (delay.0 > 0).then_some(delay)
        }
        _ => None,
    }
}

/// The policy's delay after an attempt.
#[allow(clippy::cast_precision_loss, clippy::cast_possible_truncation)]
fn interval(policy: &RetryPolicy, attempt: i32) -> Span {
    let initial = Span::of(policy.initial_interval.as_ref());
    let maximum = Span::of(policy.maximum_interval.as_ref());
    let factor = policy.backoff_coefficient.powi(attempt.max(1) - 1);
    let wanted = initial.0 as f64 * factor;
    // A float that is too large becomes the largest number.
    let wanted = Span(wanted as i64);
    if maximum.is_zero() {
        wanted
    } else {
        wanted.min(maximum)
    }
}

#[cfg(test)]
mod tests {
    use durably_protos::temporal::api::failure::v1::{ApplicationFailureInfo, TimeoutFailureInfo};

    use super::*;

    fn policy() -> RetryPolicy {
        normalized_retry_policy(&RetryPolicy {
            maximum_attempts: 3,
            non_retryable_error_types: vec!["Fatal".to_owned()],
            ..RetryPolicy::default()
        })
    }

    fn application(info: ApplicationFailureInfo) -> Failure {
        Failure {
            failure_info: Some(FailureInfo::ApplicationFailureInfo(info)),
            ..Failure::default()
        }
    }

    fn after(policy: &RetryPolicy, failure: Option<&Failure>, attempt: i32) -> RetryDecision {
        decide(
            Some(policy),
            failure,
            attempt,
            Time(0),
            Some(Time(i64::MAX)),
        )
    }

    #[test]
    fn what_is_left_open_is_filled_in() {
        let policy = policy();
        assert_eq!(Span::of(policy.initial_interval.as_ref()), Span::seconds(1));
        assert_eq!(
            Span::of(policy.maximum_interval.as_ref()),
            Span::seconds(100)
        );
        assert!((policy.backoff_coefficient - 2.0).abs() < f64::EPSILON);
    }

    #[test]
    fn delays_double_until_the_attempts_are_used_up() {
        let policy = policy();
        assert_eq!(
            after(&policy, None, 1),
            RetryDecision::After(Span::seconds(1))
        );
        assert_eq!(
            after(&policy, None, 2),
            RetryDecision::After(Span::seconds(2))
        );
        let used_up = RetryDecision::No(RetryState::MaximumAttemptsReached);
        assert_eq!(after(&policy, None, 3), used_up);
    }

    #[test]
    fn delays_end_at_the_maximum() {
        let policy = RetryPolicy {
            maximum_attempts: 0,
            ..policy()
        };
        let longest = RetryDecision::After(Span::seconds(100));
        assert_eq!(after(&policy, None, 8), longest);
        assert_eq!(after(&policy, None, i32::MAX), longest);
    }

    #[test]
    fn failures_may_forbid_or_delay_the_next_attempt() {
        let policy = policy();
        let fatal = application(ApplicationFailureInfo {
            r#type: "Fatal".to_owned(),
            ..ApplicationFailureInfo::default()
        });
        let no = RetryDecision::No(RetryState::NonRetryableFailure);
        assert_eq!(after(&policy, Some(&fatal), 1), no);
        let later = application(ApplicationFailureInfo {
            next_retry_delay: Some(Span::seconds(1000).duration()),
            ..ApplicationFailureInfo::default()
        });
        let delayed = RetryDecision::After(Span::seconds(1000));
        assert_eq!(after(&policy, Some(&later), 1), delayed);
    }

    #[test]
    fn timeouts_can_be_listed_as_final() {
        let policy = RetryPolicy {
            non_retryable_error_types: vec!["TemporalTimeout:Heartbeat".to_owned()],
            ..policy()
        };
        let timeout = |timeout_type: TimeoutType| Failure {
            failure_info: Some(FailureInfo::TimeoutFailureInfo(TimeoutFailureInfo {
                timeout_type: timeout_type.into(),
                last_heartbeat_details: None,
            })),
            ..Failure::default()
        };
        let heartbeat = timeout(TimeoutType::Heartbeat);
        let no = RetryDecision::No(RetryState::NonRetryableFailure);
        assert_eq!(after(&policy, Some(&heartbeat), 1), no);
        let start_to_close = timeout(TimeoutType::StartToClose);
        let again = RetryDecision::After(Span::seconds(1));
        assert_eq!(after(&policy, Some(&start_to_close), 1), again);
    }

    #[test]
    fn no_attempt_begins_after_the_deadline() {
        let decision = decide(Some(&policy()), None, 1, Time(0), Some(Time(5)));
        assert_eq!(decision, RetryDecision::No(RetryState::Timeout));
        let unset = decide(None, None, 1, Time(0), None);
        assert_eq!(unset, RetryDecision::No(RetryState::RetryPolicyNotSet));
    }
}
