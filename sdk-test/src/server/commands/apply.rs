//! Carries the commands of an answer out. They have been checked.

use durably_protos::temporal::api::command::v1::Command;
use durably_protos::temporal::api::command::v1::command::Attributes;
use durably_protos::temporal::api::history::v1::{
    MarkerRecordedEventAttributes, UpsertWorkflowSearchAttributesEventAttributes,
    WorkflowExecutionUpdateAcceptedEventAttributes,
    WorkflowExecutionUpdateCompletedEventAttributes, WorkflowPropertiesModifiedEventAttributes,
};
use durably_protos::temporal::api::update::v1::Meta;

use super::check::Surroundings;
use super::messages::{UpdateMessage, UpdateMessages};
use crate::server::run::{Closing, Notes, Run};
use crate::server::search_attributes;
use crate::server::world::Tx;

/// The workflow task whose answer is carried out.
#[derive(Debug)]
pub(crate) struct Applied<'a> {
    /// The event before its start, behind which the worker saw its updates.
    pub(crate) sequencing_id: i64,
    /// Its completed event.
    pub(crate) completed_id: i64,
    /// The worker.
    pub(crate) identity: &'a str,
    /// Activities that the worker wants to begin at once, by their scheduled events.
    pub(crate) eager: Vec<i64>,
}

impl Run {
    /// Carries all commands and messages out, in their order.
    pub(crate) fn apply_commands(
        &mut self,
        tx: &mut Tx<'_>,
        around: &Surroundings<'_>,
        task: &mut Applied<'_>,
        commands: Vec<Command>,
        messages: &UpdateMessages,
    ) {
        let mut placed = Vec::new();
        let mut close = None;
        for command in commands {
            let notes = Notes {
                user_metadata: command.user_metadata,
                groups: command.event_group_markers,
            };
            match command.attributes {
                Some(Attributes::ProtocolMessageCommandAttributes(command)) => {
                    self.apply_message(tx, task, messages, &command.message_id);
                    placed.push(command.message_id);
                }
                Some(attributes) => {
                    let closing = self.apply_command(tx, around, task, attributes, notes);
                    close = close.or(closing);
                }
                None => {}
            }
        }
        for id in messages.order() {
            if !placed.contains(id) {
                self.apply_message(tx, task, messages, id);
            }
        }
        match close {
            Some(Close::Ends(closing)) => self.close_by_command(tx, closing, task.completed_id),
            Some(Close::GoesOn(command)) => self.continue_as_new(tx, *command, task.completed_id),
            None => {}
        }
    }

    fn apply_command(
        &mut self,
        tx: &mut Tx<'_>,
        around: &Surroundings<'_>,
        task: &mut Applied<'_>,
        attributes: Attributes,
        notes: Notes,
    ) -> Option<Close> {
        let completed_id = task.completed_id;
        use Attributes as A;
        match attributes {
            A::ScheduleActivityTaskCommandAttributes(command) => {
                let eager = command.request_eager_execution;
                let id = self.schedule_activity(tx, *command, notes, completed_id);
                if eager {
                    task.eager.push(id);
                } else {
                    self.dispatch_activity(tx, id);
                }
            }
            A::RequestCancelActivityTaskCommandAttributes(command) => {
                let id = command.scheduled_event_id;
                self.request_cancel_activity(tx, id, completed_id, task.identity);
            }
            A::StartTimerCommandAttributes(command) => {
                self.start_timer(tx, *command, notes, completed_id);
            }
            A::CancelTimerCommandAttributes(command) => {
                self.cancel_timer(tx, command.timer_id, completed_id, task.identity);
            }
            A::RecordMarkerCommandAttributes(command) => {
                let recorded = MarkerRecordedEventAttributes {
                    marker_name: command.marker_name,
                    details: command.details,
                    workflow_task_completed_event_id: completed_id,
                    header: command.header,
                    failure: command.failure,
                };
                self.write_command(tx, notes, recorded);
            }
            A::UpsertWorkflowSearchAttributesCommandAttributes(command) => {
                let given = command.search_attributes.as_ref();
                let accepted = around.namespaces.accept_upsert(&self.namespace.name, given);
                let upserted = accepted.unwrap_or_default();
                search_attributes::merge(&mut self.search_attributes, &upserted);
                let upserted = UpsertWorkflowSearchAttributesEventAttributes {
                    workflow_task_completed_event_id: completed_id,
                    search_attributes: Some(upserted),
                };
                self.write_command(tx, notes, upserted);
            }
            A::ModifyWorkflowPropertiesCommandAttributes(command) => {
                let upserted_memo = command.upserted_memo.unwrap_or_default();
                merge_memo(&mut self.memo.fields, &upserted_memo.fields);
                let modified = WorkflowPropertiesModifiedEventAttributes {
                    workflow_task_completed_event_id: completed_id,
                    upserted_memo: Some(upserted_memo),
                };
                self.write_command(tx, notes, modified);
            }
            A::StartChildWorkflowExecutionCommandAttributes(mut command) => {
                let given = command.search_attributes.as_ref();
                let accepted = around.namespaces.accept_start(&self.namespace.name, given);
                command.search_attributes = accepted.unwrap_or_default();
                self.initiate_child(tx, *command, notes, completed_id);
            }
            A::SignalExternalWorkflowExecutionCommandAttributes(command) => {
                let namespace = around.namespaces.named(&command.namespace, &self.namespace);
                self.signal_external(tx, *command, &namespace, notes, completed_id);
            }
            A::RequestCancelExternalWorkflowExecutionCommandAttributes(command) => {
                let namespace = around.namespaces.named(&command.namespace, &self.namespace);
                self.cancel_external(tx, *command, &namespace, notes, completed_id);
            }
            A::CompleteWorkflowExecutionCommandAttributes(command) => {
                return Some(Close::Ends(Closing::Completed(command.result)));
            }
            A::FailWorkflowExecutionCommandAttributes(command) => {
                return Some(Close::Ends(Closing::Failed(command.failure.map(Box::new))));
            }
            A::CancelWorkflowExecutionCommandAttributes(command) => {
                return Some(Close::Ends(Closing::Canceled(command.details)));
            }
            A::ContinueAsNewWorkflowExecutionCommandAttributes(mut command) => {
                let given = command.search_attributes.as_ref();
                let accepted = around.namespaces.accept_start(&self.namespace.name, given);
                command.search_attributes = accepted.unwrap_or_default();
                return Some(Close::GoesOn(command));
            }
            A::ScheduleNexusOperationCommandAttributes(command) => {
                self.schedule_operation(tx, *command, notes, completed_id);
            }
            A::RequestCancelNexusOperationCommandAttributes(command) => {
                self.request_cancel_operation(tx, command.scheduled_event_id, completed_id);
            }
            A::ProtocolMessageCommandAttributes(_) => {}
        }
        None
    }

