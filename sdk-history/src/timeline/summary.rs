//! What matters of an event, in a few words.

use std::time::Duration;

use durably_protos::google::protobuf;
use durably_protos::temporal::api::common::v1::{
    ActivityType, Payload, Payloads, WorkflowExecution, WorkflowType,
};
use durably_protos::temporal::api::failure::v1::Failure;
use durably_protos::temporal::api::history::v1::HistoryEvent;
use durably_protos::temporal::api::history::v1::history_event::Attributes as A;

use super::Span;

/// How much of a value is shown.
const LONGEST_VALUE: usize = 100;

#[allow(clippy::match_same_arms, reason = "a row for each event")]
pub(super) fn summary(event: &HistoryEvent, events: &[HistoryEvent]) -> String {
    let Some(attributes) = &event.attributes else {
        return String::new();
    };
    let activity = |scheduled: i64| activity_type(events, scheduled);
    let update = |accepted: i64| update_name(events, accepted);
    match attributes {
        A::WorkflowExecutionStartedEventAttributes(it) => {
            let queue = it.task_queue.as_ref().map_or("", |queue| &queue.name);
            let kind = workflow_type(it.workflow_type.as_ref());
            format!("{kind}{} on queue {queue}", arguments(it.input.as_ref()))
        }
        A::WorkflowExecutionCompletedEventAttributes(it) => value(it.result.as_ref()),
        A::WorkflowExecutionFailedEventAttributes(it) => failure(it.failure.as_ref()),
        A::WorkflowExecutionContinuedAsNewEventAttributes(it) => {
            format!("in run {}", it.new_execution_run_id)
        }
        A::WorkflowExecutionSignaledEventAttributes(it) => {
            format!("{}{}", it.signal_name, arguments(it.input.as_ref()))
        }
        A::WorkflowExecutionTerminatedEventAttributes(it) => it.reason.clone(),
        A::WorkflowExecutionCancelRequestedEventAttributes(it) => it.cause.clone(),
        A::WorkflowTaskScheduledEventAttributes(it) if it.attempt > 1 => {
            format!("attempt {}", it.attempt)
        }
        A::WorkflowTaskFailedEventAttributes(it) => {
            format!("{:?}: {}", it.cause(), failure(it.failure.as_ref()))
        }
        A::WorkflowTaskTimedOutEventAttributes(it) => format!("{:?}", it.timeout_type()),
        A::ActivityTaskScheduledEventAttributes(it) => format!(
            "{}{}",
            type_name(it.activity_type.as_ref()),
            arguments(it.input.as_ref())
        ),
        A::ActivityTaskStartedEventAttributes(it) => {
            let name = activity(it.scheduled_event_id);
            match it.attempt {
                0 | 1 => name,
                attempt => format!("{name}, attempt {attempt}"),
            }
        }
        A::ActivityTaskCompletedEventAttributes(it) => {
            let name = activity(it.scheduled_event_id);
            with(name, &value(it.result.as_ref()))
        }
        A::ActivityTaskFailedEventAttributes(it) => {
            let name = activity(it.scheduled_event_id);
            with(name, &failure(it.failure.as_ref()))
        }
        A::ActivityTaskTimedOutEventAttributes(it) => {
            let name = activity(it.scheduled_event_id);
            with(name, &failure(it.failure.as_ref()))
        }
        A::ActivityTaskCancelRequestedEventAttributes(it) => activity(it.scheduled_event_id),
        A::ActivityTaskCanceledEventAttributes(it) => activity(it.scheduled_event_id),
        A::TimerStartedEventAttributes(it) => {
            let length = duration(it.start_to_fire_timeout.as_ref());
            format!("{} of {length}", it.timer_id)
        }
        A::TimerFiredEventAttributes(it) => it.timer_id.clone(),
        A::TimerCanceledEventAttributes(it) => it.timer_id.clone(),
        A::MarkerRecordedEventAttributes(it) => {
            with(it.marker_name.clone(), &failure(it.failure.as_ref()))
        }
        A::StartChildWorkflowExecutionInitiatedEventAttributes(it) => format!(
            "{}{} as {}",
            workflow_type(it.workflow_type.as_ref()),
            arguments(it.input.as_ref()),
            it.workflow_id
        ),
        A::StartChildWorkflowExecutionFailedEventAttributes(it) => {
            format!("{}: {:?}", it.workflow_id, it.cause())
        }
        A::ChildWorkflowExecutionStartedEventAttributes(it) => {
            execution(it.workflow_execution.as_ref())
        }
        A::ChildWorkflowExecutionCompletedEventAttributes(it) => with(
            execution(it.workflow_execution.as_ref()),
            &value(it.result.as_ref()),
        ),
        A::ChildWorkflowExecutionFailedEventAttributes(it) => with(
            execution(it.workflow_execution.as_ref()),
            &failure(it.failure.as_ref()),
        ),
        A::ChildWorkflowExecutionCanceledEventAttributes(it) => {
            execution(it.workflow_execution.as_ref())
        }
        A::ChildWorkflowExecutionTimedOutEventAttributes(it) => {
            execution(it.workflow_execution.as_ref())
        }
        A::ChildWorkflowExecutionTerminatedEventAttributes(it) => {
            execution(it.workflow_execution.as_ref())
        }
        A::SignalExternalWorkflowExecutionInitiatedEventAttributes(it) => format!(
            "{} to {}",
            it.signal_name,
            execution(it.workflow_execution.as_ref())
        ),
        A::ExternalWorkflowExecutionSignaledEventAttributes(it) => {
            execution(it.workflow_execution.as_ref())
        }
        A::RequestCancelExternalWorkflowExecutionInitiatedEventAttributes(it) => {
            execution(it.workflow_execution.as_ref())
        }
        A::WorkflowExecutionUpdateAcceptedEventAttributes(it) => {
            let input = it.accepted_request.as_ref();
            let input = input.and_then(|request| request.input.as_ref());
            input.map_or_else(String::new, |input| {
                format!("{}{}", input.name, arguments(input.args.as_ref()))
            })
        }
        A::WorkflowExecutionUpdateCompletedEventAttributes(it) => {
            use durably_protos::temporal::api::update::v1::outcome::Value;
            let outcome = it.outcome.as_ref().and_then(|it| it.value.as_ref());
            let outcome = match outcome {
                Some(Value::Success(success)) => value(Some(success)),
                Some(Value::Failure(failed)) => failure(Some(failed)),
                None => String::new(),
            };
            with(update(it.accepted_event_id), &outcome)
        }
        A::NexusOperationScheduledEventAttributes(it) => {
            format!("{}.{} at {}", it.service, it.operation, it.endpoint)
        }
        A::NexusOperationFailedEventAttributes(it) => failure(it.failure.as_ref()),
        _ => String::new(),
    }
}

