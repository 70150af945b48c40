//! Replaying from every task histories whose tasks had more than their events.

use std::cell::Cell;
use std::rc::Rc;
use std::time::Duration;

use durably_protos::google::protobuf::Timestamp;
use durably_protos::temporal::api::common::v1::{Payload, Payloads, WorkflowType};
use durably_protos::temporal::api::enums::v1::EventType;
use durably_protos::temporal::api::history::v1::history_event::Attributes as A;
use durably_protos::temporal::api::history::v1::*;
use durably_protos::temporal::api::update::v1::{Input, Meta, Request};

use crate::definition::{
    UpdateExecution, UpdateHandler, WorkflowDefinition, WorkflowImplementation, WorkflowInit,
};
use crate::failure::WorkflowResult;
use crate::payload::ToPayload;
use crate::replay::Replayer;
use crate::workflow::WorkflowContext;

/// Ends when an update has asked for it; the update runs a local activity.
struct Asked;

impl WorkflowDefinition for Asked {
    type Owner = Self;
    type Parameters = ();
    type Output = u32;
    const NAME: &'static str = "asked";
}

impl WorkflowInit for Asked {
    fn init(_: &WorkflowContext, (): &()) -> WorkflowResult<Self::State> {
        Ok(Cell::default())
    }
}

impl WorkflowImplementation for Asked {
    type State = Cell<Option<u32>>;

    async fn run(state: Rc<Self::State>, context: WorkflowContext, (): ()) -> WorkflowResult<u32> {
        let seen = state.clone();
        context.wait_until(move || seen.get().is_some()).await?;
        Ok(state.get().unwrap_or_default())
    }

    const UPDATES: &'static [UpdateHandler<Self::State>] = &[UpdateHandler {
        name: "ask",
        description: "",
        abandon_unfinished: false,
        check: |_| Ok(()),
        validate: None,
        call: |state, context, _| {
            Ok(UpdateExecution::Running(Box::pin(async move {
                let call = context.local_activity_by_name::<u32>("look", Vec::new());
                let found = call.start_to_close_timeout(Duration::from_secs(1)).await?;
                state.set(Some(found));
                Ok(Some(found.to_payload()?))
            })))
        },
    }];
}

#[derive(Default)]
struct Recorder(Vec<HistoryEvent>);

impl Recorder {
    fn add(&mut self, kind: EventType, attributes: A) {
        let event_id = i64::try_from(self.0.len()).unwrap() + 1;
        self.0.push(HistoryEvent {
            event_id,
            event_time: Some(Timestamp {
                seconds: event_id,
                nanos: 0,
            }),
            event_type: kind.into(),
            attributes: Some(attributes),
            ..Default::default()
        });
    }

    fn task(&mut self) {
        let attributes = A::WorkflowTaskScheduledEventAttributes(Box::default());
        self.add(EventType::WorkflowTaskScheduled, attributes);
        let attributes = A::WorkflowTaskStartedEventAttributes(Box::default());
        self.add(EventType::WorkflowTaskStarted, attributes);
        let attributes = WorkflowTaskCompletedEventAttributes {
            started_event_id: i64::try_from(self.0.len()).unwrap(),
            ..Default::default()
        };
        let attributes = A::WorkflowTaskCompletedEventAttributes(attributes.into());
        self.add(EventType::WorkflowTaskCompleted, attributes);
    }

    fn accepted(&mut self) {
        let request = Request {
            meta: Some(Meta {
                update_id: "u".to_owned(),
                ..Default::default()
            }),
            input: Some(Input {
                name: "ask".to_owned(),
                ..Default::default()
            }),
            ..Default::default()
        };
        let attributes = WorkflowExecutionUpdateAcceptedEventAttributes {
            protocol_instance_id: "u".to_owned(),
            accepted_request_message_id: "u/request".to_owned(),
            accepted_request_sequencing_event_id: 2,
            accepted_request: Some(request),
        };
        let attributes = A::WorkflowExecutionUpdateAcceptedEventAttributes(attributes.into());
        self.add(EventType::WorkflowExecutionUpdateAccepted, attributes);
    }