    /// Carries out the rejections of an answer that has nothing else.
    pub(crate) fn apply_rejections(&mut self, messages: &UpdateMessages) {
        for id in messages.order() {
            if let Some((update_id, UpdateMessage::Rejection(rejection))) = messages.get(id) {
                let failure = rejection.failure.clone().unwrap_or_default();
                self.updates.reject(update_id, failure);
            }
        }
    }

    fn apply_message(
        &mut self,
        tx: &mut Tx<'_>,
        task: &Applied<'_>,
        messages: &UpdateMessages,
        id: &str,
    ) {
        let Some((update_id, content)) = messages.get(id) else {
            return;
        };
        match content {
            UpdateMessage::Acceptance(acceptance) => {
                let known = self.updates.get(update_id);
                let request = known.map(|update| (update.request.clone(), update.by_event));
                let (request, by_event) = match (request, &acceptance.accepted_request) {
                    (Some(known), _) => known,
                    (None, sent) => {
                        let request = sent.clone().unwrap_or_default();
                        self.updates
                            .admit(update_id.clone(), request.clone(), false);
                        (request, false)
                    }
                };
                let accepted = WorkflowExecutionUpdateAcceptedEventAttributes {
                    protocol_instance_id: update_id.clone(),
                    accepted_request_message_id: if by_event {
                        acceptance.accepted_request_message_id.clone()
                    } else {
                        format!("{update_id}/request")
                    },
                    accepted_request_sequencing_event_id: if by_event {
                        acceptance.accepted_request_sequencing_event_id
                    } else {
                        task.sequencing_id
                    },
                    accepted_request: (!by_event).then_some(request),
                };
                let accepted_id = self.write(tx, accepted);
                self.updates.accept(update_id, accepted_id);
            }
            UpdateMessage::Rejection(rejection) => {
                let failure = rejection.failure.clone().unwrap_or_default();
                self.updates.reject(update_id, failure);
            }
            UpdateMessage::Response(response) => {
                let outcome = response.outcome.clone().unwrap_or_default();
                let update = self.updates.get(update_id);
                let meta = update.and_then(|update| update.request.meta.clone());
                let completed = WorkflowExecutionUpdateCompletedEventAttributes {
                    meta: meta.or_else(|| {
                        Some(Meta {
                            update_id: update_id.clone(),
                            identity: task.identity.to_owned(),
                        })
                    }),
                    accepted_event_id: update.map_or(0, |update| update.accepted_id),
                    outcome: Some(outcome.clone()),
                };
                self.write(tx, completed);
                self.updates.complete(update_id, outcome);
            }
        }
    }
}

/// The command that ends the run, which is carried out last: updates answered with it come before.
enum Close {
    Ends(Closing),
    GoesOn(
        Box<durably_protos::temporal::api::command::v1::ContinueAsNewWorkflowExecutionCommandAttributes>,
    ),
}

/// Adds fields; one that is null is taken away.
pub(crate) fn merge_memo(
    fields: &mut std::collections::BTreeMap<
        String,
        durably_protos::temporal::api::common::v1::Payload,
    >,
    upserted: &std::collections::BTreeMap<
        String,
        durably_protos::temporal::api::common::v1::Payload,
    >,
) {
    for (name, payload) in upserted {
        let encoding = payload.metadata.get("encoding");
        let is_null = encoding.is_some_and(|encoding| &encoding[..] == b"binary/null");
        if is_null {
            fields.remove(name);
        } else {
            fields.insert(name.clone(), payload.clone());
        }
    }
}
