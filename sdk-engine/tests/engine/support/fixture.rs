//! Histories from text: one event per line, or several in a line with `|` between them.
//!
//! ```text
//! WorkflowExecutionStarted "input"
//! WorkflowTask                              Scheduled, Started and Completed
//! ActivityTaskScheduled 1 charge            activity id and type
//! ActivityTaskStarted 1 | ActivityTaskCompleted 1 "paid"
//! TimerStarted 2 | TimerFired 2             timer id
//! WorkflowExecutionSignaled add 5           name and argument
//! MarkerRecorded change | MarkerRecorded change deprecated    patch id; more in `fixture_marker`
//! WorkflowTaskScheduled | WorkflowTaskStarted
//! ```
//!
//! Event ids count from 1, event N happens at second N. What names an activity or a timer is
//! turned into the id of the event that started it. `Lost N` leaves out N event ids.

use std::collections::BTreeMap;

use durably_protos::google::protobuf::Timestamp;
use durably_protos::temporal::api::common::v1::{
    ActivityType, Header, Payload, Payloads, WorkflowType,
};
use durably_protos::temporal::api::enums::v1::{EventType, WorkflowTaskFailedCause};
use durably_protos::temporal::api::failure::v1::Failure;
use durably_protos::temporal::api::history::v1::history_event::Attributes as A;
use durably_protos::temporal::api::history::v1::*;
use durably_protos::temporal::api::sdk::v1::WorkflowTaskCompletedMetadata;

use super::fixture_marker::marker;
use super::fixture_related::Initiated;

/// The `original_execution_run_id` of every history made here.
pub(crate) const RUN_ID: &str = "0198f1c2-1111-7000-8000-000000000001";

/// A JSON payload.
pub(crate) fn json(text: &str) -> Payload {
    Payload {
        metadata: [("encoding", b"json/plain".as_slice().into())].into(),
        data: text.as_bytes().to_vec().into(),
        ..Default::default()
    }
}

pub(crate) fn payloads(text: Option<&str>) -> Option<Payloads> {
    let text = text.filter(|text| !text.is_empty())?;
    Some(Payloads {
        payloads: vec![json(text)],
    })
}

pub(crate) fn failure(message: &str) -> Failure {
    Failure {
        message: message.to_owned(),
        ..Default::default()
    }
}

/// The text of the first payload; nothing when there is none.
pub(crate) fn text_of(payloads: &[Payload]) -> String {
    payloads.first().map_or_else(String::new, |payload| {
        String::from_utf8_lossy(&payload.data).into_owned()
    })
}

/// Appends events to a history.
#[derive(Default)]
pub(crate) struct HistoryBuilder {
    events: Vec<HistoryEvent>,
    last_id: i64,
    activities: BTreeMap<String, i64>,
    timers: BTreeMap<String, i64>,
    pub(super) initiated: Initiated,
    /// The last WorkflowTaskScheduled and Started.
    task: (i64, i64),
}

/// The events of a text.
#[track_caller]
pub(crate) fn history(text: &str) -> Vec<HistoryEvent> {
    let mut builder = HistoryBuilder::default();
    for line in text.lines().flat_map(|line| line.split('|')) {
        let line = line.trim();
        if !line.is_empty() {
            builder.line(line);
        }
    }
    builder.into_events()
}

impl HistoryBuilder {
    pub(crate) fn events(&self) -> &[HistoryEvent] {
        &self.events
    }

    pub(crate) fn last_id(&self) -> i64 {
        self.last_id
    }

    /// The last WorkflowTaskScheduled.
    pub(super) fn scheduled_task(&self) -> i64 {
        self.task.0
    }

    pub(crate) fn into_events(self) -> Vec<HistoryEvent> {
        self.events
    }

    #[track_caller]
    pub(crate) fn line(&mut self, line: &str) {
        let mut words = line.splitn(3, ' ').map(str::trim);
        let name = words.next().unwrap_or_default();
        let (first, second) = (words.next(), words.next());
        match name {
            "WorkflowTask" => {
                for part in ["Scheduled", "Started", "Completed"] {
                    self.line(&format!("WorkflowTask{part}"));
                }
            }
            "Lost" => self.last_id += first.map_or(1, |count| count.parse().expect("a number")),
            "Unknown" => {
                let number = first.map_or(9999, |number| number.parse().expect("a number"));
                let mut event = self.event(number, None);
                event.worker_may_ignore = second == Some("ignorable");
                self.add(event);
            }
            _ => match marker(name, first, second) {
                Some(attributes) => {
                    let attributes = A::MarkerRecordedEventAttributes(attributes.into());
                    let event = self.event(EventType::MarkerRecorded.into(), Some(attributes));
                    self.add(event);
                }
                None => self.known(name, first, second),
            },
        }
    }