    fn looked(&mut self, name: &str) {
        let data = format!(
            r#"{{"seq":1,"attempt":1,"activity_id":"1","activity_type":"{name}","complete_time":{{"seconds":9,"nanos":0}},
                "backoff":null,"original_schedule_time":null,"activation_index":1}}"#
        );
        let data = Payload {
            data: data.into(),
            ..Default::default()
        };
        let one = |payload| Payloads {
            payloads: vec![payload],
        };
        let result = 42_u32.to_payload().unwrap();
        let attributes = MarkerRecordedEventAttributes {
            marker_name: "core_local_activity".to_owned(),
            details: [
                ("data".to_owned(), one(data)),
                ("result".to_owned(), one(result)),
            ]
            .into(),
            ..Default::default()
        };
        let attributes = A::MarkerRecordedEventAttributes(attributes.into());
        self.add(EventType::MarkerRecorded, attributes);
        let attributes = WorkflowExecutionUpdateCompletedEventAttributes {
            meta: Some(Meta {
                update_id: "u".to_owned(),
                ..Default::default()
            }),
            ..Default::default()
        };
        let attributes = A::WorkflowExecutionUpdateCompletedEventAttributes(attributes.into());
        self.add(EventType::WorkflowExecutionUpdateCompleted, attributes);
        let attributes = A::WorkflowExecutionCompletedEventAttributes(Box::default());
        self.add(EventType::WorkflowExecutionCompleted, attributes);
    }
}

/// An update whose local activity took `tasks` workflow tasks.
fn history(tasks: usize, name: &str) -> History {
    let mut recorder = Recorder::default();
    let attributes = WorkflowExecutionStartedEventAttributes {
        workflow_type: Some(WorkflowType {
            name: "asked".to_owned(),
        }),
        original_execution_run_id: "run".to_owned(),
        ..Default::default()
    };
    let attributes = A::WorkflowExecutionStartedEventAttributes(attributes.into());
    recorder.add(EventType::WorkflowExecutionStarted, attributes);
    recorder.task();
    recorder.accepted();
    for _ in 1..tasks {
        recorder.task();
    }
    recorder.looked(name);
    History { events: recorder.0 }
}

#[test]
fn updates_and_local_activities_come_as_they_were_recorded() {
    let replayer = Replayer::new().workflow(Asked).unwrap();
    for tasks in [1, 3] {
        let history = history(tasks, "look");
        let length = i64::try_from(history.events.len()).unwrap();
        assert_eq!(replayer.replay(history.clone()).unwrap().events, length);
        let replayed = replayer.replay_from_every_task(&history).unwrap();
        assert_eq!(replayed.events, length, "over {tasks} tasks");
    }
}

#[test]
fn another_local_activity_is_found_from_every_task() {
    let replayer = Replayer::new().workflow(Asked).unwrap();
    let error = replayer.replay_from_every_task(&history(2, "other"));
    assert!(error.unwrap_err().nondeterminism().is_some());
}

#[test]
fn a_traced_replay_says_what_the_code_did_and_for_what_it_waits() {
    let replayer = Replayer::new().workflow(Asked).unwrap();
    let traced = replayer.replay_traced(history(1, "look"));
    assert!(traced.result.is_ok());
    let commands = traced.tasks.iter().flat_map(|task| &task.commands);
    assert!(commands.clone().count() > 0);
    assert!(commands.clone().all(|command| command.event_id.is_some()));

    let traced = replayer.replay_traced(history(1, "peek"));
    assert!(traced.result.is_err());
    assert!(!traced.tasks.is_empty());

    let unknown = Replayer::new().replay_traced(history(1, "look"));
    assert!(unknown.result.is_err() && unknown.tasks.is_empty() && unknown.waits.is_empty());
}
