//! Events of workflow tasks.

use durably_protos::temporal::api::history::v1::history_event::Attributes as A;

use crate::server::run::workflow_task::{Started, TaskKind, WorkflowTask};
use crate::server::run::{FirstTask, Run};
use crate::server::time::{Span, Time};
use crate::server::world::Tx;

impl Run {
    /// Takes over an event of a workflow task; whether it was one.
    pub(super) fn replay_workflow_task(
        &mut self,
        tx: &mut Tx<'_>,
        attributes: &A,
        id: i64,
        time: Time,
    ) -> bool {
        match attributes {
            A::WorkflowTaskScheduledEventAttributes(scheduled) => {
                self.first_task = FirstTask::Due;
                self.workflow_task_attempt = scheduled.attempt;
                self.workflow_task = Some(WorkflowTask {
                    kind: TaskKind::Normal,
                    attempt: scheduled.attempt,
                    scheduled_id: id,
                    scheduled_time: time,
                    original_scheduled_time: time,
                    timeout: Span::of(scheduled.start_to_close_timeout.as_ref()),
                    queue: scheduled.task_queue.clone().unwrap_or_default(),
                    started: None,
                    timer: None,
                    stamp: tx.next_task_id(),
                });
            }
            A::WorkflowTaskStartedEventAttributes(started) => {
                if let Some(task) = &mut self.workflow_task {
                    task.started = Some(Started {
                        id,
                        time,
                        identity: started.identity.clone(),
                        request_id: started.request_id.clone(),
                        history_size_bytes: started.history_size_bytes,
                        suggest_continue_as_new: started.suggest_continue_as_new_reasons.clone(),
                    });
                }
            }
            A::WorkflowTaskCompletedEventAttributes(completed) => {
                self.workflow_task = None;
                self.workflow_task_attempt = 1;
                self.last_completed_id = id;
                self.last_started_id = completed.started_event_id;
                let (checksum, stamp) = (&completed.binary_checksum, &completed.worker_version);
                self.note_version(id, time, checksum, stamp.as_ref());
            }
            A::WorkflowTaskFailedEventAttributes(_) | A::WorkflowTaskTimedOutEventAttributes(_) => {
                if let Some(task) = self.workflow_task.take() {
                    self.workflow_task_attempt = if task.is_sticky() {
                        1
                    } else {
                        task.attempt.saturating_add(1)
                    };
                }
            }
            _ => return false,
        }
        true
    }
}
