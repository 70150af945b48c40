//! The events of children, messages to other workflows, updates, metadata and Nexus operations.
//!
//! ```text
//! StartChildWorkflowExecutionInitiated one kind    workflow id and type; its run id is one-run
//! ChildWorkflowExecutionStarted one | ChildWorkflowExecutionCompleted one result
//! SignalExternalWorkflowExecutionInitiated other name | ExternalWorkflowExecutionSignaled other
//! RequestCancelExternalWorkflowExecutionInitiated other
//! WorkflowExecutionUpdateAdmitted id name argument
//! WorkflowExecutionUpdateAccepted id name argument    no name when it was admitted before
//! WorkflowExecutionUpdateCompleted id
//! UpsertWorkflowSearchAttributes key,key | WorkflowPropertiesModified key,key
//! NexusOperationScheduled operation service | NexusOperationStarted operation token
//! ```

use std::collections::BTreeMap;

use durably_protos::temporal::api::common::v1::{
    Memo, Payload, SearchAttributes, WorkflowExecution, WorkflowType,
};
use durably_protos::temporal::api::enums::v1::{
    CancelExternalWorkflowExecutionFailedCause, SignalExternalWorkflowExecutionFailedCause,
    StartChildWorkflowExecutionFailedCause,
};
use durably_protos::temporal::api::history::v1::history_event::Attributes as A;
use durably_protos::temporal::api::history::v1::*;
use durably_protos::temporal::api::update::v1::{Input, Meta, Request};

use super::fixture::{HistoryBuilder, failure, json, payloads};

/// Which event began what an event of the fixtures names.
pub(super) type Initiated = BTreeMap<String, i64>;

fn execution(id: &str) -> Option<WorkflowExecution> {
    Some(WorkflowExecution {
        workflow_id: id.to_owned(),
        ..Default::default()
    })
}

fn child(id: &str) -> Option<WorkflowExecution> {
    Some(WorkflowExecution {
        workflow_id: id.to_owned(),
        run_id: format!("{id}-run"),
    })
}

fn fields(keys: &str) -> BTreeMap<String, Payload> {
    let keys = keys.split(',').filter(|key| !key.is_empty());
    keys.map(|key| (key.to_owned(), json("1"))).collect()
}

/// The request of an update: `name argument`.
pub(crate) fn update_request(id: &str, words: &str) -> Request {
    let (name, argument) = words.split_once(' ').unwrap_or((words, ""));
    Request {
        meta: Some(Meta {
            update_id: id.to_owned(),
            identity: "client".to_owned(),
        }),
        input: Some(Input {
            name: name.to_owned(),
            args: payloads(Some(argument)),
            ..Default::default()
        }),
        ..Default::default()
    }
}

impl HistoryBuilder {
    /// The id of the event that began `kind key`; `#5` is event 5 itself.
    fn began(&mut self, kind: &str, key: &str, begins: bool) -> i64 {
        let (id, name) = (self.last_id() + 1, format!("{kind} {key}"));
        if begins {
            self.initiated.insert(name, id);
            return id;
        }
        let known = self.initiated.get(&name).copied();
        known.unwrap_or_else(|| key.trim_start_matches('#').parse().unwrap_or_default())
    }

    pub(super) fn related(
        &mut self,
        name: &str,
        first: Option<&str>,
        second: Option<&str>,
    ) -> Option<A> {
        let key = first.unwrap_or_default();
        self.child_event(name, key, second)
            .or_else(|| self.external_event(name, key, second))
            .or_else(|| self.update_event(name, key, second))
            .or_else(|| self.nexus_event(name, key, second))
    }

