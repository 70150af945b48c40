//! Executing a recorded task again, as it was executed when it was recorded: with the updates that
//! it accepted and the ends of the local activities that it recorded.

use durably_protos::google::protobuf::Any;
use durably_protos::temporal::api::enums::v1::EventType;
use durably_protos::temporal::api::history::v1::HistoryEvent;
use durably_protos::temporal::api::history::v1::history_event::Attributes;
use durably_protos::temporal::api::protocol::v1::Message;
use durably_protos::temporal::api::protocol::v1::message::SequencingId;
use durably_protos::temporal::api::update::v1::Request;
use prost::{Message as _, Name};

use super::ahead::updates_changes;
use super::{Run, recorder_of};
use crate::command::{Marker, MarkerContent};
use crate::completion::Completion;
use crate::history::{is_command_event, is_ignorable};
use crate::input::WorkflowTask;
use crate::machines::{LocalActivityEnd, Recorded};
use crate::more::More;

impl Run {
    /// Executes a completed task of a recorded history as if it were live. `events` are those up to
    /// its Started that the run has not seen, `rest` is what follows. What came with the task and
    /// is no event is made from the task's own commands: updates from their acceptance, the ends of
    /// local activities and the answers about patches and versions from their markers. When no marker says how a local activity ended, the
    /// task ends as if by a [heartbeat](Self::heartbeat).
    ///
    /// Updates that were refused left nothing, and are left out.
    pub fn execute_recorded(
        &mut self,
        started_event_id: i64,
        events: Vec<HistoryEvent>,
        rest: &[HistoryEvent],
    ) -> Completion {
        let completes =
            |event: &&HistoryEvent| event.event_type() == EventType::WorkflowTaskCompleted;
        let own = |event: &&HistoryEvent| is_command_event(event) || is_ignorable(event);
        let after = rest.iter().skip_while(|event| !completes(event)).skip(1);
        let commands: Vec<_> = after.take_while(own).collect();
        self.begin(WorkflowTask {
            started_event_id,
            messages: commands.iter().filter_map(|one| request(one)).collect(),
            ..WorkflowTask::default()
        });
        if self.last_event_id == 0 {
            self.follow(recorder_of(rest));
        }
        self.decide_as_recorded(&commands);
        self.push_last_events(events);
        let mut completion = self.finish();
        let mut recorded: Vec<_> = commands
            .iter()
            .filter_map(|one| recorded_end(one))
            .collect();
        while matches!(completion, Completion::Waiting) {
            // They are not run: history has how they ended.
            drop(self.take_local_activity_requests());
            let ends = self.next_ends(&mut recorded);
            completion = match ends.is_empty() {
                true => self.heartbeat(),
                false => self.local_activities_ended(ends),
            };
        }
        completion
    }

    /// The code is told of its changes what it was told then.
    fn decide_as_recorded(&mut self, commands: &[&HistoryEvent]) {
        let mut tables = self.shared.tables.borrow_mut();
        let More {
            changes,
            local_activities,
            ..
        } = tables.more();
        changes.decide_as_recorded(true);
        for (index, event) in commands.iter().enumerate() {
            if let Some(Attributes::MarkerRecordedEventAttributes(attributes)) = &event.attributes
                && let Ok(marker) = Marker::read(attributes)
            {
                let upserts = commands
                    .get(index + 1)
                    .is_some_and(|next| updates_changes(next));
                changes.note(&marker.key, upserts);
                // One that was canceled before it began has a marker in other SDKs alone.
                if let MarkerContent::LocalActivity { data, result } = marker.content
                    && data.attempt == 0
                {
                    local_activities.note(Recorded {
                        data,
                        result,
                        failure: attributes.failure.clone().map(Box::new),
                    });
                }
            }
        }
    }

    /// The ends that the next activation of the task brought.
    fn next_ends(&self, recorded: &mut Vec<Recorded>) -> Vec<LocalActivityEnd> {
        let tables = self.shared.tables.borrow();
        let Some(more) = &tables.more else {
            return Vec::new();
        };
        let table = &more.local_activities;
        let running = |one: &Recorded| table.runs(one.data.seq);
        let index = |one: &Recorded| one.data.activation_index;
        let next = recorded.iter().filter(|one| running(one)).map(index).min();
        let now = recorded.extract_if(.., |one| running(one) && Some(index(one)) == next);
        now.filter_map(|one| table.end_as_recorded(one)).collect()
    }
}

/// The request of an update that came as a message.
fn request(event: &HistoryEvent) -> Option<Message> {
    let Some(Attributes::WorkflowExecutionUpdateAcceptedEventAttributes(accepted)) =
        &event.attributes
    else {
        return None;
    };
    let request = accepted.accepted_request.as_ref()?;
    Some(Message {
        id: accepted.accepted_request_message_id.clone(),
        protocol_instance_id: accepted.protocol_instance_id.clone(),
        sequencing_id: Some(SequencingId::EventId(
            accepted.accepted_request_sequencing_event_id,
        )),
        body: Some(Any {
            type_url: Request::type_url(),
            value: request.encode_to_vec().into(),
        }),
    })
}

fn recorded_end(event: &HistoryEvent) -> Option<Recorded> {
    let Some(Attributes::MarkerRecordedEventAttributes(attributes)) = &event.attributes else {
        return None;
    };
    match Marker::read(attributes).ok()?.content {
        MarkerContent::LocalActivity { data, result } => Some(Recorded {
            data,
            result,
            failure: attributes.failure.clone().map(Box::new),
        }),
        _ => None,
    }
}
