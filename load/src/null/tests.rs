//! The prepared answers to the histories of the load workflows.

use durably_protos::temporal::api::command::v1::Command;
use durably_protos::temporal::api::command::v1::command::Attributes as CommandAttributes;
use durably_protos::temporal::api::common::v1::WorkflowType;
use durably_protos::temporal::api::enums::v1::{CommandType, EventType};
use durably_protos::temporal::api::history::v1::history_event::Attributes;
use durably_protos::temporal::api::history::v1::{
    HistoryEvent, WorkflowExecutionSignaledEventAttributes, WorkflowExecutionStartedEventAttributes,
};
use durably_protos::temporal::api::taskqueue::v1::TaskQueue;

use super::prepared::Prepared;
use super::progress::Progress;
use crate::number::{number, payloads};

/// A run, event by event.
struct History {
    prepared: Prepared,
    progress: Progress,
}

impl History {
    fn begin(workflow_type: &str, n: u64) -> Self {
        let started = started(workflow_type, n);
        Self {
            prepared: Prepared::new("q", TaskQueue::default(), true),
            progress: Progress::begin(started).unwrap(),
        }
    }

    fn event(&mut self, event_type: EventType) {
        self.add(event_type, None).unwrap();
    }

    fn signal(&mut self, added: u64) {
        let signal = WorkflowExecutionSignaledEventAttributes {
            input: Some(payloads(added)),
            ..WorkflowExecutionSignaledEventAttributes::default()
        };
        let attributes = Attributes::WorkflowExecutionSignaledEventAttributes(Box::new(signal));
        self.add(EventType::WorkflowExecutionSignaled, Some(attributes))
            .unwrap();
    }

    fn add(
        &mut self,
        event_type: EventType,
        attributes: Option<Attributes>,
    ) -> Result<(), &'static str> {
        self.progress.apply(&HistoryEvent {
            event_id: self.progress.last_event_id + 1,
            event_type: event_type.into(),
            attributes,
            ..HistoryEvent::default()
        })
    }

    /// How many commands of which type are due.
    fn due(&self) -> Vec<(usize, CommandType)> {
        let mut counted: Vec<(usize, CommandType)> = Vec::new();
        for command in self.prepared.commands(&self.progress).0 {
            match counted.last_mut() {
                Some((count, last)) if *last == command.command_type() => *count += 1,
                _ => counted.push((1, command.command_type())),
            }
        }
        counted
    }

    /// The result with which the workflow ends now, if it does.
    fn result(&self) -> Option<u64> {
        let (commands, true) = self.prepared.commands(&self.progress) else {
            return None;
        };
        match commands.as_slice() {
            [
                Command {
                    attributes:
                        Some(CommandAttributes::CompleteWorkflowExecutionCommandAttributes(end)),
                    ..
                },
            ] => number(end.result.as_ref()),
            others => panic!("no single completion: {others:?}"),
        }
    }
}

fn started(workflow_type: &str, n: u64) -> HistoryEvent {
    let started = WorkflowExecutionStartedEventAttributes {
        workflow_type: Some(WorkflowType {
            name: workflow_type.to_owned(),
        }),
        input: Some(payloads(n)),
        ..WorkflowExecutionStartedEventAttributes::default()
    };
    HistoryEvent {
        event_id: 1,
        event_type: EventType::WorkflowExecutionStarted.into(),
        attributes: Some(Attributes::WorkflowExecutionStartedEventAttributes(
            Box::new(started),
        )),
        ..HistoryEvent::default()
    }
}

#[test]
fn one_activity_is_scheduled_once_and_its_result_returned() {
    let mut history = History::begin("one_activity", 7);
    assert_eq!(history.due(), [(1, CommandType::ScheduleActivityTask)]);
    history.event(EventType::ActivityTaskScheduled);
    assert_eq!(history.due(), []);
    history.event(EventType::ActivityTaskStarted);
    history.event(EventType::ActivityTaskCompleted);
    assert_eq!(history.result(), Some(7));
}

#[test]
fn a_sequence_schedules_the_next_when_the_last_has_completed() {
    let mut history = History::begin("seq", 2);
    for _ in 0..2 {
        assert_eq!(history.due(), [(1, CommandType::ScheduleActivityTask)]);
        history.event(EventType::ActivityTaskScheduled);
        assert_eq!(history.due(), []);
        history.event(EventType::ActivityTaskCompleted);
    }
    assert_eq!(history.result(), Some(2));
}

#[test]
fn a_fanout_schedules_all_at_once_and_three_of_them_eagerly() {
    let history = History::begin("fanout", 5);
    assert_eq!(history.due(), [(5, CommandType::ScheduleActivityTask)]);
    let (commands, _) = history.prepared.commands(&history.progress);
    let eager = commands.iter().filter(|command| match &command.attributes {
        Some(CommandAttributes::ScheduleActivityTaskCommandAttributes(activity)) => {
            activity.request_eager_execution
        }
        _ => false,
    });
    assert_eq!(eager.count(), 3);
}

#[test]
fn timers_start_at_once_and_all_have_to_fire() {
    let mut history = History::begin("timers", 2);
    assert_eq!(history.due(), [(2, CommandType::StartTimer)]);
    history.event(EventType::TimerStarted);
    history.event(EventType::TimerStarted);
    history.event(EventType::TimerFired);
    assert_eq!(history.due(), []);
    history.event(EventType::TimerFired);
    assert_eq!(history.result(), Some(2));
}

#[test]
fn signals_are_added_up() {
    let mut history = History::begin("signals", 2);
    history.signal(40);
    assert_eq!(history.due(), []);
    history.signal(2);
    assert_eq!(history.result(), Some(42));
}

#[test]
fn an_idle_workflow_ends_with_its_signal() {
    let mut history = History::begin("idle", 0);
    assert_eq!(history.due(), []);
    history.signal(0);
    assert_eq!(history.result(), Some(0));
}

#[test]
fn an_event_that_comes_again_does_not_count() {
    let mut history = History::begin("signals", 2);
    history.signal(1);
    let again = HistoryEvent {
        event_id: history.progress.last_event_id,
        event_type: EventType::WorkflowExecutionSignaled.into(),
        ..HistoryEvent::default()
    };
    history.progress.apply(&again).unwrap();
    assert_eq!(history.result(), None);
}

#[test]
fn what_has_no_prepared_answer_is_refused() {
    assert!(Progress::begin(started("other", 1)).is_err());
    let mut history = History::begin("seq", 1);
    assert!(history.add(EventType::ActivityTaskTimedOut, None).is_err());
}
