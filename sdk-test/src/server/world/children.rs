//! Parents and children.

use durably_protos::temporal::api::common::v1::WorkflowExecution;
use durably_protos::temporal::api::enums::v1::{
    ContinueAsNewInitiator, ParentClosePolicy, StartChildWorkflowExecutionFailedCause,
    WorkflowIdConflictPolicy, WorkflowIdReusePolicy,
};
use durably_protos::temporal::api::history::v1::WorkflowExecutionStartedEventAttributes;

use super::{RunIndex, Started, World};
use crate::server::cron::Cron;
use crate::server::run::{ChildEnd, NewRun, Run};
use crate::server::time::Span;

impl World {
    /// Starts a child, unless its parent has closed meanwhile: then it never exists.
    pub(super) fn start_child(&mut self, parent: RunIndex, initiated_id: i64) {
        let Some(run) = self.run(parent).filter(|run| run.is_open()) else {
            return;
        };
        let Some(initiated) = run.initiated_child(initiated_id) else {
            return;
        };
        let namespace = run.namespace.name.clone();
        let workflow_id = initiated.workflow_id.clone();
        let reuse = match initiated.workflow_id_reuse_policy() {
            WorkflowIdReusePolicy::Unspecified => WorkflowIdReusePolicy::AllowDuplicate,
            given => given,
        };
        let conflict = WorkflowIdConflictPolicy::Fail;
        let decision = self.may_start(&namespace, &workflow_id, "", reuse, conflict);
        let run_id = self.ids.uuid();
        match decision {
            Ok(Started::New) => {}
            Ok(Started::Instead(existing)) => {
                self.make_room(existing, &run_id);
                // The child was to take its own parent's place.
                if existing == parent {
                    return;
                }
            }
            Ok(Started::Already(_) | Started::Attached(_) | Started::Use(_)) | Err(_) => {
                let cause = StartChildWorkflowExecutionFailedCause::WorkflowAlreadyExists;
                self.change(parent, |run, tx| {
                    run.child_not_started(tx, initiated_id, cause);
                });
                return;
            }
        }
        let Some(new) = self.child_run(parent, initiated_id, &run_id) else {
            return;
        };
        let child = self.begin(new, |_, _| ());
        self.change(parent, |run, tx| {
            run.child_started(tx, initiated_id, child, &run_id);
        });
        self.change(child, Run::parent_knows);
    }

    fn child_run(&mut self, parent: RunIndex, initiated_id: i64, run_id: &str) -> Option<NewRun> {
        let request_id = self.ids.uuid();
        let run = self.run(parent)?;
        let initiated = run.initiated_child(initiated_id)?;
        let now = run.now(self.now);
        let execution_timeout = Span::of(initiated.workflow_execution_timeout.as_ref());
        let run_timeout = Span::of(initiated.workflow_run_timeout.as_ref());
        let cron = Cron::parse(&initiated.cron_schedule).ok();
        let backoff = cron.and_then(|cron| cron.backoff(now.jiff(), now.jiff()));
        let backoff = backoff.map_or(Span::ZERO, Span::from_jiff);
        let deadline = now.after(execution_timeout);
        let initiator = if initiated.cron_schedule.is_empty() {
            ContinueAsNewInitiator::Unspecified
        } else {
            ContinueAsNewInitiator::CronSchedule
        };
        let started = WorkflowExecutionStartedEventAttributes {
            workflow_type: initiated.workflow_type.clone(),
            parent_workflow_namespace: run.namespace.name.clone(),
            parent_workflow_namespace_id: run.namespace.id.clone(),
            parent_workflow_execution: Some(run.execution()),
            parent_initiated_event_id: initiated_id,
            task_queue: initiated.task_queue.clone(),
            input: initiated.input.clone(),
            workflow_execution_timeout: execution_timeout.unless_zero(),
            workflow_run_timeout: Some(run_timeout.clipped(execution_timeout).duration()),
            workflow_task_timeout: initiated.workflow_task_timeout,
            initiator: initiator.into(),
            original_execution_run_id: run_id.to_owned(),
            first_execution_run_id: run_id.to_owned(),
            retry_policy: initiated.retry_policy.clone(),
            attempt: 1,
            workflow_execution_expiration_time: (!execution_timeout.is_zero())
                .then(|| deadline.timestamp()),
            cron_schedule: initiated.cron_schedule.clone(),
            memo: initiated.memo.clone(),
            search_attributes: initiated.search_attributes.clone(),
            header: initiated.header.clone(),
            root_workflow_execution: Some(run.root_execution()),
            priority: initiated.priority.clone(),
            time_skipping_config: initiated.time_skipping_config.clone(),
            time_skipping_state_propagation: initiated.time_skipping_state_propagation,
            ..WorkflowExecutionStartedEventAttributes::default()
        };
        Some(NewRun {
            namespace: run.namespace.clone(),
            workflow_id: initiated.workflow_id.as_str().into(),
            run_id: run_id.into(),
            started,
            user_metadata: run
                .history
                .events()
                .get(usize::try_from(initiated_id - 1).ok()?)
                .and_then(|event| event.user_metadata.as_deref().cloned()),
            request_id,
            backoff,
            is_child: true,
        })
    }

    /// The parent of a run and the event that initiated it, if the parent still waits for it.
    pub(super) fn parent_of(&self, child: RunIndex) -> Option<(RunIndex, i64)> {
        let started = self.run(child)?.started();
        let parent = started.parent_workflow_execution.as_ref()?;
        let initiated_id = started.parent_initiated_event_id;
        let mut index = self.find_run_id(&parent.run_id)?;
        // A reset gives a parent's children to another run.
        while let Some(next) = self.run(index)?.reset_run_id.as_deref() {
            index = self.find_run_id(next)?;
        }
        let parent = self.run(index).filter(|run| run.is_open())?;
        let pending = parent.children.get(&initiated_id)?;
        let workflow_id = &self.run(child)?.workflow_id;
        (*pending.workflow_id == **workflow_id).then_some((index, initiated_id))
    }

    /// A chain of runs has ended: its parent is told, if it has one that waits.
    pub(super) fn tell_parent(&mut self, index: RunIndex, end: ChildEnd) {
        let Some((parent, initiated_id)) = self.parent_of(index) else {
            return;
        };
        let Some(run_id) = self.run(index).map(|run| run.run_id.clone()) else {
            return;
        };
        self.change(parent, |run, tx| {
            run.child_ended(tx, initiated_id, &run_id, end);
        });
    }

    /// A parent has closed before its child.
    pub(super) fn parent_closed(
        &mut self,
        parent: RunIndex,
        child: RunIndex,
        policy: ParentClosePolicy,
    ) {
        let Some(parent) = self.run(parent).map(Run::execution) else {
            return;
        };
        let identity = "history-service".to_owned();
        match policy {
            ParentClosePolicy::Terminate | ParentClosePolicy::Unspecified => {
                let reason = "by parent close policy".to_owned();
                self.change(child, |run, tx| run.terminate(tx, reason, None, identity));
            }
            ParentClosePolicy::RequestCancel => {
                let parent: WorkflowExecution = parent;
                self.change(child, |run, tx| {
                    run.request_cancel(tx, String::new(), identity, Some((parent, 0)));
                });
            }
            ParentClosePolicy::Abandon => {}
        }
    }
}
