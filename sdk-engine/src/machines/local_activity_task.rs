//! What a driver is told of a local activity, and what it tells back (protocol 4.3).

use std::time::{Duration, SystemTime};

use durably_protos::temporal::api::common::v1::{
    ActivityType, Header, Payload, Payloads, RetryPolicy,
};
use durably_protos::temporal::api::enums::v1::RetryState;
use durably_protos::temporal::api::failure::v1::failure::FailureInfo;
use durably_protos::temporal::api::failure::v1::{
    ActivityFailureInfo, CanceledFailureInfo, Failure,
};
use durably_protos::temporal::api::sdk::v1::{EventGroupMarker, UserMetadata};

/// A local activity as the code asked for it.
#[derive(Debug, Clone, Default)]
pub struct LocalActivityOptions {
    /// Its id; its number in the run when empty.
    pub activity_id: String,
    /// Its type.
    pub activity_type: String,
    /// Its arguments.
    pub arguments: Vec<Payload>,
    /// Its header.
    pub header: Option<Header>,
    /// How long one attempt may take.
    pub start_to_close_timeout: Option<Duration>,
    /// How long all attempts may take together, with the waits between them.
    pub schedule_to_close_timeout: Option<Duration>,
    /// How long it may wait for a slot.
    pub schedule_to_start_timeout: Option<Duration>,
    /// How it is retried.
    pub retry_policy: Option<RetryPolicy>,
    /// The longest wait between attempts that the worker makes itself, a minute unless said; for
    /// longer ones the code uses a timer.
    pub local_retry_threshold: Option<Duration>,
    /// What canceling means for the code that waits.
    pub cancellation_type: super::ActivityCancellationType,
    /// Keep the arguments in the marker.
    pub include_arguments_in_marker: bool,
    /// What people read about it, beside its marker.
    pub metadata: Option<Box<UserMetadata>>,
    /// The groups that its marker belongs to.
    pub groups: Vec<EventGroupMarker>,
    /// Which attempt comes next, from 1; more after a wait by timer.
    pub attempt: u32,
    /// When the first attempt was scheduled, if this is a later one.
    pub original_schedule_time: Option<SystemTime>,
    /// Its number, if a [backoff](LocalActivityResolution::Backoff) gave it one.
    pub seq: Option<u32>,
}

/// A local activity to be run.
#[derive(Debug)]
pub struct LocalActivityTask {
    /// Its number in the run.
    pub seq: u32,
    /// What it is.
    pub options: LocalActivityOptions,
    /// When its first attempt was scheduled, by workflow time.
    pub scheduled_time: SystemTime,
    /// The code canceled it before it began.
    pub cancel_requested: bool,
}

/// How a local activity ended, as its worker tells it.
#[derive(Debug)]
pub struct LocalActivityEnd {
    /// Its number in the run.
    pub seq: u32,
    /// Its last attempt.
    pub attempt: u32,
    /// How long it took, from when it was handed out.
    pub runtime: Duration,
    /// Its outcome.
    pub outcome: LocalActivityOutcome,
}

/// The outcome of a local activity.
#[derive(Debug, Clone, PartialEq)]
pub enum LocalActivityOutcome {
    /// Its result.
    Completed(Option<Payloads>),
    /// Its last failure; a timeout or a cancellation is one too.
    Failed(Box<Failure>),
    /// It failed and is to be tried again after a wait that is the code's to make, by timer.
    Backoff {
        /// Why the attempt failed.
        failure: Box<Failure>,
        /// How long to wait.
        backoff: Duration,
    },
}

/// How a local activity ended for the code that waits for it.
#[derive(Debug, Clone, PartialEq)]
pub enum LocalActivityResolution {
    /// Its result.
    Completed(Option<Payloads>),
    /// An `ActivityFailureInfo` failure, whose cause says what happened.
    Failed(Box<Failure>),
    /// Wait by timer, then schedule the next attempt.
    Backoff {
        /// The next attempt.
        attempt: u32,
        /// How long to wait.
        backoff: Duration,
        /// When the first attempt was scheduled.
        original_schedule_time: SystemTime,
        /// The next attempt's number, where it has one before the wait.
        seq: Option<u32>,
    },
}

/// The failure by which the code learns of a local activity's: the same shape as a remote one's.
pub(super) fn local_activity_failed(
    options: &LocalActivityOptions,
    attempt: u32,
    cause: Failure,
) -> Failure {
    let (message, retry_state) = match &cause.failure_info {
        Some(FailureInfo::CanceledFailureInfo(_)) => {
            ("local activity canceled", RetryState::CancelRequested)
        }
        Some(FailureInfo::TimeoutFailureInfo(_)) => {
            ("local activity timed out", RetryState::Timeout)
        }
        _ => ("local activity failed", why_final(options, attempt, &cause)),
    };
    Failure {
        message: message.to_owned(),
        cause: Some(Box::new(cause)),
        failure_info: Some(FailureInfo::ActivityFailureInfo(ActivityFailureInfo {
            activity_id: options.activity_id.clone(),
            activity_type: Some(ActivityType {
                name: options.activity_type.clone(),
            }),
            retry_state: retry_state.into(),
            ..Default::default()
        })),
        ..Default::default()
    }
}

/// Why a failed attempt was the last.
fn why_final(options: &LocalActivityOptions, attempt: u32, cause: &Failure) -> RetryState {
    let policy = options.retry_policy.as_ref();
    let most = policy.map_or(0, |policy| policy.maximum_attempts);
    let listed = |kind: &String| {
        policy.is_some_and(|policy| policy.non_retryable_error_types.contains(kind))
    };
    match &cause.failure_info {
        Some(FailureInfo::ApplicationFailureInfo(info))
            if info.non_retryable || listed(&info.r#type) =>
        {
            RetryState::NonRetryableFailure
        }
        _ if u32::try_from(most).is_ok_and(|most| most > 0 && attempt >= most) => {
            RetryState::MaximumAttemptsReached
        }
        // The next attempt would have come after the end of its time.
        _ => RetryState::Timeout,
    }
}

/// What a marker has for a local activity that was canceled without waiting for it.
pub(super) fn canceled_failure() -> Failure {
    Failure {
        message: "canceled".to_owned(),
        failure_info: Some(FailureInfo::CanceledFailureInfo(
            CanceledFailureInfo::default(),
        )),
        ..Default::default()
    }
}
