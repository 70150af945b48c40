//! What a command or its event is about, in a form that lets both be compared.
//!
//! Numbers that the engine counts up by itself (ids of activities and timers) are kept apart: a
//! call that was added or removed shifts all of those after it.

use std::time::Duration;

use durably::replay::describe_event;
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
    pub(super) duration: Option<String>,
}

impl Action {
    fn new(kind: Kind, name: impl Into<String>, id: impl Into<String>) -> Self {
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
                    duration: Some(format!("{:?}", Duration::new(seconds, nanos))),
                    ..Self::new(Kind::Timer, "", &it.timer_id)
                }
            }
            Some(A::TimerCanceledEventAttributes(it)) => {
                Self::new(Kind::TimerCancel, "", &it.timer_id)
            }
            Some(A::MarkerRecordedEventAttributes(_)) => {
                Self::of_marker(inner(&describe_event(event), "MarkerRecorded"))
            }
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

    /// The action of a command in the engine's words.
    pub(super) fn of_words(words: &str) -> Self {
        let (head, rest) = words.split_once(' ').unwrap_or((words, ""));
        let named = |kind| {
            let (name, detail) = name_and_detail(rest);
            Self::new(kind, name, detail)
        };
        match head {
            "ScheduleActivityTask" => named(Kind::Activity).with_id_after("id "),
            "RequestCancelActivityTask" => {
                Self::new(Kind::ActivityCancel, "", after(rest, "scheduled by event "))
            }
            "StartTimer" => {
                let detail = inner(rest, "");
                let (id, length) = detail.split_once(", ").unwrap_or((detail, ""));
                Self {
                    duration: Some(length.to_owned()),
                    ..Self::new(Kind::Timer, "", id.trim_start_matches("id "))
                }
            }
            "CancelTimer" => Self::new(Kind::TimerCancel, "", after(rest, "id ")),
            "StartChildWorkflowExecution" => named(Kind::Child).with_id_after("id "),
            "SignalExternalWorkflowExecution" => named(Kind::Signal).with_id_after("to workflow "),
            "RequestCancelExternalWorkflowExecution" => {
                Self::new(Kind::ExternalCancel, "", after(rest, "workflow "))
            }
            "ScheduleNexusOperation" => nexus(rest),
            "RequestCancelNexusOperation" => {
                Self::new(Kind::NexusCancel, "", after(rest, "scheduled by event "))
            }
            "RecordMarker" => Self::of_marker(inner(rest, "")),
            "UpsertWorkflowSearchAttributes" => {
                Self::new(Kind::SearchAttributes, inner(rest, ""), "")
            }
            "ModifyWorkflowProperties" => Self::new(Kind::Memo, "", ""),
            "CompleteWorkflowExecution" => Self::new(Kind::Complete, "", ""),
            "FailWorkflowExecution" => Self::new(Kind::Fail, "", ""),
            "CancelWorkflowExecution" => Self::new(Kind::Cancel, "", ""),
            "ContinueAsNewWorkflowExecution" => Self::new(Kind::ContinueAsNew, "", ""),
            _ => match words.split_once(" update \"") {
                Some(("the acceptance of", id)) => {
                    Self::new(Kind::UpdateAccepted, id.trim_end_matches('"'), "")
                }
                Some(("the response to", id)) => {
                    Self::new(Kind::UpdateCompleted, id.trim_end_matches('"'), "")
                }
                _ => Self::new(Kind::Unknown, words, ""),
            },
        }
    }

    /// The action of a marker in the engine's words.
    fn of_marker(words: &str) -> Self {
        let kinds = [
            ("deprecated patch ", Kind::DeprecatedPatch),
            ("patch ", Kind::Patch),
            ("local activity ", Kind::LocalActivity),
            ("mutable side effect ", Kind::SideEffect),
        ];
        for (prefix, kind) in kinds {
            if let Some(rest) = words.strip_prefix(prefix) {
                let (name, detail) = name_and_detail(rest);
                return Self::new(kind, name, detail);
            }
        }
        if let Some(number) = words.strip_prefix("side effect ") {
            return Self::new(Kind::SideEffect, "", number);
        }
        if let Some((version, id)) = words.split_once(" of ")
            && let Some(version) = version.strip_prefix("version ")
        {
            return Self::new(Kind::Version, id.trim_matches('"'), version);
        }
        Self::new(Kind::OtherMarker, words.trim_matches('"'), "")
    }

    fn with_id_after(mut self, prefix: &str) -> Self {
        if let Some(id) = self.id.strip_prefix(prefix) {
            self.id = id.to_owned();
        }
        self
    }
}

