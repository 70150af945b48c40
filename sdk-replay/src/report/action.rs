//! What a command or its event is about, in a form that lets both be compared.
//!
//! Numbers that the engine counts up by itself (ids of activities and timers) are kept apart: a
//! call that was added or removed shifts all of those after it.

use std::time::Duration;

use durably::replay::{CommandIdentity, MarkerIdentity, describe_event};
use durably_protos::temporal::api::common::v1::{WorkflowExecution, WorkflowType};
use durably_protos::temporal::api::history::v1::HistoryEvent;
use durably_protos::temporal::api::history::v1::history_event::Attributes as A;

/// The kinds of things that a workflow asks for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) enum Kind {
    Activity,
    ActivityCancel,
    Timer,
    TimerCancel,
    Child,
    Signal,
    ExternalCancel,
    Nexus,
    NexusCancel,
    Patch,
    DeprecatedPatch,
    Version,
    SideEffect,
    LocalActivity,
    OtherMarker,
    SearchAttributes,
    Memo,
    UpdateAccepted,
    UpdateRejected,
    UpdateCompleted,
    Complete,
    Fail,
    Cancel,
    ContinueAsNew,
    Unknown,
}

impl Kind {
    /// Whether it ends the run.
    pub(super) fn is_end(self) -> bool {
        matches!(
            self,
            Self::Complete | Self::Fail | Self::Cancel | Self::ContinueAsNew
        )
    }
}

/// One thing that a workflow asks for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Action {
    pub(super) kind: Kind,
    /// What names it in code: an activity's type, a patch's id, an update's id; may be empty.
    pub(super) name: String,
    /// Its own id, counted or given; may be empty.
    pub(super) id: String,
    /// How long a timer runs.
    pub(super) duration: Option<Duration>,
}

impl Action {
    pub(super) fn new(kind: Kind, name: impl Into<String>, id: impl Into<String>) -> Self {
        Self {
            kind,
            name: name.into(),
            id: id.into(),
            duration: None,
        }
    }

    /// Whether it is the same call of the code's, whatever its id is.
    pub(super) fn is_same(&self, other: &Self) -> bool {
        let patch = |kind| match kind {
            Kind::DeprecatedPatch => Kind::Patch,
            kind => kind,
        };
        patch(self.kind) == patch(other.kind) && self.name == other.name
    }

    /// Whether it is most likely the same call: timers of other lengths are other timers, though a
    /// replay takes one for the other.
    pub(super) fn is_alike(&self, other: &Self) -> bool {
        self.is_same(other) && self.duration == other.duration
    }

