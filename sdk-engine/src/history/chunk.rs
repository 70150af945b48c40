//! Chunks: the events that make one activation of the code (protocol 3.2).
//!
//! A chunk ends with the `WorkflowTaskStarted` of a task that was completed, or is being
//! executed now. A Started whose task failed, timed out or was cut off by the run's end does
//! not end a chunk: the code never acted on it.

use durably_protos::temporal::api::enums::v1::EventType;
use durably_protos::temporal::api::history::v1::HistoryEvent;
use durably_protos::temporal::api::history::v1::history_event::Attributes;

use super::class::{is_command_event, is_ignorable, voids_started_task};

/// Where chunks end is part of the replay contract; a run keeps one rule for life.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum ChunkingRule {
    /// Every completed task is a chunk.
    #[default]
    EveryTask,
    /// As SDKs built on Temporal's core do it: a completed task without commands that is
    /// directly followed by the next one is merged with it.
    CoreCollapsing,
}

/// The answer to "where does the next chunk end".
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Boundary {
    /// It has this many events; the last is a Started that was completed.
    Completed(usize),
    /// It has this many events; the last is a Started with nothing after it.
    Open(usize),
    /// Undecided until more events are known.
    NeedMore,
    /// No further chunk: what is left does not contain a Started that counts.
    None,
}

/// Finds the end of the next chunk in `events`; `complete` says that no more will come.
///
/// A decision needs the event after Started and, since an activation may look ahead at the
/// events of its own commands, all command events after Completed and one more.
pub(crate) fn find_boundary(
    events: &[HistoryEvent],
    complete: bool,
    rule: ChunkingRule,
) -> Boundary {
    let unknown = if complete {
        Boundary::None
    } else {
        Boundary::NeedMore
    };
    let mut seen_command = false;
    // The last task that was merged: its id, and the length of the chunk that it would end.
    let mut merged: Option<(i64, usize)> = None;
    for (index, event) in events.iter().enumerate() {
        seen_command |= is_command_event(event);
        if event.event_type() != EventType::WorkflowTaskStarted {
            continue;
        }
        let mut after = events[index + 1..]
            .iter()
            .filter(|event| !is_ignorable(event));
        let Some(next) = after.next() else {
            return if complete {
                Boundary::Open(index + 1)
            } else {
                Boundary::NeedMore
            };
        };
        if voids_started_task(next) {
            continue;
        }
        // `next` is WorkflowTaskCompleted; its command events follow.
        if !complete && after.clone().all(is_command_event) {
            return Boundary::NeedMore;
        }
        if rule == ChunkingRule::CoreCollapsing {
            let next = after.next();
            let empty =
                next.is_some_and(|event| event.event_type() == EventType::WorkflowTaskScheduled);
            if empty && !seen_command {
                merged = Some((event.event_id, index + 1));
                continue;
            }
            // An update has its own task for itself: what was merged before it is a chunk.
            if let Some((started, length)) = merged
                && next
                    .and_then(accepted_request_event_id)
                    .is_some_and(|id| started < id)
            {
                return Boundary::Completed(length);
            }
        }
        return Boundary::Completed(index + 1);
    }
    unknown
}

