//! Chains: the run that an execution goes on in.

use durably_protos::temporal::api::command::v1::ContinueAsNewWorkflowExecutionCommandAttributes;
use durably_protos::temporal::api::common::v1::Payloads;
use durably_protos::temporal::api::enums::v1::{
    ContinueAsNewInitiator, TaskQueueKind, WorkflowExecutionStatus,
};
use durably_protos::temporal::api::failure::v1::Failure;
use durably_protos::temporal::api::history::v1::{
    WorkflowExecutionContinuedAsNewEventAttributes, WorkflowExecutionStartedEventAttributes,
};
use durably_protos::temporal::api::taskqueue::v1::TaskQueue;

use super::{ChildEnd, NewRun, Run, normalized_retry_policy};
use crate::server::cron::Cron;
use crate::server::time::{Span, Time};
use crate::server::world::{Effect, Tx};

/// Why a run follows by itself.
#[derive(Debug)]
pub(crate) enum Follow {
    /// An attempt failed.
    Retry(Option<Failure>),
    /// The next time of a cron schedule, after a result.
    Completed(Option<Payloads>),
    /// The next time of a cron schedule, after a failure.
    Failed(Option<Failure>),
}

impl Run {
    /// How long until the next time of the cron schedule; `None` without one.
    pub(crate) fn cron_delay(&self, tx: &Tx<'_>) -> Option<Span> {
        let schedule = &self.started().cron_schedule;
        if schedule.is_empty() {
            return None;
        }
        let cron = Cron::parse(schedule).ok()?;
        let delay = cron.backoff(tx.now.jiff(), self.execution_time.jiff())?;
        Some(Span::from_jiff(delay))
    }

    /// Has a run follow this one, which is about to be closed. Gives its id.
    pub(crate) fn follow(&mut self, tx: &mut Tx<'_>, follow: Follow, delay: Span) -> String {
        let started = self.started();
        let (initiator, attempt, failure, result) = match follow {
            Follow::Retry(failure) => (
                ContinueAsNewInitiator::Retry,
                started.attempt.saturating_add(1),
                failure,
                started.last_completion_result.clone(),
            ),
            Follow::Completed(result) => (ContinueAsNewInitiator::CronSchedule, 1, None, result),
            Follow::Failed(failure) => (
                ContinueAsNewInitiator::CronSchedule,
                1,
                failure,
                started.last_completion_result.clone(),
            ),
        };
        let next = WorkflowExecutionStartedEventAttributes {
            initiator: initiator.into(),
            attempt,
            continued_failure: failure,
            last_completion_result: result,
            memo: some_memo(&self.memo),
            search_attributes: some_attributes(&self.search_attributes),
            ..started.clone()
        };
        self.begin_next(tx, next, delay)
    }

