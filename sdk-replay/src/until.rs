//! Cutting a history short.

use durably_protos::temporal::api::enums::v1::EventType;
use durably_protos::temporal::api::history::v1::{History, HistoryEvent};

/// Leaves out the events after `last`. Where that would part a workflow task from some of its
/// commands, the task's completion and its other commands are left out too: code that is replayed
/// issues all of them.
pub(crate) fn cut_after(history: &mut History, last: i64) {
    let events = &mut history.events;
    let mut end = events.partition_point(|event| event.event_id <= last);
    if events.get(end).is_some_and(is_of_a_command) {
        let completed =
            |event: &HistoryEvent| event.event_type() == EventType::WorkflowTaskCompleted;
        end = events[..end].iter().rposition(completed).unwrap_or(end);
    }
    events.truncate(end);
}

/// Whether a completed workflow task's command or message caused the event.
fn is_of_a_command(event: &HistoryEvent) -> bool {
    matches!(
        event.event_type(),
        EventType::ActivityTaskScheduled
            | EventType::ActivityTaskCancelRequested
            | EventType::TimerStarted
            | EventType::TimerCanceled
            | EventType::MarkerRecorded
            | EventType::StartChildWorkflowExecutionInitiated
            | EventType::SignalExternalWorkflowExecutionInitiated
            | EventType::RequestCancelExternalWorkflowExecutionInitiated
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_task_is_kept_with_all_its_commands_or_not_at_all() {
        use EventType as E;
        let types = [
            E::WorkflowExecutionStarted,
            E::WorkflowTaskScheduled,
            E::WorkflowTaskStarted,
            E::WorkflowTaskCompleted,
            E::TimerStarted,
            E::ActivityTaskScheduled,
            E::TimerFired,
            E::WorkflowTaskScheduled,
        ];
        let event = |(index, kind): (usize, E)| HistoryEvent {
            event_id: index as i64 + 1,
            event_type: kind.into(),
            ..HistoryEvent::default()
        };
        let events: Vec<_> = types.into_iter().enumerate().map(event).collect();
        for (last, kept) in [(0, 0), (3, 3), (4, 3), (5, 3), (6, 6), (7, 7), (100, 8)] {
            let mut history = History {
                events: events.clone(),
            };
            cut_after(&mut history, last);
            assert_eq!(history.events.len(), kept, "up to {last}");
        }
    }
}
