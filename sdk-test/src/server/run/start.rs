//! The beginning of a run.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use durably_protos::google::protobuf::Duration;
use durably_protos::temporal::api::enums::v1::WorkflowExecutionStatus;
use durably_protos::temporal::api::history::v1::WorkflowExecutionStartedEventAttributes;
use durably_protos::temporal::api::sdk::v1::UserMetadata;

use super::{History, Run, RunOptions, WorkerVersions};
use crate::server::namespaces::NamespaceName;
use crate::server::time::{Span, Time};
use crate::server::timers::{RunTimer, TimerKey};
use crate::server::world::{RunIndex, Tx};

/// What the first workflow task waits for.
#[derive(Debug, Default)]
pub(crate) enum FirstTask {
    /// Nothing: it has been scheduled, or is as soon as there is a reason.
    #[default]
    Due,
    /// The end of a delay: start delay, cron, retry, or the pause between runs.
    Delayed(TimerKey),
    /// The parent's note that its child has started.
    Parent,
}

/// A run to be.
#[derive(Debug)]
pub(crate) struct NewRun {
    pub(crate) namespace: Arc<NamespaceName>,
    pub(crate) workflow_id: Arc<str>,
    pub(crate) run_id: Arc<str>,
    pub(crate) started: WorkflowExecutionStartedEventAttributes,
    pub(crate) user_metadata: Option<UserMetadata>,
    /// The request that starts it.
    pub(crate) request_id: String,
    /// How long the first workflow task waits.
    pub(crate) backoff: Span,
    /// The first workflow task waits for the parent.
    pub(crate) is_child: bool,
}

impl NewRun {
    /// The backoff as the first event has it: a run that follows another has none if it does not wait.
    fn written_backoff(&self) -> Option<Duration> {
        let follows = !self.started.continued_execution_run_id.is_empty();
        let backoff = self.backoff.duration();
        (!follows || !self.backoff.is_zero()).then_some(backoff)
    }

    /// How far its clock is ahead of the server's.
    pub(crate) fn skipped(&self) -> Span {
        let propagated = self.started.time_skipping_state_propagation.as_ref();
        Span::of(propagated.and_then(|propagated| propagated.initial_skipped_duration.as_ref()))
    }
}

impl Run {
    /// A run with its first event.
    pub(crate) fn begin(index: RunIndex, new: NewRun, tx: &mut Tx<'_>) -> Self {
        let mut run = Self::blank(index, &new, tx.now);
        run.user_metadata.clone_from(&new.user_metadata);
        let started = WorkflowExecutionStartedEventAttributes {
            first_workflow_task_backoff: new.written_backoff(),
            workflow_id: new.workflow_id.to_string(),
            ..new.started
        };
        let mut event = super::write::event(tx.now, started);
        event.user_metadata = new.user_metadata.map(Box::new);
        run.append(tx, event);
        let callbacks = run.started().completion_callbacks.clone();
        run.add_callbacks(&callbacks, tx.now);
        run.begin_time_skipping(tx.now);
        if run.time_skipping.is_some() {
            run.arm_fast_forward(tx);
        }
        run.arm_run_timers(tx);
        run.first_task = if new.is_child {
            FirstTask::Parent
        } else {
            run.wait_for_first_task(tx, new.backoff)
        };
        run
    }

