//! What matters of an event, in a few words.

use durably::replay::describe_event;
use durably_protos::temporal::api::failure::v1::Failure;
use durably_protos::temporal::api::failure::v1::failure::FailureInfo;
use durably_protos::temporal::api::history::v1::HistoryEvent;
use durably_protos::temporal::api::history::v1::history_event::Attributes as A;

use crate::report::action::{Action, Kind};
use crate::report::payload_shape::{Values, payloads, shorten};

pub(super) fn detail(event: &HistoryEvent, values: Values) -> String {
    let shown = |it| payloads(it, values);
    let (name, more) = match &event.attributes {
        Some(A::WorkflowExecutionStartedEventAttributes(it)) => {
            let name = it.workflow_type.as_ref().map_or("", |it| &it.name);
            (name.to_owned(), arguments(&shown(it.input.as_ref())))
        }
        Some(A::WorkflowExecutionSignaledEventAttributes(it)) => (
            quoted(&it.signal_name),
            arguments(&shown(it.input.as_ref())),
        ),
        Some(A::ActivityTaskScheduledEventAttributes(it)) => {
            (words(event), arguments(&shown(it.input.as_ref())))
        }
        Some(A::StartChildWorkflowExecutionInitiatedEventAttributes(it)) => {
            (words(event), arguments(&shown(it.input.as_ref())))
        }
        Some(A::ActivityTaskStartedEventAttributes(it)) => {
            let of = of(it.scheduled_event_id);
            match it.attempt {
                0 | 1 => (of, String::new()),
                attempt => (of, format!(", attempt {attempt}")),
            }
        }
        Some(A::ActivityTaskCompletedEventAttributes(it)) => (
            of(it.scheduled_event_id),
            result(&shown(it.result.as_ref())),
        ),
        Some(A::ActivityTaskFailedEventAttributes(it)) => (
            of(it.scheduled_event_id),
            failed(it.failure.as_ref(), values),
        ),
        Some(A::ActivityTaskTimedOutEventAttributes(it)) => (
            of(it.scheduled_event_id),
            failed(it.failure.as_ref(), values),
        ),
        Some(A::ActivityTaskCancelRequestedEventAttributes(it)) => {
            (of(it.scheduled_event_id), String::new())
        }
        Some(A::ActivityTaskCanceledEventAttributes(it)) => {
            (of(it.scheduled_event_id), String::new())
        }
        Some(A::ChildWorkflowExecutionCompletedEventAttributes(it)) => (
            of(it.initiated_event_id),
            result(&shown(it.result.as_ref())),
        ),
        Some(A::ChildWorkflowExecutionFailedEventAttributes(it)) => (
            of(it.initiated_event_id),
            failed(it.failure.as_ref(), values),
        ),
        Some(A::WorkflowTaskFailedEventAttributes(it)) => (
            format!("{:?}", it.cause()),
            failed(it.failure.as_ref(), values),
        ),
        Some(A::WorkflowExecutionCompletedEventAttributes(it)) => {
            (shown(it.result.as_ref()), String::new())
        }
        Some(A::WorkflowExecutionFailedEventAttributes(it)) => {
            (failure(it.failure.as_ref(), values), String::new())
        }
        Some(A::TimerStartedEventAttributes(_)) => {
            let timer = Action::of_event(event).phrase();
            (timer.trim_start_matches("timer ").to_owned(), String::new())
        }
        _ => (words(event), String::new()),
    };
    format!("{name}{more}")
}

/// The engine's words without the type; those of what it has no words for are the action's.
fn words(event: &HistoryEvent) -> String {
    let words = describe_event(event);
    if let Some((_, rest)) = words.split_once(' ') {
        return rest.to_owned();
    }
    let action = Action::of_event(event);
    match action.kind {
        Kind::Unknown => String::new(),
        _ => action.name,
    }
}

fn of(event_id: i64) -> String {
    format!("of event {event_id}")
}

fn quoted(name: &str) -> String {
    format!("\"{}\"", shorten(name))
}

fn arguments(shown: &str) -> String {
    match shown {
        "" => String::new(),
        shown => format!(" with {shown}"),
    }
}

fn result(shown: &str) -> String {
    match shown {
        "" => String::new(),
        shown => format!(": {shown}"),
    }
}

fn failed(it: Option<&Failure>, values: Values) -> String {
    match failure(it, values) {
        text if text.is_empty() => text,
        text => format!(": {text}"),
    }
}

/// A failure's innermost cause, which says most: its type, and its message where values are shown.
fn failure(it: Option<&Failure>, values: Values) -> String {
    let causes = std::iter::successors(it, |it| it.cause.as_deref());
    let Some(it) = causes.last() else {
        return String::new();
    };
    let kind = match &it.failure_info {
        Some(FailureInfo::ApplicationFailureInfo(it)) if !it.r#type.is_empty() => {
            shorten(&it.r#type)
        }
        Some(FailureInfo::TimeoutFailureInfo(it)) => format!("timeout {:?}", it.timeout_type()),
        Some(FailureInfo::CanceledFailureInfo(_)) => "canceled".to_owned(),
        _ => "failure".to_owned(),
    };
    match values {
        Values::Hidden => kind,
        Values::Shown => shorten(&format!("{kind}: {}", it.message)),
    }
}
