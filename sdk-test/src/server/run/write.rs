//! Writing events: at once, or into the buffer while a worker has the workflow task.

use durably_protos::temporal::api::history::v1::HistoryEvent;
use durably_protos::temporal::api::sdk::v1::{EventGroupMarker, UserMetadata};

use super::events::EventAttributes;
use super::{Run, TaskKind};
use crate::server::time::Time;
use crate::server::world::Tx;

/// What a command brings along for people.
#[derive(Debug, Default)]
pub(crate) struct Notes {
    pub(crate) user_metadata: Option<Box<UserMetadata>>,
    /// The groups its event belongs to.
    pub(crate) groups: Vec<EventGroupMarker>,
}

impl Run {
    /// Writes an event to the history, and gives its id.
    pub(crate) fn write<A: EventAttributes>(&mut self, tx: &mut Tx<'_>, attributes: A) -> i64 {
        self.write_at(tx, tx.now, attributes)
    }

    /// Writes an event of something that happened at `time`.
    pub(crate) fn write_at<A: EventAttributes>(
        &mut self,
        tx: &mut Tx<'_>,
        time: Time,
        attributes: A,
    ) -> i64 {
        let event = event(time, attributes);
        self.append(tx, event)
    }

    /// Writes the event of a command, with what came along with it for people.
    pub(crate) fn write_command<A: EventAttributes>(
        &mut self,
        tx: &mut Tx<'_>,
        notes: Notes,
        attributes: A,
    ) -> i64 {
        let mut event = event(tx.now, attributes);
        event.user_metadata = notes.user_metadata;
        event.event_group_markers = notes.groups;
        self.append(tx, event)
    }

    /// Writes an event that was not made by the workflow task: while a worker has the task it goes
    /// into the buffer, for the worker must not be told of it before it has answered. The id is 0 then.
    pub(crate) fn record<A: EventAttributes>(&mut self, tx: &mut Tx<'_>, attributes: A) -> i64 {
        self.record_at(tx, tx.now, attributes)
    }

    /// As [`record`](Self::record), for something that happened at `time`.
    pub(crate) fn record_at<A: EventAttributes>(
        &mut self,
        tx: &mut Tx<'_>,
        time: Time,
        attributes: A,
    ) -> i64 {
        let event = event(time, attributes);
        self.record_event(tx, event)
    }

    pub(crate) fn record_event(&mut self, tx: &mut Tx<'_>, event: HistoryEvent) -> i64 {
        self.keep_speculative(tx);
        let is_started = self
            .workflow_task
            .as_ref()
            .is_some_and(super::workflow_task::WorkflowTask::is_started);
        if !is_started {
            return self.append(tx, event);
        }
        self.buffer.push(event);
        if self.buffer.len() > tx.limits.buffered_events {
            self.force_workflow_task_to_fail(tx);
        }
        0
    }

    pub(crate) fn append(&mut self, tx: &mut Tx<'_>, mut event: HistoryEvent) -> i64 {
        event.event_id = self.history.next_id();
        event.task_id = tx.next_task_id();
        let id = event.event_id;
        self.history.push(event);
        id
    }

    /// Makes a speculative workflow task an ordinary one, since something else is to be written.
    fn keep_speculative(&mut self, tx: &mut Tx<'_>) {
        let is_speculative = |task: &super::WorkflowTask| task.kind == TaskKind::Speculative;
        if self.workflow_task.as_ref().is_some_and(is_speculative) {
            self.materialize_workflow_task(tx, "");
        }
    }
}

/// An event without an id.
pub(crate) fn event<A: EventAttributes>(time: Time, attributes: A) -> HistoryEvent {
    HistoryEvent {
        event_time: Some(time.timestamp()),
        event_type: A::TYPE.into(),
        attributes: Some(attributes.wrap()),
        ..HistoryEvent::default()
    }
}