    /// The action of a command event.
    pub(super) fn of_event(event: &HistoryEvent) -> Self {
        let kind = |it: &Option<WorkflowType>| it.as_ref().map_or("", |it| &it.name).to_owned();
        let target = |it: &Option<WorkflowExecution>| {
            let id = it.as_ref().map(|it| it.workflow_id.clone());
            id.unwrap_or_default()
        };
        match &event.attributes {
            Some(A::ActivityTaskScheduledEventAttributes(it)) => {
                let name = it.activity_type.as_ref().map_or("", |it| &it.name);
                Self::new(Kind::Activity, name, &it.activity_id)
            }
            Some(A::ActivityTaskCancelRequestedEventAttributes(it)) => {
                Self::new(Kind::ActivityCancel, "", it.scheduled_event_id.to_string())
            }
            Some(A::TimerStartedEventAttributes(it)) => {
                let length = it.start_to_fire_timeout.unwrap_or_default();
                let seconds = u64::try_from(length.seconds).unwrap_or(0);
                let nanos = u32::try_from(length.nanos).unwrap_or(0).min(999_999_999);
                Self {
                    duration: Some(Duration::new(seconds, nanos)),
                    ..Self::new(Kind::Timer, "", &it.timer_id)
                }
            }
            Some(A::TimerCanceledEventAttributes(it)) => {
                Self::new(Kind::TimerCancel, "", &it.timer_id)
            }
            Some(A::MarkerRecordedEventAttributes(it)) => match MarkerIdentity::of_event(event) {
                Some(marker) => Self::of_marker(&marker),
                None => Self::new(Kind::OtherMarker, &it.marker_name, ""),
            },
            Some(A::StartChildWorkflowExecutionInitiatedEventAttributes(it)) => {
                Self::new(Kind::Child, kind(&it.workflow_type), &it.workflow_id)
            }
            Some(A::SignalExternalWorkflowExecutionInitiatedEventAttributes(it)) => Self::new(
                Kind::Signal,
                &it.signal_name,
                target(&it.workflow_execution),
            ),
            Some(A::RequestCancelExternalWorkflowExecutionInitiatedEventAttributes(it)) => {
                Self::new(Kind::ExternalCancel, "", target(&it.workflow_execution))
            }
            Some(A::NexusOperationScheduledEventAttributes(it)) => Self::new(
                Kind::Nexus,
                format!("{}.{}", it.service, it.operation),
                &it.endpoint,
            ),
            Some(A::NexusOperationCancelRequestedEventAttributes(it)) => {
                Self::new(Kind::NexusCancel, "", it.scheduled_event_id.to_string())
            }
            Some(A::UpsertWorkflowSearchAttributesEventAttributes(it)) => {
                let fields = it.search_attributes.as_ref();
                let keys = fields.map(|it| it.indexed_fields.keys().cloned().collect::<Vec<_>>());
                Self::new(
                    Kind::SearchAttributes,
                    keys.unwrap_or_default().join(", "),
                    "",
                )
            }
            Some(A::WorkflowPropertiesModifiedEventAttributes(_)) => Self::new(Kind::Memo, "", ""),
            Some(A::WorkflowExecutionUpdateAcceptedEventAttributes(it)) => {
                Self::new(Kind::UpdateAccepted, &it.protocol_instance_id, "")
            }
            Some(A::WorkflowExecutionUpdateRejectedEventAttributes(it)) => {
                Self::new(Kind::UpdateRejected, &it.protocol_instance_id, "")
            }
            Some(A::WorkflowExecutionUpdateCompletedEventAttributes(it)) => {
                let id = it.meta.as_ref().map_or("", |it| &it.update_id);
                Self::new(Kind::UpdateCompleted, id, "")
            }
            Some(A::WorkflowExecutionCompletedEventAttributes(_)) => {
                Self::new(Kind::Complete, "", "")
            }
            Some(A::WorkflowExecutionFailedEventAttributes(_)) => Self::new(Kind::Fail, "", ""),
            Some(A::WorkflowExecutionCanceledEventAttributes(_)) => Self::new(Kind::Cancel, "", ""),
            Some(A::WorkflowExecutionContinuedAsNewEventAttributes(_)) => {
                Self::new(Kind::ContinueAsNew, "", "")
            }
            _ => Self::new(Kind::Unknown, describe_event(event), ""),
        }
    }

    /// The action of a command.
    pub(super) fn of_command(command: &CommandIdentity) -> Self {
        use CommandIdentity as I;
        match command {
            I::Activity {
                activity_type,
                activity_id,
            } => Self::new(Kind::Activity, activity_type, activity_id),
            I::ActivityCancellation {
                scheduled_event_id, ..
            } => Self::new(Kind::ActivityCancel, "", scheduled_event_id.to_string()),
            I::Timer {
                timer_id,
                start_to_fire_timeout,
            } => Self {
                duration: Some(*start_to_fire_timeout),
                ..Self::new(Kind::Timer, "", timer_id.to_string())
            },
            I::TimerCancellation { timer_id } => {
                Self::new(Kind::TimerCancel, "", timer_id.to_string())
            }
            I::Child {
                workflow_type,
                workflow_id,
            } => Self::new(Kind::Child, workflow_type, workflow_id),
            I::ExternalSignal {
                signal_name,
                workflow_id,
            } => Self::new(Kind::Signal, signal_name, workflow_id),
            I::ExternalCancellation { workflow_id } => {
                Self::new(Kind::ExternalCancel, "", workflow_id)
            }
            I::NexusOperation {
                endpoint,
                service,
                operation,
            } => Self::new(Kind::Nexus, format!("{service}.{operation}"), endpoint),
            I::NexusCancellation {
                scheduled_event_id, ..
            } => Self::new(Kind::NexusCancel, "", scheduled_event_id.to_string()),
            I::Marker(marker) => Self::of_marker(marker),
            I::SearchAttributes { keys } => Self::new(Kind::SearchAttributes, keys.join(", "), ""),
            I::Memo => Self::new(Kind::Memo, "", ""),
            I::UpdateAcceptance { update_id } => Self::new(Kind::UpdateAccepted, update_id, ""),
            I::UpdateResponse { update_id } => Self::new(Kind::UpdateCompleted, update_id, ""),
            I::Completion => Self::new(Kind::Complete, "", ""),
            I::Failure => Self::new(Kind::Fail, "", ""),
            I::Cancellation => Self::new(Kind::Cancel, "", ""),
            I::ContinuationAsNew => Self::new(Kind::ContinueAsNew, "", ""),
            other => Self::new(Kind::Unknown, other.to_string(), ""),
        }
    }