fn with(name: String, what: &str) -> String {
    match what {
        "" => name,
        what => format!("{name}: {what}"),
    }
}

fn find(events: &[HistoryEvent], id: i64) -> Option<&A> {
    let place = events
        .binary_search_by_key(&id, |event| event.event_id)
        .ok()?;
    events[place].attributes.as_ref()
}

fn activity_type(events: &[HistoryEvent], scheduled: i64) -> String {
    match find(events, scheduled) {
        Some(A::ActivityTaskScheduledEventAttributes(it)) => {
            type_name(it.activity_type.as_ref()).to_owned()
        }
        _ => format!("of event {scheduled}"),
    }
}

fn update_name(events: &[HistoryEvent], accepted: i64) -> String {
    match find(events, accepted) {
        Some(A::WorkflowExecutionUpdateAcceptedEventAttributes(it)) => {
            let request = it.accepted_request.as_ref();
            let input = request.and_then(|request| request.input.as_ref());
            input.map_or_else(String::new, |input| input.name.clone())
        }
        _ => format!("of event {accepted}"),
    }
}

fn type_name(it: Option<&ActivityType>) -> &str {
    it.map_or("", |it| &it.name)
}

fn workflow_type(it: Option<&WorkflowType>) -> &str {
    it.map_or("", |it| &it.name)
}

fn execution(it: Option<&WorkflowExecution>) -> String {
    it.map_or_else(String::new, |it| it.workflow_id.clone())
}

fn duration(it: Option<&protobuf::Duration>) -> String {
    let it = it.copied().unwrap_or_default();
    let seconds = u64::try_from(it.seconds).unwrap_or(0);
    let nanos = u32::try_from(it.nanos).unwrap_or(0).min(999_999_999);
    Span(Duration::new(seconds, nanos)).to_string()
}

/// A failure with its innermost cause, which says most.
fn failure(it: Option<&Failure>) -> String {
    let Some(it) = it else {
        return String::new();
    };
    let causes = std::iter::successors(Some(it), |it| it.cause.as_deref());
    let texts: Vec<_> = causes.map(|it| it.message.as_str()).collect();
    let texts: Vec<_> = texts.into_iter().filter(|text| !text.is_empty()).collect();
    texts.join(": ")
}

fn arguments(it: Option<&Payloads>) -> String {
    let shown: Vec<_> = it.iter().flat_map(|it| &it.payloads).map(show).collect();
    match shown.is_empty() {
        true => String::new(),
        false => format!("({})", shorten(shown.join(", "))),
    }
}

fn value(it: Option<&Payloads>) -> String {
    let shown: Vec<_> = it.iter().flat_map(|it| &it.payloads).map(show).collect();
    shorten(shown.join(", "))
}

fn show(payload: &Payload) -> String {
    let encoding = payload.metadata.get("encoding").map_or(&b""[..], |it| it);
    match (encoding, std::str::from_utf8(&payload.data)) {
        (b"binary/null", _) => "null".to_owned(),
        (b"json/plain" | b"json/protobuf", Ok(text)) => text.to_owned(),
        _ => format!("<{} bytes>", payload.data.len()),
    }
}

fn shorten(text: String) -> String {
    match text.char_indices().nth(LONGEST_VALUE) {
        Some((end, _)) => format!("{}...", &text[..end]),
        None => text,
    }
}
