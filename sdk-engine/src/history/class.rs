//! The classes of events (protocol 3.1).

use crate::command::Marker;
use durably_protos::temporal::api::enums::v1::EventType;
use durably_protos::temporal::api::history::v1::HistoryEvent;
use durably_protos::temporal::api::history::v1::history_event::Attributes;

/// Whether the server writes the event for a command of the completion just before it.
#[must_use]
pub fn is_command_event(event: &HistoryEvent) -> bool {
    matches!(
        event.event_type(),
        EventType::ActivityTaskScheduled
            | EventType::ActivityTaskCancelRequested
            | EventType::TimerStarted
            | EventType::TimerCanceled
            | EventType::MarkerRecorded
            | EventType::RequestCancelExternalWorkflowExecutionInitiated
            | EventType::SignalExternalWorkflowExecutionInitiated
            | EventType::StartChildWorkflowExecutionInitiated
            | EventType::UpsertWorkflowSearchAttributes
            | EventType::WorkflowPropertiesModified
            | EventType::NexusOperationScheduled
            | EventType::NexusOperationCancelRequested
            | EventType::WorkflowExecutionUpdateAccepted
            | EventType::WorkflowExecutionUpdateRejected
            | EventType::WorkflowExecutionUpdateCompleted
            | EventType::WorkflowExecutionCompleted
            | EventType::WorkflowExecutionFailed
            | EventType::WorkflowExecutionCanceled
            | EventType::WorkflowExecutionContinuedAsNew
    )
}

/// Whether a Started task that is followed by this event never took effect.
pub(crate) fn voids_started_task(event: &HistoryEvent) -> bool {
    matches!(
        event.event_type(),
        EventType::WorkflowTaskFailed
            | EventType::WorkflowTaskTimedOut
            | EventType::WorkflowExecutionTimedOut
            | EventType::WorkflowExecutionTerminated
            | EventType::WorkflowExecutionCanceled
    )
}

/// Whether a worker may pass the event over: it says so itself, or it changes nothing for code.
pub(crate) fn is_ignorable(event: &HistoryEvent) -> bool {
    event.worker_may_ignore
        || matches!(
            event.event_type(),
            EventType::WorkflowExecutionOptionsUpdated
                | EventType::WorkflowExecutionPaused
                | EventType::WorkflowExecutionUnpaused
                | EventType::WorkflowExecutionTimeSkippingTransitioned
                | EventType::WorkflowPropertiesModifiedExternally
                | EventType::ActivityPropertiesModifiedExternally
        )
}

/// The event's type as users know it, `ActivityTaskScheduled`; a number when it is unknown here.
pub(crate) fn type_name(event: &HistoryEvent) -> String {
    let Ok(kind) = EventType::try_from(event.event_type) else {
        return format!("number {}", event.event_type);
    };
    kind.as_str_name()
        .trim_start_matches("EVENT_TYPE_")
        .split('_')
        .map(|word| {
            let (first, rest) = word.split_at(word.len().min(1));
            first.to_owned() + &rest.to_lowercase()
        })
        .collect()
}

/// The event in words, for a nondeterminism report.
#[must_use]
pub fn describe(event: &HistoryEvent) -> String {
    let detail = match &event.attributes {
        Some(Attributes::ActivityTaskScheduledEventAttributes(attributes)) => {
            let name = attributes
                .activity_type
                .as_ref()
                .map_or("", |kind| &kind.name);
            format!("\"{name}\" (id {})", attributes.activity_id)
        }
        Some(Attributes::TimerStartedEventAttributes(attributes)) => {
            format!("(id {})", attributes.timer_id)
        }
        Some(Attributes::TimerCanceledEventAttributes(attributes)) => {
            format!("(id {})", attributes.timer_id)
        }
        Some(Attributes::TimerFiredEventAttributes(attributes)) => {
            format!("(id {})", attributes.timer_id)
        }
        Some(Attributes::MarkerRecordedEventAttributes(attributes)) => {
            match Marker::read(attributes) {
                Ok(marker) => format!("({})", marker.key),
                Err(_) => format!("\"{}\"", attributes.marker_name),
            }
        }
        Some(Attributes::StartChildWorkflowExecutionInitiatedEventAttributes(attributes)) => {
            let name = attributes
                .workflow_type
                .as_ref()
                .map_or("", |kind| &kind.name);
            format!("\"{name}\" (id {})", attributes.workflow_id)
        }
        Some(Attributes::WorkflowExecutionSignaledEventAttributes(attributes)) => {
            format!("\"{}\"", attributes.signal_name)
        }
        _ => return type_name(event),
    };
    format!("{} {detail}", type_name(event))
}
