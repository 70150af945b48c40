//! Operations: what began with one event and was closed by another.

use std::collections::{HashMap, HashSet};
use std::ops::Range;

use durably_protos::temporal::api::history::v1::HistoryEvent;
use durably_protos::temporal::api::history::v1::history_event::Attributes as A;

use super::Operation;
use crate::report::action::{Action, Kind};

/// How many operations are shown around a place.
const SHOWN: usize = 60;
/// How many operations of a history are shown.
const SHOWN_OF_WHOLE: usize = 300;

/// All operations of a history, in the order in which they began.
pub(super) fn operations(
    events: &[HistoryEvent],
    since: &impl Fn(&HistoryEvent) -> u64,
    end: u64,
    diverging: Option<i64>,
) -> Vec<Operation> {
    let mut operations: Vec<Operation> = Vec::new();
    let mut by_event = HashMap::new();
    for event in events {
        if let Some(title) = begins(event) {
            by_event.insert(event.event_id, operations.len());
            operations.push(Operation {
                title,
                event_id: event.event_id,
                millis: since(event),
                closed_event_id: None,
                closed_millis: end,
                outcome: "open".to_owned(),
                diverges: Some(event.event_id) == diverging,
            });
        } else if let Some((began, outcome)) = closes(event)
            && let Some(place) = by_event.remove(&began)
        {
            let operation = &mut operations[place];
            operation.closed_event_id = Some(event.event_id);
            operation.closed_millis = since(event);
            outcome.clone_into(&mut operation.outcome);
        }
    }
    operations
}

/// Those of the shown events, the nearest to the place first when there are too many; how many are
/// left out.
pub(super) fn near(
    all: Vec<Operation>,
    events: &[HistoryEvent],
    shown: &[Range<usize>],
    at: Option<i64>,
) -> (Vec<Operation>, usize) {
    let total = all.len();
    let is_shown = |id: i64| {
        let place = events.partition_point(|event| event.event_id < id);
        shown.iter().any(|range| range.contains(&place))
    };
    let mut near: Vec<_> = all
        .into_iter()
        .filter(|it| is_shown(it.event_id) || it.closed_event_id.is_some_and(is_shown))
        .collect();
    let at = at.unwrap_or(0);
    near.sort_by_key(|it| it.event_id.abs_diff(at));
    near.truncate(SHOWN);
    near.sort_by_key(|it| it.event_id);
    let left_out = total - near.len();
    (near, left_out)
}

/// The first of those that begin or end with the shown events; how many more there are.
pub(super) fn first_of<'a>(
    mut all: Vec<Operation>,
    shown: impl Iterator<Item = &'a HistoryEvent>,
) -> (Vec<Operation>, usize) {
    let shown: HashSet<i64> = shown.map(|event| event.event_id).collect();
    let is_shown = |id: &i64| shown.contains(id);
    all.retain(|it| {
        let closed = it.closed_event_id.as_ref();
        is_shown(&it.event_id) || closed.is_some_and(is_shown)
    });
    let left_out = all.len().saturating_sub(SHOWN_OF_WHOLE);
    all.truncate(SHOWN_OF_WHOLE);
    (all, left_out)
}

fn begins(event: &HistoryEvent) -> Option<String> {
    let action = Action::of_event(event);
    match action.kind {
        Kind::Activity | Kind::Child | Kind::Nexus | Kind::Signal | Kind::ExternalCancel => {
            Some(action.title())
        }
        Kind::Timer => Some(match &action.duration {
            Some(duration) => format!("timer of {duration:?}"),
            None => "timer".to_owned(),
        }),
        _ => None,
    }
}

/// The event that began what this one closes, and how.
fn closes(event: &HistoryEvent) -> Option<(i64, &'static str)> {
    Some(match event.attributes.as_ref()? {
        A::ActivityTaskCompletedEventAttributes(it) => (it.scheduled_event_id, "completed"),
        A::ActivityTaskFailedEventAttributes(it) => (it.scheduled_event_id, "failed"),
        A::ActivityTaskTimedOutEventAttributes(it) => (it.scheduled_event_id, "timed out"),
        A::ActivityTaskCanceledEventAttributes(it) => (it.scheduled_event_id, "canceled"),
        A::TimerFiredEventAttributes(it) => (it.started_event_id, "fired"),
        A::TimerCanceledEventAttributes(it) => (it.started_event_id, "canceled"),
        A::StartChildWorkflowExecutionFailedEventAttributes(it) => {
            (it.initiated_event_id, "not started")
        }
        A::ChildWorkflowExecutionCompletedEventAttributes(it) => {
            (it.initiated_event_id, "completed")
        }
        A::ChildWorkflowExecutionFailedEventAttributes(it) => (it.initiated_event_id, "failed"),
        A::ChildWorkflowExecutionCanceledEventAttributes(it) => (it.initiated_event_id, "canceled"),
        A::ChildWorkflowExecutionTimedOutEventAttributes(it) => {
            (it.initiated_event_id, "timed out")
        }
        A::ChildWorkflowExecutionTerminatedEventAttributes(it) => {
            (it.initiated_event_id, "terminated")
        }
        A::ExternalWorkflowExecutionSignaledEventAttributes(it) => {
            (it.initiated_event_id, "delivered")
        }
        A::SignalExternalWorkflowExecutionFailedEventAttributes(it) => {
            (it.initiated_event_id, "failed")
        }
        A::ExternalWorkflowExecutionCancelRequestedEventAttributes(it) => {
            (it.initiated_event_id, "delivered")
        }
        A::RequestCancelExternalWorkflowExecutionFailedEventAttributes(it) => {
            (it.initiated_event_id, "failed")
        }
        A::NexusOperationCompletedEventAttributes(it) => (it.scheduled_event_id, "completed"),
        A::NexusOperationFailedEventAttributes(it) => (it.scheduled_event_id, "failed"),
        A::NexusOperationCanceledEventAttributes(it) => (it.scheduled_event_id, "canceled"),
        A::NexusOperationTimedOutEventAttributes(it) => (it.scheduled_event_id, "timed out"),
        _ => return None,
    })
}