    /// A run without any event.
    pub(crate) fn blank(index: RunIndex, new: &NewRun, now: Time) -> Self {
        let started = &new.started;
        let task_queue = started.task_queue.as_ref();
        Self {
            index,
            namespace: new.namespace.clone(),
            workflow_id: new.workflow_id.clone(),
            run_id: new.run_id.clone(),
            task_queue: task_queue.map_or("", |queue| &queue.name).into(),
            history: History::default(),
            status: WorkflowExecutionStatus::Running,
            start_time: now,
            close_time: None,
            execution_time: now.after(new.backoff),
            user_metadata: None,
            memo: started.memo.clone().unwrap_or_default(),
            search_attributes: started.search_attributes.clone().unwrap_or_default(),
            versions: WorkerVersions::after(started.prev_auto_reset_points.as_ref()),
            options: RunOptions {
                versioning_override: started.versioning_override.clone(),
                priority: started.priority.clone(),
                time_skipping_config: started.time_skipping_config.clone(),
            },
            time_skipping: None,
            cancel_requested: false,
            transitions: 0,
            request_ids: BTreeMap::from([(new.request_id.clone(), 1)]),
            signal_requests: BTreeSet::new(),
            signals: 0,
            workflow_task: None,
            workflow_task_attempt: 1,
            sticky: None,
            close_attempted: false,
            last_started_id: 0,
            last_completed_id: 0,
            first_task: FirstTask::Due,
            buffer: Vec::new(),
            activities: BTreeMap::new(),
            activity_ids: BTreeMap::new(),
            activities_in_flight: 0,
            timers: BTreeMap::new(),
            children: BTreeMap::new(),
            operations: BTreeMap::new(),
            callbacks: Vec::new(),
            updates: super::update::Updates::default(),
            queries: BTreeMap::new(),
            next_query: 0,
            execution_deadline: started
                .workflow_execution_expiration_time
                .as_ref()
                .map(Time::from_timestamp),
            run_timer: None,
            execution_timer: None,
            next_run_id: None,
            reset_time: None,
            reset_run_id: None,
            is_replaced: false,
        }
    }

    /// The run timeout counts from the first workflow task on.
    pub(crate) fn arm_run_timers(&mut self, tx: &mut Tx<'_>) {
        // Where both end at once, it is the execution that takes too long.
        let execution = self.execution_expiration();
        let run = self.run_expiration();
        if let Some(due) = run.filter(|run| execution.is_none_or(|execution| *run < execution)) {
            self.run_timer = Some(tx.arm(self.index, due, RunTimer::RunTimeout));
        }
        if let Some(due) = execution {
            self.execution_timer = Some(tx.arm(self.index, due, RunTimer::ExecutionTimeout));
        }
    }

    pub(crate) fn run_expiration(&self) -> Option<Time> {
        let timeout = Span::of(self.started().workflow_run_timeout.as_ref());
        (!timeout.is_zero()).then(|| self.execution_time.after(timeout))
    }

    pub(crate) fn execution_expiration(&self) -> Option<Time> {
        self.execution_deadline
    }

    /// Has the first workflow task scheduled, now or after a delay.
    pub(crate) fn wait_for_first_task(&mut self, tx: &mut Tx<'_>, backoff: Span) -> FirstTask {
        if backoff.is_zero() {
            tx.needs_workflow_task = true;
            return FirstTask::Due;
        }
        let due = tx.now.after(backoff);
        FirstTask::Delayed(tx.arm(self.index, due, RunTimer::FirstWorkflowTask))
    }

    /// The delay before the first workflow task is over.
    pub(crate) fn first_task_is_due(&mut self, tx: &mut Tx<'_>) {
        self.first_task = FirstTask::Due;
        tx.needs_workflow_task = true;
    }

    /// The parent knows of its child, which may begin, after a delay of its own.
    pub(crate) fn parent_knows(&mut self, tx: &mut Tx<'_>) {
        if matches!(self.first_task, FirstTask::Parent) {
            let backoff = Span::of(self.started().first_workflow_task_backoff.as_ref());
            self.first_task = self.wait_for_first_task(tx, backoff);
        }
    }

    /// Ends the delay before the first workflow task, because it is scheduled already.
    pub(crate) fn end_first_task_delay(&mut self, tx: &mut Tx<'_>) {
        if let FirstTask::Delayed(key) = std::mem::take(&mut self.first_task) {
            tx.timers.disarm(key);
        }
    }

    /// Something happened that the workflow is to be told; not before its first task is due.
    pub(crate) fn wake(&mut self, tx: &mut Tx<'_>) {
        if matches!(self.first_task, FirstTask::Due) {
            tx.needs_workflow_task = true;
        }
    }
}
