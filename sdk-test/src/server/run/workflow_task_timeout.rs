//! Workflow tasks that no worker took, or that none answered in time.

use durably_protos::temporal::api::enums::v1::TimeoutType;
use durably_protos::temporal::api::history::v1::WorkflowTaskTimedOutEventAttributes;

use super::{Run, TaskKind};
use crate::server::world::Tx;

impl Run {
    /// The worker did not answer: an event tells of it if it is the first attempt.
    pub(crate) fn workflow_task_timed_out(&mut self, tx: &mut Tx<'_>) {
        let Some(task) = &mut self.workflow_task else {
            return;
        };
        task.timer = None;
        if !task.is_started() {
            return;
        }
        if task.kind == TaskKind::Speculative {
            self.materialize_workflow_task(tx, "");
        }
        let Some(task) = self.workflow_task.take() else {
            return;
        };
        if let (TaskKind::Normal, Some(started)) = (task.kind, &task.started) {
            let timed_out = WorkflowTaskTimedOutEventAttributes {
                scheduled_event_id: task.scheduled_id,
                started_event_id: started.id,
                timeout_type: TimeoutType::StartToClose.into(),
            };
            self.write(tx, timed_out);
        }
        self.after_lost_workflow_task(tx, &task);
    }

    /// Nobody took the task from the sticky queue: a new first attempt goes to the normal one.
    pub(crate) fn sticky_timed_out(&mut self, tx: &mut Tx<'_>) {
        let Some(task) = &mut self.workflow_task else {
            return;
        };
        task.timer = None;
        if task.is_started() || !task.is_sticky() {
            return;
        }
        self.materialize_workflow_task(tx, "");
        let Some(task) = self.workflow_task.take() else {
            return;
        };
        let timed_out = WorkflowTaskTimedOutEventAttributes {
            scheduled_event_id: task.scheduled_id,
            started_event_id: 0,
            timeout_type: TimeoutType::ScheduleToStart.into(),
        };
        self.write(tx, timed_out);
        self.sticky = None;
        self.workflow_task_attempt = 1;
        tx.needs_workflow_task = true;
    }

    /// The task goes to the normal queue, since nobody polls the sticky one. Its event keeps the name
    /// of the sticky queue.
    pub(crate) fn leave_sticky_queue(&mut self, tx: &mut Tx<'_>) {
        self.sticky = None;
        if let Some(task) = &mut self.workflow_task {
            tx.timers.clear(&mut task.timer);
        }
    }
}
