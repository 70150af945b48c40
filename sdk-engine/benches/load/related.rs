//! Histories of updates, children, patches and local activities.

use durably_protos::google::protobuf::Duration;
use durably_protos::temporal::api::common::v1::{
    Payload, Payloads, SearchAttributes, WorkflowExecution, WorkflowType,
};
use durably_protos::temporal::api::enums::v1::EventType;
use durably_protos::temporal::api::history::v1::history_event::Attributes as A;
use durably_protos::temporal::api::history::v1::*;
use durably_protos::temporal::api::update::v1::{Input, Meta, Request};

use super::histories::{RESULTS_PER_TASK, Recorder, UPDATES_PER_TASK, json, payloads};
use super::workflows::{LoadWorkflow, patch};

fn text(text: String) -> Payloads {
    let payload = Payload {
        data: text.into(),
        ..json(0)
    };
    Payloads {
        payloads: vec![payload],
    }
}

impl Recorder {
    pub(super) fn updates(&mut self, kind: LoadWorkflow, count: u64) {
        self.start(kind, count);
        for number in 0..count {
            if number % UPDATES_PER_TASK == 0 {
                self.task();
            }
            self.update(number);
        }
        self.end(count);
    }

    fn update(&mut self, number: u64) {
        let id = format!("3a9c2f4e-0000-4000-8000-{number:012}");
        let meta = Meta {
            update_id: id.clone(),
            identity: "client".to_owned(),
        };
        let request = Request {
            meta: Some(meta.clone()),
            input: Some(Input {
                name: "add".to_owned(),
                args: payloads(1),
                ..Default::default()
            }),
            ..Default::default()
        };
        let attributes = WorkflowExecutionUpdateAcceptedEventAttributes {
            accepted_request_message_id: format!("{id}/request"),
            accepted_request_sequencing_event_id: self.last(),
            protocol_instance_id: id,
            accepted_request: Some(request),
        };
        let attributes = A::WorkflowExecutionUpdateAcceptedEventAttributes(attributes.into());
        let accepted_event_id = self.add(EventType::WorkflowExecutionUpdateAccepted, attributes);
        let attributes = WorkflowExecutionUpdateCompletedEventAttributes {
            meta: Some(meta),
            accepted_event_id,
            ..Default::default()
        };
        let attributes = A::WorkflowExecutionUpdateCompletedEventAttributes(attributes.into());
        self.add(EventType::WorkflowExecutionUpdateCompleted, attributes);
    }

    pub(super) fn children(&mut self, kind: LoadWorkflow, count: u64) {
        self.start(kind, count);
        self.task();
        let initiate = |number| {
            let attributes = StartChildWorkflowExecutionInitiatedEventAttributes {
                namespace: "default".to_owned(),
                workflow_id: format!("child-{number}"),
                workflow_type: Some(WorkflowType {
                    name: "child".to_owned(),
                }),
                ..Default::default()
            };
            let attributes =
                A::StartChildWorkflowExecutionInitiatedEventAttributes(attributes.into());
            self.add(EventType::StartChildWorkflowExecutionInitiated, attributes)
        };
        let initiated: Vec<i64> = (0..count).map(initiate).collect();
        for (number, initiated_event_id) in (0..).zip(initiated) {
            let workflow_execution = Some(WorkflowExecution {
                workflow_id: format!("child-{number}"),
                run_id: format!("01a203cb-949c-7537-ab1d-{number:012}"),
            });
            let attributes = ChildWorkflowExecutionStartedEventAttributes {
                initiated_event_id,
                workflow_execution: workflow_execution.clone(),
                ..Default::default()
            };
            let attributes = A::ChildWorkflowExecutionStartedEventAttributes(attributes.into());
            let started = self.add(EventType::ChildWorkflowExecutionStarted, attributes);
            let attributes = ChildWorkflowExecutionCompletedEventAttributes {
                result: payloads(1),
                workflow_execution,
                initiated_event_id,
                started_event_id: started,
                ..Default::default()
            };
            let attributes = A::ChildWorkflowExecutionCompletedEventAttributes(attributes.into());
            self.add(EventType::ChildWorkflowExecutionCompleted, attributes);
            if number % RESULTS_PER_TASK == 0 && number + 1 < count {
                self.task();
            }
        }
        self.task();
        self.end(count);
    }

    /// Lists of changes are written as long as they are short, as workers do it.
    pub(super) fn patches(&mut self, kind: LoadWorkflow, count: u64) {
        self.start(kind, count);
        self.task();
        let mut listed = 1;
        for number in 0..count {
            let id = patch(number);
            listed += id.len() + 3;
            let data = text(format!(r#"{{"id":"{id}","deprecated":false}}"#));
            self.marker("core_patch", [("patch-data".to_owned(), data)].into());
            if listed < 2048 {
                let fields = [("TemporalChangeVersion".to_owned(), json(0))].into();
                let attributes = UpsertWorkflowSearchAttributesEventAttributes {
                    search_attributes: Some(SearchAttributes {
                        indexed_fields: fields,
                    }),
                    ..Default::default()
                };
                let attributes =
                    A::UpsertWorkflowSearchAttributesEventAttributes(attributes.into());
                self.add(EventType::UpsertWorkflowSearchAttributes, attributes);
            }
            if number % 10 == 9 {
                self.timer((number / 10 + 1).to_string());
                self.task();
            }
        }
        self.end(count);
    }

    fn timer(&mut self, timer_id: String) {
        let attributes = TimerStartedEventAttributes {
            timer_id: timer_id.clone(),
            start_to_fire_timeout: Some(Duration {
                seconds: 0,
                nanos: 1_000_000,
            }),
            ..Default::default()
        };
        let attributes = A::TimerStartedEventAttributes(attributes.into());
        let started_event_id = self.add(EventType::TimerStarted, attributes);
        let attributes = TimerFiredEventAttributes {
            timer_id,
            started_event_id,
        };
        self.add(
            EventType::TimerFired,
            A::TimerFiredEventAttributes(attributes.into()),
        );
    }

    pub(super) fn local_activities(&mut self, kind: LoadWorkflow, count: u64) {
        self.start(kind, count);
        self.task();
        for number in 1..=count {
            let data = text(format!(
                r#"{{"seq":{number},"attempt":1,"activity_id":"{number}","activity_type":"noop","complete_time":{{"seconds":1795000001,"nanos":0}},"backoff":null,"original_schedule_time":{{"seconds":1795000000,"nanos":0}},"activation_index":{number}}}"#
            ));
            let details = [
                ("data".to_owned(), data),
                ("result".to_owned(), text("1".to_owned())),
            ];
            self.marker("core_local_activity", details.into());
        }
        self.end(count);
    }

    fn marker(&mut self, name: &str, details: std::collections::BTreeMap<String, Payloads>) {
        let attributes = MarkerRecordedEventAttributes {
            marker_name: name.to_owned(),
            details,
            ..Default::default()
        };
        let attributes = A::MarkerRecordedEventAttributes(attributes.into());
        self.add(EventType::MarkerRecorded, attributes);
    }
}