    fn of_marker(marker: &MarkerIdentity) -> Self {
        use MarkerIdentity as I;
        match marker {
            I::Patch {
                id,
                deprecated: false,
            } => Self::new(Kind::Patch, id, ""),
            I::Patch {
                id,
                deprecated: true,
            } => Self::new(Kind::DeprecatedPatch, id, ""),
            I::Version { id, version } => Self::new(Kind::Version, id, version.to_string()),
            I::SideEffect { number } => Self::new(Kind::SideEffect, "", number.to_string()),
            I::MutableSideEffect { id, call } => {
                Self::new(Kind::SideEffect, id, format!("call {call}"))
            }
            I::LocalActivity {
                activity_type,
                number,
                ..
            } => Self::new(
                Kind::LocalActivity,
                activity_type,
                format!("number {number}"),
            ),
            other => Self::new(Kind::OtherMarker, other.to_string(), ""),
        }
    }
}

#[cfg(test)]
mod tests {
    use durably_protos::temporal::api::common::v1::ActivityType;
    use durably_protos::temporal::api::history::v1::{
        ActivityTaskScheduledEventAttributes, MarkerRecordedEventAttributes,
        TimerStartedEventAttributes,
    };

    use super::*;

    fn of_attributes(attributes: A) -> Action {
        Action::of_event(&HistoryEvent {
            attributes: Some(attributes),
            ..HistoryEvent::default()
        })
    }

    #[test]
    fn an_event_and_its_command_are_one_action() {
        let event = of_attributes(A::ActivityTaskScheduledEventAttributes(Box::new(
            ActivityTaskScheduledEventAttributes {
                activity_id: "3".to_owned(),
                activity_type: Some(ActivityType {
                    name: "a\" (id b".to_owned(),
                }),
                ..ActivityTaskScheduledEventAttributes::default()
            },
        )));
        let command = Action::of_command(&CommandIdentity::Activity {
            activity_type: "a\" (id b".to_owned(),
            activity_id: "3".to_owned(),
        });
        assert_eq!(event, command);

        let event = of_attributes(A::TimerStartedEventAttributes(Box::new(
            TimerStartedEventAttributes {
                timer_id: "1".to_owned(),
                start_to_fire_timeout: Some(Duration::from_millis(1500).try_into().unwrap()),
                ..TimerStartedEventAttributes::default()
            },
        )));
        let command = Action::of_command(&CommandIdentity::Timer {
            timer_id: 1,
            start_to_fire_timeout: Duration::from_millis(1500),
        });
        assert_eq!(event, command);
        assert_eq!(command.phrase(), "timer of 1.5s (id 1)");
    }

    #[test]
    fn markers_that_cannot_be_read_keep_their_name() {
        let marker = of_attributes(A::MarkerRecordedEventAttributes(Box::new(
            MarkerRecordedEventAttributes {
                marker_name: "patch \"p\"".to_owned(),
                ..MarkerRecordedEventAttributes::default()
            },
        )));
        assert_eq!(
            (marker.kind, &*marker.name),
            (Kind::OtherMarker, "patch \"p\"")
        );
    }
}