    fn child_event(&mut self, name: &str, key: &str, second: Option<&str>) -> Option<A> {
        let begins = name == "StartChildWorkflowExecutionInitiated";
        let initiated_event_id = self.began("child", key, begins);
        let workflow_execution = child(key);
        Some(match name {
            "StartChildWorkflowExecutionInitiated" => {
                let attributes = StartChildWorkflowExecutionInitiatedEventAttributes {
                    workflow_id: key.to_owned(),
                    workflow_type: second.map(|name| WorkflowType {
                        name: name.to_owned(),
                    }),
                    namespace: "default".to_owned(),
                    ..Default::default()
                };
                A::StartChildWorkflowExecutionInitiatedEventAttributes(attributes.into())
            }
            "StartChildWorkflowExecutionFailed" => {
                let attributes = StartChildWorkflowExecutionFailedEventAttributes {
                    initiated_event_id,
                    cause: StartChildWorkflowExecutionFailedCause::WorkflowAlreadyExists.into(),
                    ..Default::default()
                };
                A::StartChildWorkflowExecutionFailedEventAttributes(attributes.into())
            }
            "ChildWorkflowExecutionStarted" => {
                let attributes = ChildWorkflowExecutionStartedEventAttributes {
                    initiated_event_id,
                    workflow_execution,
                    ..Default::default()
                };
                A::ChildWorkflowExecutionStartedEventAttributes(attributes.into())
            }
            "ChildWorkflowExecutionCompleted" => {
                let attributes = ChildWorkflowExecutionCompletedEventAttributes {
                    initiated_event_id,
                    workflow_execution,
                    result: payloads(second),
                    ..Default::default()
                };
                A::ChildWorkflowExecutionCompletedEventAttributes(attributes.into())
            }
            "ChildWorkflowExecutionFailed" => {
                let attributes = ChildWorkflowExecutionFailedEventAttributes {
                    initiated_event_id,
                    failure: second.map(failure),
                    ..Default::default()
                };
                A::ChildWorkflowExecutionFailedEventAttributes(attributes.into())
            }
            "ChildWorkflowExecutionCanceled" => {
                let attributes = ChildWorkflowExecutionCanceledEventAttributes {
                    initiated_event_id,
                    ..Default::default()
                };
                A::ChildWorkflowExecutionCanceledEventAttributes(attributes.into())
            }
            "ChildWorkflowExecutionTimedOut" => {
                let attributes = ChildWorkflowExecutionTimedOutEventAttributes {
                    initiated_event_id,
                    ..Default::default()
                };
                A::ChildWorkflowExecutionTimedOutEventAttributes(attributes.into())
            }
            "ChildWorkflowExecutionTerminated" => {
                let attributes = ChildWorkflowExecutionTerminatedEventAttributes {
                    initiated_event_id,
                    ..Default::default()
                };
                A::ChildWorkflowExecutionTerminatedEventAttributes(attributes.into())
            }
            _ => return None,
        })
    }

    fn external_event(&mut self, name: &str, key: &str, second: Option<&str>) -> Option<A> {
        let kind = if name.contains("Signal") {
            "signal"
        } else {
            "cancel"
        };
        let initiated_event_id = self.began(kind, key, name.ends_with("Initiated"));
        let workflow_execution = execution(key);
        Some(match name {
            "SignalExternalWorkflowExecutionInitiated" => {
                let attributes = SignalExternalWorkflowExecutionInitiatedEventAttributes {
                    workflow_execution,
                    signal_name: second.unwrap_or_default().to_owned(),
                    ..Default::default()
                };
                A::SignalExternalWorkflowExecutionInitiatedEventAttributes(attributes.into())
            }
            "ExternalWorkflowExecutionSignaled" => {
                let attributes = ExternalWorkflowExecutionSignaledEventAttributes {
                    initiated_event_id,
                    workflow_execution,
                    ..Default::default()
                };
                A::ExternalWorkflowExecutionSignaledEventAttributes(attributes.into())
            }
            "SignalExternalWorkflowExecutionFailed" => {
                let cause =
                    SignalExternalWorkflowExecutionFailedCause::ExternalWorkflowExecutionNotFound;
                let attributes = SignalExternalWorkflowExecutionFailedEventAttributes {
                    initiated_event_id,
                    workflow_execution,
                    cause: cause.into(),
                    ..Default::default()
                };
                A::SignalExternalWorkflowExecutionFailedEventAttributes(attributes.into())
            }
            "RequestCancelExternalWorkflowExecutionInitiated" => {
                let attributes = RequestCancelExternalWorkflowExecutionInitiatedEventAttributes {
                    workflow_execution,
                    ..Default::default()
                };
                A::RequestCancelExternalWorkflowExecutionInitiatedEventAttributes(attributes.into())
            }
            "ExternalWorkflowExecutionCancelRequested" => {
                let attributes = ExternalWorkflowExecutionCancelRequestedEventAttributes {
                    initiated_event_id,
                    workflow_execution,
                    ..Default::default()
                };
                A::ExternalWorkflowExecutionCancelRequestedEventAttributes(attributes.into())
            }
            "RequestCancelExternalWorkflowExecutionFailed" => {
                let cause =
                    CancelExternalWorkflowExecutionFailedCause::ExternalWorkflowExecutionNotFound;
                let attributes = RequestCancelExternalWorkflowExecutionFailedEventAttributes {
                    initiated_event_id,
                    workflow_execution,
                    cause: cause.into(),
                    ..Default::default()
                };
                A::RequestCancelExternalWorkflowExecutionFailedEventAttributes(attributes.into())
            }
            _ => return None,
        })
    }