/// `"charge" (id 3)`: the name, and what stands in the brackets. Names may hold both.
fn name_and_detail(words: &str) -> (&str, &str) {
    let name = |text: &'_ str| -> (usize, usize) {
        (
            usize::from(text.starts_with('"')),
            usize::from(text.ends_with('"')),
        )
    };
    let cut = |text| {
        let (start, end) = name(text);
        text.get(start..text.len().saturating_sub(end))
            .unwrap_or("")
    };
    match words.rfind("\" (") {
        Some(end) => (cut(&words[..=end]), inner(&words[end + 2..], "")),
        None => (cut(words), ""),
    }
}

/// What stands in the brackets after a prefix, or all that follows it.
fn inner<'a>(words: &'a str, prefix: &str) -> &'a str {
    let rest = words.strip_prefix(prefix).unwrap_or(words).trim_start();
    let inside = rest.strip_prefix('(').and_then(|it| it.strip_suffix(')'));
    inside.unwrap_or(rest)
}

fn after<'a>(words: &'a str, prefix: &str) -> &'a str {
    let inside = inner(words, "");
    inside.split_once(prefix).map_or(inside, |(_, rest)| rest)
}

/// `"operation" of service "service" (endpoint e)`.
fn nexus(words: &str) -> Action {
    let (both, endpoint) = name_and_detail(words);
    let (operation, service) = both.split_once("\" of service \"").unwrap_or((both, ""));
    let endpoint = endpoint.strip_prefix("endpoint ").unwrap_or(endpoint);
    Action::new(Kind::Nexus, format!("{service}.{operation}"), endpoint)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(words: &str) -> (Kind, String, String) {
        let action = Action::of_words(words);
        (action.kind, action.name, action.id)
    }

    fn is(kind: Kind, name: &str, id: &str) -> (Kind, String, String) {
        (kind, name.to_owned(), id.to_owned())
    }

    #[test]
    fn the_engines_words_are_read() {
        let cases = [
            (
                r#"ScheduleActivityTask "charge" (id 3)"#,
                is(Kind::Activity, "charge", "3"),
            ),
            (
                r#"ScheduleActivityTask "a" (id b" (id 3)"#,
                is(Kind::Activity, r#"a" (id b"#, "3"),
            ),
            ("StartTimer (id 1, 60s)", is(Kind::Timer, "", "1")),
            ("CancelTimer (id 2)", is(Kind::TimerCancel, "", "2")),
            (
                r#"StartChildWorkflowExecution "ship" (id a-1)"#,
                is(Kind::Child, "ship", "a-1"),
            ),
            (
                r#"SignalExternalWorkflowExecution "go" (to workflow w)"#,
                is(Kind::Signal, "go", "w"),
            ),
            (
                r#"ScheduleNexusOperation "op" of service "svc" (endpoint e)"#,
                is(Kind::Nexus, "svc.op", "e"),
            ),
            (r#"RecordMarker (patch "p")"#, is(Kind::Patch, "p", "")),
            (
                r#"RecordMarker (deprecated patch "p")"#,
                is(Kind::DeprecatedPatch, "p", ""),
            ),
            (
                r#"RecordMarker (version 3 of "shipping")"#,
                is(Kind::Version, "shipping", "3"),
            ),
            (
                "RecordMarker (side effect 4)",
                is(Kind::SideEffect, "", "4"),
            ),
            (
                r#"RecordMarker (local activity "look" (number 1))"#,
                is(Kind::LocalActivity, "look", "number 1"),
            ),
            (
                "RequestCancelActivityTask (activity 2, scheduled by event 7)",
                is(Kind::ActivityCancel, "", "7"),
            ),
            (
                r#"the response to update "u""#,
                is(Kind::UpdateCompleted, "u", ""),
            ),
            ("FailWorkflowExecution", is(Kind::Fail, "", "")),
            ("something new", is(Kind::Unknown, "something new", "")),
        ];
        for (words, expected) in cases {
            assert_eq!(read(words), expected, "{words}");
        }
        let timer = Action::of_words("StartTimer (id 1, 60s)");
        assert_eq!(timer.duration.as_deref(), Some("60s"));
    }
}
