//! Child workflows, as the parent sees them.

use durably_protos::temporal::api::command::v1::StartChildWorkflowExecutionCommandAttributes;
use durably_protos::temporal::api::common::v1::{Payloads, WorkflowExecution, WorkflowType};
use durably_protos::temporal::api::enums::v1::{
    ParentClosePolicy, RetryState, StartChildWorkflowExecutionFailedCause, TaskQueueKind,
    WorkflowIdReusePolicy,
};
use durably_protos::temporal::api::failure::v1::Failure;
use durably_protos::temporal::api::history::v1::history_event::Attributes;
use durably_protos::temporal::api::history::v1::{
    ChildWorkflowExecutionCanceledEventAttributes, ChildWorkflowExecutionCompletedEventAttributes,
    ChildWorkflowExecutionFailedEventAttributes, ChildWorkflowExecutionStartedEventAttributes,
    ChildWorkflowExecutionTerminatedEventAttributes, ChildWorkflowExecutionTimedOutEventAttributes,
    StartChildWorkflowExecutionFailedEventAttributes,
    StartChildWorkflowExecutionInitiatedEventAttributes,
};
use durably_protos::temporal::api::taskqueue::v1::TaskQueue;

use super::write::Notes;
use super::{Run, normalized_retry_policy};
use crate::server::time::Span;
use crate::server::world::{Effect, RunIndex, Tx};

/// A child that has not ended.
#[derive(Debug)]
pub(crate) struct PendingChild {
    pub(crate) workflow_id: String,
    pub(crate) workflow_type: String,
    pub(crate) parent_close_policy: ParentClosePolicy,
    /// 0 while its start is not in the history.
    pub(crate) started_id: i64,
    /// The child's first run; empty before it started.
    pub(crate) run_id: String,
    pub(crate) run: Option<RunIndex>,
}

impl PendingChild {
    /// A child that has not started.
    pub(crate) fn initiated(event: &StartChildWorkflowExecutionInitiatedEventAttributes) -> Self {
        let workflow_type = event.workflow_type.as_ref();
        Self {
            workflow_id: event.workflow_id.clone(),
            workflow_type: workflow_type.map_or_else(String::new, |named| named.name.clone()),
            parent_close_policy: event.parent_close_policy(),
            started_id: 0,
            run_id: String::new(),
            run: None,
        }
    }
}

/// How a child ended.
#[derive(Debug)]
pub(crate) enum ChildEnd {
    Completed(Option<Payloads>),
    Failed(Option<Box<Failure>>, RetryState),
    Canceled(Option<Payloads>),
    TimedOut(RetryState),
    Terminated,
}

impl Run {
    /// The command `START_CHILD_WORKFLOW_EXECUTION`. The child begins after the whole workflow task.
    pub(crate) fn initiate_child(
        &mut self,
        tx: &mut Tx<'_>,
        command: StartChildWorkflowExecutionCommandAttributes,
        notes: Notes,
        completed_id: i64,
    ) {
        let named = command.task_queue.filter(|queue| !queue.name.is_empty());
        let task_queue = TaskQueue {
            kind: TaskQueueKind::Normal.into(),
            ..named.unwrap_or_else(|| self.normal_queue())
        };
        let parent_close_policy = match ParentClosePolicy::try_from(command.parent_close_policy) {
            Ok(ParentClosePolicy::Unspecified) | Err(_) => ParentClosePolicy::Terminate,
            Ok(given) => given,
        };
        let reuse_policy = match command.workflow_id_reuse_policy {
            0 => WorkflowIdReusePolicy::AllowDuplicate.into(),
            given => given,
        };
        let execution_timeout = Span::of(command.workflow_execution_timeout.as_ref());
        let run_timeout =
            Span::of(command.workflow_run_timeout.as_ref()).clipped(execution_timeout);
        let task_timeout = match Span::of(command.workflow_task_timeout.as_ref()) {
            Span::ZERO => tx.limits.workflow_task_timeout,
            given => given.min(tx.limits.longest_workflow_task_timeout),
        };
        let (time_skipping_config, time_skipping_state_propagation) = self.time_skipping_of_child();
        let initiated = StartChildWorkflowExecutionInitiatedEventAttributes {
            namespace: self.namespace.name.clone(),
            namespace_id: self.namespace.id.clone(),
            workflow_id: command.workflow_id.clone(),
            workflow_type: command.workflow_type.clone(),
            task_queue: Some(task_queue),
            input: command.input,
            workflow_execution_timeout: execution_timeout.unless_zero(),
            workflow_run_timeout: Some(run_timeout.duration()),
            workflow_task_timeout: Some(task_timeout.clipped(run_timeout).duration()),
            parent_close_policy: parent_close_policy.into(),
            control: command.control,
            workflow_task_completed_event_id: completed_id,
            workflow_id_reuse_policy: reuse_policy,
            retry_policy: command.retry_policy.as_ref().map(normalized_retry_policy),
            cron_schedule: command.cron_schedule,
            header: command.header,
            memo: command.memo,
            search_attributes: command.search_attributes,
            inherit_build_id: command.inherit_build_id,
            priority: command.priority,
            time_skipping_config,
            time_skipping_state_propagation,
            ..StartChildWorkflowExecutionInitiatedEventAttributes::default()
        };
        let child = PendingChild::initiated(&initiated);
        let initiated_id = self.write_command(tx, notes, initiated);
        self.children.insert(initiated_id, child);
        tx.effects
            .push_back(Effect::StartChild(self.index, initiated_id));
    }

