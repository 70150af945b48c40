//! What a worker gets: the workflow task with history, queries and updates; the activity task.

use durably_protos::temporal::api::common::v1::ActivityType;
use durably_protos::temporal::api::common::v1::WorkflowType;
use durably_protos::temporal::api::history::v1::history_event::Attributes;
use durably_protos::temporal::api::history::v1::{History as HistoryMessage, HistoryEvent};
use durably_protos::temporal::api::protocol::v1::Message;
use durably_protos::temporal::api::protocol::v1::message::SequencingId;
use durably_protos::temporal::api::workflowservice::v1::{
    PollActivityTaskQueueResponse, PollWorkflowTaskQueueResponse,
};

use super::write::event;
use super::{Run, TaskKind};
use crate::server::limits::Limits;
use crate::server::refusal::any;
use crate::server::token::{PageToken, TaskToken};

impl Run {
    /// The workflow task that has just been started, for its worker. With `partial` only what is new
    /// since the last task goes along.
    pub(crate) fn hand_out(
        &mut self,
        limits: &Limits,
        partial: bool,
    ) -> PollWorkflowTaskQueueResponse {
        let queries = self.attach_queries().collect();
        let updates = self.updates.send();
        let Some((task, started)) = self
            .workflow_task
            .as_ref()
            .and_then(|task| Some((task, task.started.as_ref()?)))
        else {
            return PollWorkflowTaskQueueResponse::default();
        };
        let message = |(id, request)| Message {
            id: format!("{id}/request"),
            protocol_instance_id: id,
            body: Some(any(&request)),
            sequencing_id: Some(SequencingId::EventId(started.id - 1)),
        };
        let first = if partial { self.last_started_id + 1 } else { 1 };
        let (mut events, next) = self.page(first, limits.history_page);
        if next.is_none() {
            events.extend(self.unwritten_events());
        }
        let next_page_token = next
            .map(|next_id| self.page_token(next_id))
            .unwrap_or_default();
        PollWorkflowTaskQueueResponse {
            task_token: TaskToken::encode(&self.run_id, task.stamp, 0),
            workflow_execution: Some(self.execution()),
            workflow_type: self.started().workflow_type.clone(),
            previous_started_event_id: self.last_started_id,
            started_event_id: started.id,
            attempt: task.attempt,
            history: Some(HistoryMessage { events }),
            next_page_token,
            workflow_execution_task_queue: Some(self.normal_queue()),
            scheduled_time: Some(task.scheduled_time.timestamp()),
            started_time: Some(started.time.timestamp()),
            queries,
            messages: updates.into_iter().map(message).collect(),
            ..PollWorkflowTaskQueueResponse::default()
        }
    }

    /// The started workflow task for another worker: the one it was handed to had gone.
    pub(crate) fn hand_out_again(
        &mut self,
        limits: &Limits,
        partial: bool,
    ) -> PollWorkflowTaskQueueResponse {
        self.detach_queries();
        self.updates.unsend();
        self.hand_out(limits, partial)
    }

    /// A task that is only a query, with the history unless the worker has it.
    pub(crate) fn hand_out_query(
        &self,
        limits: &Limits,
        query_id: u64,
        partial: bool,
    ) -> Option<PollWorkflowTaskQueueResponse> {
        let pending = self.queries.get(&query_id)?;
        let (events, next) = if partial {
            (Vec::new(), None)
        } else {
            self.page(1, limits.history_page)
        };
        let next_page_token = next
            .map(|next_id| self.page_token(next_id))
            .unwrap_or_default();
        let id = i64::try_from(query_id).ok()?;
        Some(PollWorkflowTaskQueueResponse {
            task_token: TaskToken::encode(&self.run_id, 0, id),
            workflow_execution: Some(self.execution()),
            workflow_type: Some(WorkflowType {
                name: self.workflow_type().to_owned(),
            }),
            previous_started_event_id: self.last_started_id,
            started_event_id: 0,
            attempt: 1,
            history: Some(HistoryMessage { events }),
            next_page_token,
            query: Some(pending.query.clone()),
            workflow_execution_task_queue: Some(self.normal_queue()),
            ..PollWorkflowTaskQueueResponse::default()
        })
    }

