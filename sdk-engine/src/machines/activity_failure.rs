//! The failures by which the code learns that an activity did not complete (protocol 4.2).

use std::mem::take;

use durably_protos::temporal::api::command::v1::ScheduleActivityTaskCommandAttributes;
use durably_protos::temporal::api::common::v1::{ActivityType, Payloads};
use durably_protos::temporal::api::enums::v1::RetryState;
use durably_protos::temporal::api::failure::v1::failure::FailureInfo;
use durably_protos::temporal::api::failure::v1::{
    ActivityFailureInfo, CanceledFailureInfo, Failure,
};
use durably_protos::temporal::api::history::v1::ActivityTaskScheduledEventAttributes;

/// Who an activity is, for `ActivityFailureInfo`.
#[derive(Debug, Default)]
pub(crate) struct ActivityIdentity {
    pub(crate) activity_id: String,
    pub(crate) activity_type: String,
    pub(crate) scheduled_event_id: i64,
    pub(crate) started_event_id: i64,
    /// The identity of the worker that ran it.
    pub(crate) worker: String,
}

impl ActivityIdentity {
    /// An activity that was never scheduled.
    pub(crate) fn of(command: ScheduleActivityTaskCommandAttributes) -> Self {
        Self {
            activity_id: command.activity_id,
            activity_type: command
                .activity_type
                .map(|kind| kind.name)
                .unwrap_or_default(),
            ..Self::default()
        }
    }

    /// What `ActivityTaskScheduled` says of the activity.
    pub(crate) fn scheduled(
        event: &mut ActivityTaskScheduledEventAttributes,
        event_id: i64,
    ) -> Self {
        Self {
            activity_id: take(&mut event.activity_id),
            activity_type: event
                .activity_type
                .take()
                .map(|kind| kind.name)
                .unwrap_or_default(),
            scheduled_event_id: event_id,
            ..Self::default()
        }
    }
}

fn wrap(
    identity: &ActivityIdentity,
    message: &str,
    retry_state: i32,
    cause: Option<Failure>,
) -> Failure {
    Failure {
        message: message.to_owned(),
        cause: cause.map(Box::new),
        failure_info: Some(FailureInfo::ActivityFailureInfo(ActivityFailureInfo {
            scheduled_event_id: identity.scheduled_event_id,
            started_event_id: identity.started_event_id,
            identity: identity.worker.clone(),
            activity_type: Some(ActivityType {
                name: identity.activity_type.clone(),
            }),
            activity_id: identity.activity_id.clone(),
            retry_state,
        })),
        ..Default::default()
    }
}

/// `ActivityTaskFailed` or `ActivityTaskTimedOut`: the event's failure is the cause.
pub(crate) fn activity_failed(
    identity: &ActivityIdentity,
    message: &str,
    retry_state: i32,
    failure: Option<Failure>,
) -> Failure {
    wrap(identity, message, retry_state, failure)
}

/// Canceled, by `ActivityTaskCanceled` or without waiting for it.
pub(crate) fn activity_canceled(identity: &ActivityIdentity, details: Option<Payloads>) -> Failure {
    let cause = Failure {
        message: "canceled".to_owned(),
        failure_info: Some(FailureInfo::CanceledFailureInfo(CanceledFailureInfo {
            details,
            ..Default::default()
        })),
        ..Default::default()
    };
    let retry_state = RetryState::CancelRequested.into();
    wrap(identity, "activity canceled", retry_state, Some(cause))
}
