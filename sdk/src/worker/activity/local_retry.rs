//! Whether, and when, a local activity is tried again (protocol 4.3): the server's rules for
//! activities, applied here.

use std::time::Duration;

use durably_engine::LocalActivityOptions;
use durably_protos::google::protobuf;
use durably_protos::temporal::api::common::v1::RetryPolicy;
use durably_protos::temporal::api::enums::v1::TimeoutType;
use durably_protos::temporal::api::failure::v1::Failure;
use durably_protos::temporal::api::failure::v1::failure::FailureInfo;
use tokio::time::Instant;

use super::local::RETRY_THRESHOLD;
use crate::proto_time::std_duration;

/// What comes after a failed attempt.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Next {
    /// Nothing: the failure is final.
    End,
    /// Another attempt after a wait that the worker makes.
    After(Duration),
    /// Another attempt after a wait that the workflow makes, by timer.
    ByTimer(Duration),
}

pub(super) fn next(
    options: &LocalActivityOptions,
    attempt: u32,
    failure: &Failure,
    deadline: Option<Instant>,
) -> Next {
    let default = RetryPolicy::default();
    let policy = options.retry_policy.as_ref().unwrap_or(&default);
    let most = u32::try_from(policy.maximum_attempts).unwrap_or(0);
    if (most > 0 && attempt >= most) || !is_retryable(failure, policy) {
        return Next::End;
    }
    let delay = asked_for(failure).unwrap_or_else(|| interval(policy, attempt));
    let too_late = deadline.is_some_and(|deadline| {
        Instant::now()
            .checked_add(delay)
            .is_none_or(|next| next >= deadline)
    });
    let threshold = options.local_retry_threshold.unwrap_or(RETRY_THRESHOLD);
    match (too_late, delay > threshold) {
        (true, _) => Next::End,
        (false, true) => Next::ByTimer(delay),
        (false, false) => Next::After(delay),
    }
}

fn is_retryable(failure: &Failure, policy: &RetryPolicy) -> bool {
    match &failure.failure_info {
        Some(FailureInfo::ApplicationFailureInfo(info)) => {
            !info.non_retryable && !policy.non_retryable_error_types.contains(&info.r#type)
        }
        Some(FailureInfo::TimeoutFailureInfo(info)) => {
            info.timeout_type() == TimeoutType::StartToClose
        }
        Some(FailureInfo::CanceledFailureInfo(_) | FailureInfo::TerminatedFailureInfo(_)) => false,
        _ => true,
    }
}

/// The delay that the failure itself asks for.
fn asked_for(failure: &Failure) -> Option<Duration> {
    match &failure.failure_info {
        Some(FailureInfo::ApplicationFailureInfo(info)) => duration(info.next_retry_delay),
        _ => None,
    }
}

fn interval(policy: &RetryPolicy, attempt: u32) -> Duration {
    let initial = duration(policy.initial_interval).unwrap_or(Duration::from_secs(1));
    let factor = match policy.backoff_coefficient {
        factor if factor >= 1.0 => factor,
        _ => 2.0,
    };
    let longest = duration(policy.maximum_interval).unwrap_or_else(|| initial.saturating_mul(100));
    let exponent = i32::try_from(attempt.saturating_sub(1)).unwrap_or(i32::MAX);
    let seconds = initial.as_secs_f64() * factor.powi(exponent);
    Duration::try_from_secs_f64(seconds).map_or(longest, |interval| interval.min(longest))
}

fn duration(duration: Option<protobuf::Duration>) -> Option<Duration> {
    duration
        .as_ref()
        .map(std_duration)
        .filter(|duration| !duration.is_zero())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::failure::ApplicationFailure;

    const SECOND: Duration = Duration::from_secs(1);

    fn options(policy: RetryPolicy) -> LocalActivityOptions {
        LocalActivityOptions {
            retry_policy: Some(policy),
            ..LocalActivityOptions::default()
        }
    }

    fn failure() -> ApplicationFailure {
        ApplicationFailure::new("broken").with_type("Broken")
    }

    fn after(options: &LocalActivityOptions, attempt: u32, failure: ApplicationFailure) -> Next {
        next(options, attempt, &failure.into(), None)
    }

    #[test]
    fn intervals_grow_until_they_are_for_a_timer() {
        let options = LocalActivityOptions::default();
        for (attempt, expected) in [
            (1, Next::After(SECOND)),
            (2, Next::After(2 * SECOND)),
            (6, Next::After(32 * SECOND)),
            (7, Next::ByTimer(64 * SECOND)),
            (40, Next::ByTimer(100 * SECOND)),
            (u32::MAX, Next::ByTimer(100 * SECOND)),
        ] {
            assert_eq!(after(&options, attempt, failure()), expected);
        }
    }

    #[test]
    fn some_failures_are_final() {
        let policy = RetryPolicy {
            maximum_attempts: 3,
            non_retryable_error_types: vec!["Final".to_owned()],
            ..RetryPolicy::default()
        };
        let options = options(policy);
        assert_eq!(after(&options, 2, failure()), Next::After(2 * SECOND));
        assert_eq!(after(&options, 3, failure()), Next::End);
        assert_eq!(after(&options, 1, failure().with_type("Final")), Next::End);
        assert_eq!(after(&options, 1, failure().non_retryable()), Next::End);
    }

    #[test]
    fn a_failure_may_ask_for_its_delay_and_the_deadline_ends_it() {
        let options = LocalActivityOptions::default();
        let asking = failure().with_next_retry_delay(5 * SECOND);
        assert_eq!(after(&options, 1, asking.clone()), Next::After(5 * SECOND));
        let deadline = Some(Instant::now() + 4 * SECOND);
        assert_eq!(next(&options, 1, &asking.into(), deadline), Next::End);
    }
}