    /// The events from `first` on, whole batches of them, and the first that is left if any is.
    pub(crate) fn page(&self, first: i64, size: usize) -> (Vec<HistoryEvent>, Option<i64>) {
        let events = self.history.from(first);
        if events.len() <= size {
            return (events.to_vec(), None);
        }
        let last = first + i64::try_from(size).unwrap_or(i64::MAX - first) - 1;
        let last = (last..)
            .find(|&id| self.history.ends_batch(id))
            .unwrap_or(last);
        let length = usize::try_from(last - first + 1).unwrap_or(size);
        let page = events.get(..length).unwrap_or(events).to_vec();
        let next = (last < self.history.last_id()).then_some(last + 1);
        (page, next)
    }

    /// The events of the workflow task that have ids but are not written.
    pub(crate) fn unwritten_events(&self) -> Vec<HistoryEvent> {
        let Some(task) = self.workflow_task.as_ref() else {
            return Vec::new();
        };
        // Something was written behind it: its ids are taken, and it gets others when it starts.
        let ids_are_taken = self.history.next_id() != task.scheduled_id;
        if task.kind == TaskKind::Normal || ids_are_taken {
            return Vec::new();
        }
        let mut scheduled = event(task.scheduled_time, task.scheduled_event());
        scheduled.event_id = task.scheduled_id;
        let mut events = vec![scheduled];
        if let Some(started) = &task.started {
            let mut event = event(started.time, started.event(task.scheduled_id));
            event.event_id = started.id;
            without_identity(&mut event);
            events.push(event);
        }
        events
    }

    pub(crate) fn page_token(&self, next_id: i64) -> bytes::Bytes {
        let token = PageToken {
            run_id: self.run_id.to_string(),
            next_id,
            follows: false,
        };
        token.to_bytes()
    }

    /// The activity task that has just been started, for its worker.
    pub(crate) fn hand_out_activity(
        &self,
        scheduled_id: i64,
    ) -> Option<PollActivityTaskQueueResponse> {
        let scheduled = self.scheduled_activity(scheduled_id)?;
        let activity = self.activities.get(&scheduled_id)?;
        let settings = &activity.settings;
        Some(PollActivityTaskQueueResponse {
            task_token: TaskToken::encode(&self.run_id, activity.stamp, scheduled_id),
            workflow_namespace: self.namespace.name.clone(),
            workflow_type: self.started().workflow_type.clone(),
            workflow_execution: Some(self.execution()),
            activity_type: Some(ActivityType {
                name: activity.activity_type.clone(),
            }),
            activity_id: activity.activity_id.clone(),
            header: scheduled.header.clone(),
            input: scheduled.input.clone(),
            heartbeat_details: activity.heartbeat_details.clone(),
            scheduled_time: Some(activity.scheduled_time.timestamp()),
            current_attempt_scheduled_time: Some(activity.attempt_scheduled_time.timestamp()),
            started_time: activity
                .started
                .as_ref()
                .map(|started| started.time.timestamp()),
            attempt: activity.attempt,
            schedule_to_close_timeout: Some(settings.schedule_to_close.duration()),
            start_to_close_timeout: Some(settings.start_to_close.duration()),
            heartbeat_timeout: Some(settings.heartbeat.duration()),
            retry_policy: Some(settings.retry_policy.clone()),
            priority: settings
                .priority
                .clone()
                .or_else(|| self.options.priority.clone()),
            ..PollActivityTaskQueueResponse::default()
        })
    }
}

/// Until the start of a task is written the real server does not say who took it.
fn without_identity(event: &mut HistoryEvent) {
    if let Some(Attributes::WorkflowTaskStartedEventAttributes(started)) = &mut event.attributes {
        started.identity.clear();
    }
}