/// The event just before the task that brought an accepted update.
fn accepted_request_event_id(event: &HistoryEvent) -> Option<i64> {
    match &event.attributes {
        Some(Attributes::WorkflowExecutionUpdateAcceptedEventAttributes(accepted)) => {
            Some(accepted.accepted_request_sequencing_event_id)
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use durably_protos::temporal::api::history::v1::WorkflowExecutionUpdateAcceptedEventAttributes;

    use super::*;

    fn events(text: &str) -> Vec<HistoryEvent> {
        let kinds = text.split_whitespace().map(|word| match word {
            "Begin" => EventType::WorkflowExecutionStarted,
            "Scheduled" => EventType::WorkflowTaskScheduled,
            "Started" => EventType::WorkflowTaskStarted,
            "Completed" => EventType::WorkflowTaskCompleted,
            "Failed" => EventType::WorkflowTaskFailed,
            "TimedOut" => EventType::WorkflowTaskTimedOut,
            "Terminated" => EventType::WorkflowExecutionTerminated,
            "Signaled" => EventType::WorkflowExecutionSignaled,
            "Timer" => EventType::TimerStarted,
            "Paused" => EventType::WorkflowExecutionPaused,
            other => panic!("no event is called {other}"),
        });
        (1..)
            .zip(kinds)
            .map(|(event_id, kind)| HistoryEvent {
                event_id,
                event_type: kind.into(),
                ..Default::default()
            })
            .collect()
    }

    #[track_caller]
    fn check(text: &str, complete: bool, expected: Boundary) {
        assert_eq!(
            find_boundary(&events(text), complete, ChunkingRule::EveryTask),
            expected
        );
    }

    #[test]
    fn a_completed_task_ends_a_chunk_once_its_commands_are_known() {
        check(
            "Begin Scheduled Started Completed Timer Scheduled",
            false,
            Boundary::Completed(3),
        );
        check(
            "Begin Scheduled Started Completed Timer",
            true,
            Boundary::Completed(3),
        );
        check(
            "Begin Scheduled Started Completed Timer",
            false,
            Boundary::NeedMore,
        );
        check("Begin Scheduled Started", false, Boundary::NeedMore);
    }

    #[test]
    fn the_last_started_is_open() {
        check(
            "Completed Timer Signaled Scheduled Started",
            true,
            Boundary::Open(5),
        );
        check("Begin Scheduled Started Paused", true, Boundary::Open(3));
    }

    #[test]
    fn tasks_that_took_no_effect_end_nothing() {
        check(
            "Begin Scheduled Started Failed Scheduled Started",
            true,
            Boundary::Open(6),
        );
        check(
            "Begin Scheduled Started TimedOut Signaled",
            true,
            Boundary::None,
        );
        check("Begin Scheduled Started Terminated", true, Boundary::None);
        check(
            "Begin Scheduled Started Paused Failed Scheduled Started Completed Scheduled",
            true,
            Boundary::Completed(7),
        );
    }

    #[test]
    fn the_core_rule_merges_empty_tasks_even_the_first() {
        let first = events("Begin Scheduled Started Completed Scheduled Started Completed Timer");
        assert_eq!(
            find_boundary(&first, true, ChunkingRule::CoreCollapsing),
            Boundary::Completed(6)
        );
        let with_command = events("Completed Timer Scheduled Started Completed Scheduled Started");
        assert_eq!(
            find_boundary(&with_command, true, ChunkingRule::CoreCollapsing),
            Boundary::Completed(4)
        );
        let merged = events(
            "Completed Signaled Scheduled Started Completed Scheduled Started Completed Timer Scheduled",
        );
        assert_eq!(
            find_boundary(&merged, true, ChunkingRule::CoreCollapsing),
            Boundary::Completed(7)
        );
        assert_eq!(
            find_boundary(&merged, true, ChunkingRule::EveryTask),
            Boundary::Completed(4)
        );
    }

    #[test]
    fn the_core_rule_gives_an_update_a_task_of_its_own() {
        let text = "Completed Signaled Scheduled Started Completed Scheduled Started Completed Timer Scheduled";
        let mut events = events(text);
        let accept = |sequencing| {
            let attributes = WorkflowExecutionUpdateAcceptedEventAttributes {
                accepted_request_sequencing_event_id: sequencing,
                ..Default::default()
            };
            Attributes::WorkflowExecutionUpdateAcceptedEventAttributes(attributes.into())
        };
        events[8].event_type = EventType::WorkflowExecutionUpdateAccepted.into();
        for (sequencing, length) in [(6, 4), (3, 7)] {
            events[8].attributes = Some(accept(sequencing));
            assert_eq!(
                find_boundary(&events, true, ChunkingRule::CoreCollapsing),
                Boundary::Completed(length)
            );
        }
    }
}