    /// The command `CONTINUE_AS_NEW_WORKFLOW_EXECUTION`. What it leaves open is taken from this run
    /// where the real server does so: type, queue and timeouts, nothing else.
    pub(crate) fn continue_as_new(
        &mut self,
        tx: &mut Tx<'_>,
        command: ContinueAsNewWorkflowExecutionCommandAttributes,
        completed_id: i64,
    ) {
        let started = self.started();
        let workflow_type = command
            .workflow_type
            .filter(|named| !named.name.is_empty())
            .or_else(|| started.workflow_type.clone());
        let named = command.task_queue.filter(|queue| !queue.name.is_empty());
        let task_queue = TaskQueue {
            kind: TaskQueueKind::Normal.into(),
            ..named.unwrap_or_else(|| self.normal_queue())
        };
        let execution_timeout = Span::of(started.workflow_execution_timeout.as_ref());
        let run_timeout = match Span::of(command.workflow_run_timeout.as_ref()) {
            Span::ZERO => Span::of(started.workflow_run_timeout.as_ref()),
            given => given.clipped(execution_timeout),
        };
        let task_timeout = match Span::of(command.workflow_task_timeout.as_ref()) {
            Span::ZERO => Span::of(started.workflow_task_timeout.as_ref()),
            given => given.min(tx.limits.longest_workflow_task_timeout),
        };
        let initiator =
            match ContinueAsNewInitiator::try_from(command.initiator).unwrap_or_default() {
                ContinueAsNewInitiator::Unspecified => ContinueAsNewInitiator::Workflow,
                given => given,
            };
        let next = WorkflowExecutionStartedEventAttributes {
            workflow_type: workflow_type.clone(),
            task_queue: Some(task_queue.clone()),
            input: command.input.clone(),
            workflow_run_timeout: Some(run_timeout.duration()),
            workflow_task_timeout: Some(task_timeout.duration()),
            initiator: initiator.into(),
            continued_failure: command.failure.clone(),
            last_completion_result: command.last_completion_result.clone(),
            retry_policy: command.retry_policy.as_ref().map(normalized_retry_policy),
            attempt: 1,
            cron_schedule: command.cron_schedule,
            memo: command.memo.clone(),
            search_attributes: command.search_attributes.clone(),
            header: command.header.clone(),
            ..started.clone()
        };
        let asked = Span::of(command.backoff_start_interval.as_ref());
        let new_execution_run_id = self.begin_next(tx, next, asked);
        let continued = WorkflowExecutionContinuedAsNewEventAttributes {
            new_execution_run_id,
            workflow_type,
            task_queue: Some(task_queue),
            input: command.input,
            workflow_run_timeout: Some(run_timeout.duration()),
            workflow_task_timeout: Some(task_timeout.duration()),
            workflow_task_completed_event_id: completed_id,
            backoff_start_interval: asked.unless_zero(),
            initiator: command.initiator,
            failure: command.failure,
            last_completion_result: command.last_completion_result,
            header: command.header,
            memo: command.memo,
            search_attributes: command.search_attributes,
            ..WorkflowExecutionContinuedAsNewEventAttributes::default()
        };
        self.write(tx, continued);
        let status = WorkflowExecutionStatus::ContinuedAsNew;
        self.close(tx, status, ChildEnd::Terminated);
    }

    fn begin_next(
        &mut self,
        tx: &mut Tx<'_>,
        started: WorkflowExecutionStartedEventAttributes,
        delay: Span,
    ) -> String {
        let run_id = tx.ids.uuid();
        let started = WorkflowExecutionStartedEventAttributes {
            workflow_execution_expiration_time: self.execution_deadline.map(Time::timestamp),
            completion_callbacks: self
                .callbacks
                .iter()
                .map(|callback| callback.callback.clone())
                .collect(),
            priority: self.options.priority.clone(),
            versioning_override: self.options.versioning_override.clone(),
            time_skipping_config: self.options.time_skipping_config.clone(),
            time_skipping_state_propagation: self.time_skipping_of_next_run(),
            prev_auto_reset_points: self.points_of_next_run(tx),
            continued_execution_run_id: self.run_id.to_string(),
            original_execution_run_id: run_id.clone(),
            // The request that began the chain is not the one that begins this run.
            identity: String::new(),
            eager_execution_accepted: false,
            ..started
        };
        let new = NewRun {
            namespace: self.namespace.clone(),
            workflow_id: self.workflow_id.clone(),
            run_id: run_id.as_str().into(),
            started,
            user_metadata: self.user_metadata.clone(),
            request_id: tx.ids.uuid(),
            backoff: self.spaced(tx, delay),
            is_child: false,
        };
        self.next_run_id = Some(new.run_id.clone());
        tx.effects
            .push_back(Effect::NextRun(self.index, Box::new(new)));
        run_id
    }

    /// Runs of one execution start a second apart at least.
    fn spaced(&self, tx: &Tx<'_>, delay: Span) -> Span {
        let lived = tx.now.since(self.start_time);
        let pause = Span(tx.limits.shortest_run_interval.0.saturating_sub(lived.0));
        delay.max(pause)
    }
}

fn some_memo(
    memo: &durably_protos::temporal::api::common::v1::Memo,
) -> Option<durably_protos::temporal::api::common::v1::Memo> {
    (!memo.fields.is_empty()).then(|| memo.clone())
}

fn some_attributes(
    attributes: &durably_protos::temporal::api::common::v1::SearchAttributes,
) -> Option<durably_protos::temporal::api::common::v1::SearchAttributes> {
    (!attributes.indexed_fields.is_empty()).then(|| attributes.clone())
}
