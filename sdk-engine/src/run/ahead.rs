//! What a replayed task's own commands tell about it: markers and accepted updates, known to the
//! code as they were when the task was executed (protocol 3.5).

use std::mem::take;

use durably_protos::temporal::api::enums::v1::EventType;
use durably_protos::temporal::api::history::v1::HistoryEvent;
use durably_protos::temporal::api::history::v1::history_event::Attributes;

use super::Run;
use super::update::{Incoming, UpdateRequest, Verdict};
use crate::command::{Marker, MarkerContent, MarkerIdentity};
use crate::history::{is_command_event, is_ignorable};
use crate::machines::{CHANGE_VERSION, Recorded};

impl Run {
    /// Looks at the command events that follow the chunk's `WorkflowTaskCompleted`; chunks are cut
    /// so that all of them are known. Markers that cannot be read are reported when their event is
    /// applied.
    pub(super) fn look_ahead(&mut self) {
        let mut completed = false;
        let mut index = 0;
        while let Some(event) = self.history.rest().get(index) {
            index += 1;
            let completes = event.event_type() == EventType::WorkflowTaskCompleted;
            if !is_command_event(event) && !is_ignorable(event) && (completed || !completes) {
                return;
            }
            completed |= completes;
            match &event.attributes {
                Some(Attributes::WorkflowTaskCompletedEventAttributes(attributes)) => {
                    if let Some(metadata) = &attributes.sdk_metadata {
                        self.recorder.note(metadata);
                    }
                }
                Some(Attributes::MarkerRecordedEventAttributes(attributes)) => {
                    if let Ok(marker) = Marker::read(attributes) {
                        let failure = attributes.failure.clone().map(Box::new);
                        let next = self.history.rest().get(index);
                        let upserts = next.is_some_and(updates_changes);
                        self.note_marker(marker, failure, upserts);
                    }
                }
                Some(Attributes::WorkflowExecutionUpdateAcceptedEventAttributes(attributes)) => {
                    let request = UpdateRequest::accepted(attributes);
                    let id = attributes.protocol_instance_id.clone();
                    self.note_accepted(&id, request);
                }
                _ => {}
            }
        }
    }

    fn note_marker(
        &mut self,
        marker: Marker,
        failure: Option<Box<durably_protos::temporal::api::failure::v1::Failure>>,
        upserts: bool,
    ) {
        let mut tables = self.shared.tables.borrow_mut();
        let more = tables.more();
        match (&marker.key, marker.content) {
            (_, MarkerContent::LocalActivity { data, result }) => {
                more.local_activities.note(Recorded {
                    data,
                    result,
                    failure,
                });
            }
            (MarkerIdentity::Patch { .. } | MarkerIdentity::Version { .. }, _) => {
                more.changes.note(&marker.key, upserts);
            }
            (_, content) => more.side_effects.note(Marker {
                key: marker.key,
                content,
            }),
        }
    }

    /// The update was accepted in this task: from a message, or from an `Admitted` event.
    fn note_accepted(&mut self, id: &str, request: Option<UpdateRequest>) {
        let here = self.messages.iter_mut().find_map(|message| match message {
            Incoming::Update(request, verdict) if *request.input.identity.id == *id => {
                Some(verdict)
            }
            _ => None,
        });
        if let Some(verdict) = here {
            *verdict = Verdict::Accepted;
            return;
        }
        let admitted = self
            .admitted
            .iter()
            .position(|request| *request.input.identity.id == *id)
            .map(|index| self.admitted.remove(index));
        if let Some(request) = admitted.or(request) {
            self.messages
                .push(Incoming::Update(Box::new(request), Verdict::Accepted));
        }
    }

    /// The requests that came with the task, after its events (protocol 3.5).
    pub(super) fn take_requests(&mut self) {
        for message in take(&mut self.task.messages) {
            match UpdateRequest::of_message(message) {
                Ok(request) => self
                    .messages
                    .push(Incoming::Update(Box::new(request), Verdict::Open)),
                Err(rejection) => self.outgoing.extend(rejection.map(|rejection| *rejection)),
            }
        }
    }
}

/// Whether an event lists a run's changes in the search attributes.
pub(super) fn updates_changes(event: &HistoryEvent) -> bool {
    match &event.attributes {
        Some(Attributes::UpsertWorkflowSearchAttributesEventAttributes(attributes)) => attributes
            .search_attributes
            .as_ref()
            .is_some_and(|fields| fields.indexed_fields.contains_key(CHANGE_VERSION)),
        _ => false,
    }
}
