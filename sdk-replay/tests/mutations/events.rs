//! Finding events by what they say instead of by their ids.

use durably_protos::temporal::api::history::v1::history_event::Attributes;
use durably_protos::temporal::api::history::v1::{History, HistoryEvent};

/// The id of the event that `words` name: `TimerStarted`, `TimerStarted #2`,
/// `ActivityTaskScheduled charge`, `ActivityTaskScheduled charge #2`.
pub(crate) fn event_id(history: &History, words: &str) -> Option<i64> {
    let (words, number) = match words.split_once(" #") {
        Some((words, number)) => (words, number.parse().expect("a number after #")),
        None => (words, 1_usize),
    };
    let (kind, label) = match words.split_once(' ') {
        Some((kind, label)) => (kind, Some(label)),
        None => (words, None),
    };
    let is_meant = |event: &&HistoryEvent| {
        format!("{:?}", event.event_type()) == kind
            && label.is_none_or(|label| label_of(event) == label)
    };
    let mut meant = history.events.iter().filter(is_meant);
    meant.nth(number - 1).map(|event| event.event_id)
}

fn label_of(event: &HistoryEvent) -> &str {
    use Attributes as A;
    match event.attributes.as_ref().expect("events have attributes") {
        A::ActivityTaskScheduledEventAttributes(it) => &it.activity_type.as_ref().unwrap().name,
        A::StartChildWorkflowExecutionInitiatedEventAttributes(it) => {
            &it.workflow_type.as_ref().unwrap().name
        }
        A::MarkerRecordedEventAttributes(it) => &it.marker_name,
        A::WorkflowExecutionSignaledEventAttributes(it) => &it.signal_name,
        other => panic!("no label is known of {other:?}"),
    }
}