    /// What a child was initiated with.
    pub(crate) fn initiated_child(
        &self,
        initiated_id: i64,
    ) -> Option<&StartChildWorkflowExecutionInitiatedEventAttributes> {
        match self.history.attributes(initiated_id)? {
            Attributes::StartChildWorkflowExecutionInitiatedEventAttributes(initiated) => {
                Some(initiated)
            }
            _ => None,
        }
    }

    /// The child runs.
    pub(crate) fn child_started(
        &mut self,
        tx: &mut Tx<'_>,
        initiated_id: i64,
        run: RunIndex,
        run_id: &str,
    ) {
        let Some(initiated) = self.initiated_child(initiated_id) else {
            return;
        };
        let started = ChildWorkflowExecutionStartedEventAttributes {
            namespace: initiated.namespace.clone(),
            namespace_id: initiated.namespace_id.clone(),
            initiated_event_id: initiated_id,
            workflow_execution: Some(WorkflowExecution {
                workflow_id: initiated.workflow_id.clone(),
                run_id: run_id.to_owned(),
            }),
            workflow_type: initiated.workflow_type.clone(),
            header: initiated.header.clone(),
        };
        let started_id = self.record(tx, started);
        if let Some(child) = self.children.get_mut(&initiated_id) {
            child.started_id = started_id;
            run_id.clone_into(&mut child.run_id);
            child.run = Some(run);
        }
        self.wake(tx);
    }

    /// The child could not be started.
    pub(crate) fn child_not_started(
        &mut self,
        tx: &mut Tx<'_>,
        initiated_id: i64,
        cause: StartChildWorkflowExecutionFailedCause,
    ) {
        self.children.remove(&initiated_id);
        let Some(initiated) = self.initiated_child(initiated_id) else {
            return;
        };
        let failed = StartChildWorkflowExecutionFailedEventAttributes {
            namespace: initiated.namespace.clone(),
            namespace_id: initiated.namespace_id.clone(),
            workflow_id: initiated.workflow_id.clone(),
            workflow_type: initiated.workflow_type.clone(),
            cause: cause.into(),
            control: initiated.control.clone(),
            initiated_event_id: initiated_id,
            workflow_task_completed_event_id: 0,
        };
        self.record(tx, failed);
        self.wake(tx);
    }

    /// The child's last run has ended.
    pub(crate) fn child_ended(
        &mut self,
        tx: &mut Tx<'_>,
        initiated_id: i64,
        run_id: &str,
        end: ChildEnd,
    ) {
        if !self.is_open() {
            return;
        }
        let Some(child) = self.children.remove(&initiated_id) else {
            return;
        };
        let namespace = self.namespace.name.clone();
        let namespace_id = self.namespace.id.clone();
        let workflow_execution = Some(WorkflowExecution {
            workflow_id: child.workflow_id,
            run_id: run_id.to_owned(),
        });
        let workflow_type = Some(WorkflowType {
            name: child.workflow_type,
        });
        let initiated_event_id = initiated_id;
        let started_event_id = child.started_id;
        match end {
            ChildEnd::Completed(result) => self.record(
                tx,
                ChildWorkflowExecutionCompletedEventAttributes {
                    result,
                    namespace,
                    namespace_id,
                    workflow_execution,
                    workflow_type,
                    initiated_event_id,
                    started_event_id,
                },
            ),
            ChildEnd::Failed(failure, retry_state) => self.record(
                tx,
                ChildWorkflowExecutionFailedEventAttributes {
                    failure: failure.map(|failure| *failure),
                    namespace,
                    namespace_id,
                    workflow_execution,
                    workflow_type,
                    initiated_event_id,
                    started_event_id,
                    retry_state: retry_state.into(),
                },
            ),
            ChildEnd::Canceled(details) => self.record(
                tx,
                ChildWorkflowExecutionCanceledEventAttributes {
                    details,
                    namespace,
                    namespace_id,
                    workflow_execution,
                    workflow_type,
                    initiated_event_id,
                    started_event_id,
                },
            ),
            ChildEnd::TimedOut(retry_state) => self.record(
                tx,
                ChildWorkflowExecutionTimedOutEventAttributes {
                    namespace,
                    namespace_id,
                    workflow_execution,
                    workflow_type,
                    initiated_event_id,
                    started_event_id,
                    retry_state: retry_state.into(),
                },
            ),
            ChildEnd::Terminated => self.record(
                tx,
                ChildWorkflowExecutionTerminatedEventAttributes {
                    namespace,
                    namespace_id,
                    workflow_execution,
                    workflow_type,
                    initiated_event_id,
                    started_event_id,
                },
            ),
        };
        self.wake(tx);
    }

    /// The run has closed: its children are treated as each one's policy says. One that has not
    /// started never will, whatever its policy.
    pub(crate) fn apply_close_policies(&mut self, tx: &mut Tx<'_>) {
        if self.is_replaced {
            return;
        }
        for child in self.children.values() {
            if let Some(run) = child.run {
                let effect = Effect::ParentClosed {
                    parent: self.index,
                    child: run,
                    policy: child.parent_close_policy,
                };
                tx.effects.push_back(effect);
            }
        }
    }
}