    fn update_event(&mut self, name: &str, key: &str, second: Option<&str>) -> Option<A> {
        let request = second.map(|words| update_request(key, words));
        Some(match name {
            "WorkflowExecutionUpdateAdmitted" => {
                self.began("admitted", key, true);
                let attributes = WorkflowExecutionUpdateAdmittedEventAttributes {
                    request,
                    ..Default::default()
                };
                A::WorkflowExecutionUpdateAdmittedEventAttributes(attributes.into())
            }
            "WorkflowExecutionUpdateAccepted" => {
                self.began("update", key, true);
                let sequencing = match &request {
                    Some(_) => self.scheduled_task(),
                    None => self.began("admitted", key, false),
                };
                let attributes = WorkflowExecutionUpdateAcceptedEventAttributes {
                    protocol_instance_id: key.to_owned(),
                    accepted_request_message_id: format!("{key}/request"),
                    accepted_request_sequencing_event_id: sequencing,
                    accepted_request: request,
                };
                A::WorkflowExecutionUpdateAcceptedEventAttributes(attributes.into())
            }
            "WorkflowExecutionUpdateCompleted" => {
                let attributes = WorkflowExecutionUpdateCompletedEventAttributes {
                    meta: Some(Meta {
                        update_id: key.to_owned(),
                        identity: "client".to_owned(),
                    }),
                    accepted_event_id: self.began("update", key, false),
                    ..Default::default()
                };
                A::WorkflowExecutionUpdateCompletedEventAttributes(attributes.into())
            }
            "UpsertWorkflowSearchAttributes" => {
                let attributes = UpsertWorkflowSearchAttributesEventAttributes {
                    search_attributes: Some(SearchAttributes {
                        indexed_fields: fields(key),
                    }),
                    ..Default::default()
                };
                A::UpsertWorkflowSearchAttributesEventAttributes(attributes.into())
            }
            "WorkflowPropertiesModified" => {
                let attributes = WorkflowPropertiesModifiedEventAttributes {
                    upserted_memo: Some(Memo {
                        fields: fields(key),
                    }),
                    ..Default::default()
                };
                A::WorkflowPropertiesModifiedEventAttributes(attributes.into())
            }
            _ => return None,
        })
    }

    fn nexus_event(&mut self, name: &str, key: &str, second: Option<&str>) -> Option<A> {
        let scheduled_event_id = self.began("nexus", key, name == "NexusOperationScheduled");
        Some(match name {
            "NexusOperationScheduled" => {
                let attributes = NexusOperationScheduledEventAttributes {
                    endpoint: "endpoint".to_owned(),
                    service: second.unwrap_or_default().to_owned(),
                    operation: key.to_owned(),
                    ..Default::default()
                };
                A::NexusOperationScheduledEventAttributes(attributes.into())
            }
            "NexusOperationStarted" => {
                let attributes = NexusOperationStartedEventAttributes {
                    scheduled_event_id,
                    operation_token: second.unwrap_or_default().to_owned(),
                    ..Default::default()
                };
                A::NexusOperationStartedEventAttributes(attributes.into())
            }
            "NexusOperationCompleted" => {
                let attributes = NexusOperationCompletedEventAttributes {
                    scheduled_event_id,
                    result: second.map(json),
                    ..Default::default()
                };
                A::NexusOperationCompletedEventAttributes(attributes.into())
            }
            "NexusOperationFailed" => {
                let attributes = NexusOperationFailedEventAttributes {
                    scheduled_event_id,
                    failure: second.map(failure),
                    ..Default::default()
                };
                A::NexusOperationFailedEventAttributes(attributes.into())
            }
            "NexusOperationTimedOut" => {
                let attributes = NexusOperationTimedOutEventAttributes {
                    scheduled_event_id,
                    failure: second.map(failure),
                    ..Default::default()
                };
                A::NexusOperationTimedOutEventAttributes(attributes.into())
            }
            "NexusOperationCanceled" => {
                let attributes = NexusOperationCanceledEventAttributes {
                    scheduled_event_id,
                    failure: second.map(failure),
                    ..Default::default()
                };
                A::NexusOperationCanceledEventAttributes(attributes.into())
            }
            "NexusOperationCancelRequested" => {
                let attributes = NexusOperationCancelRequestedEventAttributes {
                    scheduled_event_id,
                    ..Default::default()
                };
                A::NexusOperationCancelRequestedEventAttributes(attributes.into())
            }
            "NexusOperationCancelRequestCompleted" => {
                let attributes = NexusOperationCancelRequestCompletedEventAttributes {
                    scheduled_event_id,
                    ..Default::default()
                };
                A::NexusOperationCancelRequestCompletedEventAttributes(attributes.into())
            }
            "NexusOperationCancelRequestFailed" => {
                let attributes = NexusOperationCancelRequestFailedEventAttributes {
                    scheduled_event_id,
                    failure: second.map(failure),
                    ..Default::default()
                };
                A::NexusOperationCancelRequestFailedEventAttributes(attributes.into())
            }
            _ => return None,
        })
    }
}