    #[track_caller]
    fn known(&mut self, name: &str, first: Option<&str>, second: Option<&str>) {
        let screaming: String = name
            .chars()
            .flat_map(|c| c.is_uppercase().then_some('_').into_iter().chain([c]))
            .collect::<String>()
            .to_uppercase();
        let kind = EventType::from_str_name(&format!("EVENT_TYPE{screaming}"))
            .unwrap_or_else(|| panic!("no event is called {name}"));
        let attributes = self
            .message(name, first, second)
            .or_else(|| self.operation(name, first, second))
            .or_else(|| self.related(name, first, second))
            .unwrap_or_else(|| panic!("the fixtures cannot make a {name}"));
        let event = self.event(kind.into(), Some(attributes));
        self.add(event);
    }

    pub(crate) fn event(&self, event_type: i32, attributes: Option<A>) -> HistoryEvent {
        HistoryEvent {
            event_id: self.last_id + 1,
            event_time: Some(Timestamp {
                seconds: self.last_id + 1,
                nanos: 0,
            }),
            event_type,
            attributes,
            ..Default::default()
        }
    }

    pub(crate) fn add(&mut self, event: HistoryEvent) {
        self.last_id = event.event_id;
        self.events.push(event);
    }

    /// The run's own events, and those of its workflow tasks.
    fn message(&mut self, name: &str, first: Option<&str>, second: Option<&str>) -> Option<A> {
        let id = self.last_id + 1;
        let (task, word) = (self.task, first.unwrap_or_default());
        Some(match name {
            "WorkflowExecutionStarted" => {
                let attributes = WorkflowExecutionStartedEventAttributes {
                    workflow_type: Some(WorkflowType {
                        name: "test".to_owned(),
                    }),
                    input: payloads(first),
                    original_execution_run_id: RUN_ID.to_owned(),
                    first_execution_run_id: RUN_ID.to_owned(),
                    attempt: 1,
                    ..Default::default()
                };
                A::WorkflowExecutionStartedEventAttributes(attributes.into())
            }
            "WorkflowTaskScheduled" => {
                self.task.0 = id;
                A::WorkflowTaskScheduledEventAttributes(Default::default())
            }
            "WorkflowTaskStarted" => {
                self.task.1 = id;
                let attributes = WorkflowTaskStartedEventAttributes {
                    scheduled_event_id: task.0,
                    history_size_bytes: id * 100,
                    suggest_continue_as_new: word == "suggests",
                    ..Default::default()
                };
                A::WorkflowTaskStartedEventAttributes(attributes.into())
            }
            "WorkflowTaskCompleted" => {
                let metadata = first.map(|name| WorkflowTaskCompletedMetadata {
                    sdk_name: name.to_owned(),
                    ..Default::default()
                });
                let attributes = WorkflowTaskCompletedEventAttributes {
                    scheduled_event_id: task.0,
                    started_event_id: task.1,
                    sdk_metadata: metadata.map(Box::new),
                    ..Default::default()
                };
                A::WorkflowTaskCompletedEventAttributes(attributes.into())
            }
            "WorkflowTaskFailed" => {
                let cause = match word {
                    "reset" => WorkflowTaskFailedCause::ResetWorkflow,
                    _ => WorkflowTaskFailedCause::WorkflowWorkerUnhandledFailure,
                };
                let attributes = WorkflowTaskFailedEventAttributes {
                    scheduled_event_id: task.0,
                    started_event_id: task.1,
                    cause: cause.into(),
                    new_run_id: second.unwrap_or_default().to_owned(),
                    ..Default::default()
                };
                A::WorkflowTaskFailedEventAttributes(attributes.into())
            }
            "WorkflowTaskTimedOut" => A::WorkflowTaskTimedOutEventAttributes(Default::default()),
            "WorkflowExecutionSignaled" => {
                let attributes = WorkflowExecutionSignaledEventAttributes {
                    signal_name: word.to_owned(),
                    input: payloads(second),
                    identity: "sender".to_owned(),
                    header: Some(Header::default()),
                    ..Default::default()
                };
                A::WorkflowExecutionSignaledEventAttributes(attributes.into())
            }
            "WorkflowExecutionCancelRequested" => {
                let attributes = WorkflowExecutionCancelRequestedEventAttributes {
                    cause: word.to_owned(),
                    ..Default::default()
                };
                A::WorkflowExecutionCancelRequestedEventAttributes(attributes.into())
            }
            "WorkflowExecutionCompleted" => {
                let attributes = WorkflowExecutionCompletedEventAttributes {
                    result: payloads(first),
                    ..Default::default()
                };
                A::WorkflowExecutionCompletedEventAttributes(attributes.into())
            }
            "WorkflowExecutionFailed" => {
                A::WorkflowExecutionFailedEventAttributes(Default::default())
            }
            "WorkflowExecutionCanceled" => {
                A::WorkflowExecutionCanceledEventAttributes(Default::default())
            }
            "WorkflowExecutionContinuedAsNew" => {
                A::WorkflowExecutionContinuedAsNewEventAttributes(Default::default())
            }
            "WorkflowExecutionTerminated" => {
                A::WorkflowExecutionTerminatedEventAttributes(Default::default())
            }
            "WorkflowExecutionTimedOut" => {
                A::WorkflowExecutionTimedOutEventAttributes(Default::default())
            }
            "WorkflowExecutionPaused" => {
                A::WorkflowExecutionPausedEventAttributes(Default::default())
            }
            "WorkflowExecutionOptionsUpdated" => {
                A::WorkflowExecutionOptionsUpdatedEventAttributes(Default::default())
            }
            _ => return None,
        })
    }

    /// The events of activities and timers; `first` names which.
    fn operation(&mut self, name: &str, first: Option<&str>, second: Option<&str>) -> Option<A> {
        let id = self.last_id + 1;
        let key = first.unwrap_or_default().to_owned();
        match name {
            "ActivityTaskScheduled" => self.activities.insert(key.clone(), id),
            "TimerStarted" => self.timers.insert(key.clone(), id),
            _ => None,
        };
        // `#5`, or a key nobody knows, is the event id itself.
        let initiator = |known: &BTreeMap<String, i64>| {
            let known = known.get(&key).copied();
            let id = || key.trim_start_matches('#').parse().unwrap_or_default();
            known.unwrap_or_else(id)
        };
        let scheduled_event_id = initiator(&self.activities);
        Some(match name {
            "ActivityTaskScheduled" => {
                let attributes = ActivityTaskScheduledEventAttributes {
                    activity_id: key,
                    activity_type: second.map(|name| ActivityType {
                        name: name.to_owned(),
                    }),
                    ..Default::default()
                };
                A::ActivityTaskScheduledEventAttributes(attributes.into())
            }
            "ActivityTaskStarted" => {
                let attributes = ActivityTaskStartedEventAttributes {
                    scheduled_event_id,
                    identity: "worker-1".to_owned(),
                    attempt: 1,
                    ..Default::default()
                };
                A::ActivityTaskStartedEventAttributes(attributes.into())
            }
            "ActivityTaskCompleted" => {
                let attributes = ActivityTaskCompletedEventAttributes {
                    scheduled_event_id,
                    result: payloads(second),
                    ..Default::default()
                };
                A::ActivityTaskCompletedEventAttributes(attributes.into())
            }
            "ActivityTaskFailed" => {
                let attributes = ActivityTaskFailedEventAttributes {
                    scheduled_event_id,
                    failure: second.map(failure),
                    ..Default::default()
                };
                A::ActivityTaskFailedEventAttributes(attributes.into())
            }
            "ActivityTaskTimedOut" => {
                let attributes = ActivityTaskTimedOutEventAttributes {
                    scheduled_event_id,
                    failure: second.map(failure),
                    ..Default::default()
                };
                A::ActivityTaskTimedOutEventAttributes(attributes.into())
            }
            "ActivityTaskCancelRequested" => {
                let attributes = ActivityTaskCancelRequestedEventAttributes {
                    scheduled_event_id,
                    ..Default::default()
                };
                A::ActivityTaskCancelRequestedEventAttributes(attributes.into())
            }
            "ActivityTaskCanceled" => {
                let attributes = ActivityTaskCanceledEventAttributes {
                    scheduled_event_id,
                    details: payloads(second),
                    ..Default::default()
                };
                A::ActivityTaskCanceledEventAttributes(attributes.into())
            }
            "TimerStarted" => {
                let attributes = TimerStartedEventAttributes {
                    timer_id: key,
                    ..Default::default()
                };
                A::TimerStartedEventAttributes(attributes.into())
            }
            "TimerFired" => {
                let attributes = TimerFiredEventAttributes {
                    started_event_id: initiator(&self.timers),
                    timer_id: key,
                };
                A::TimerFiredEventAttributes(attributes.into())
            }
            "TimerCanceled" => {
                let attributes = TimerCanceledEventAttributes {
                    started_event_id: initiator(&self.timers),
                    timer_id: key,
                    ..Default::default()
                };
                A::TimerCanceledEventAttributes(attributes.into())
            }
            _ => return None,
        })
    }
}
