//! The workflow task of a run: scheduled, started, and what its failure means.
//!
//! | kind | made when | its scheduled and started events |
//! |---|---|---|
//! | normal | something happened | are written as they happen |
//! | transient | the last one failed or timed out | have virtual ids; are written when it completes |
//! | speculative | an update came and nothing else is to be told | have virtual ids; are written if anything must be |
//!
//! A run has one task at most. While it is started, other events wait in the buffer.

use durably_protos::temporal::api::enums::v1::{
    SuggestContinueAsNewReason, TaskQueueKind, WorkflowTaskFailedCause,
};
use durably_protos::temporal::api::failure::v1::Failure;
use durably_protos::temporal::api::history::v1::{
    WorkflowTaskFailedEventAttributes, WorkflowTaskScheduledEventAttributes,
    WorkflowTaskStartedEventAttributes,
};
use durably_protos::temporal::api::taskqueue::v1::TaskQueue;

use super::Run;
use crate::server::time::{Span, Time};
use crate::server::timers::{RunTimer, TimerKey};
use crate::server::world::{Effect, TaskFailure, Tx};

/// Whether its events are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum TaskKind {
    Normal,
    Transient,
    Speculative,
}

/// A workflow task that is scheduled, and started if `started` says so.
#[derive(Debug, Clone)]
pub(crate) struct WorkflowTask {
    pub(crate) kind: TaskKind,
    pub(crate) attempt: i32,
    pub(crate) scheduled_id: i64,
    pub(crate) scheduled_time: Time,
    pub(crate) original_scheduled_time: Time,
    pub(crate) timeout: Span,
    pub(crate) queue: TaskQueue,
    pub(crate) started: Option<Started>,
    pub(crate) timer: Option<TimerKey>,
    /// Tells this task from all others of the run; tokens carry it.
    pub(crate) stamp: i64,
}

/// A workflow task in a worker's hands.
#[derive(Debug, Clone)]
pub(crate) struct Started {
    pub(crate) id: i64,
    pub(crate) time: Time,
    pub(crate) identity: String,
    pub(crate) request_id: String,
    pub(crate) history_size_bytes: i64,
    pub(crate) suggest_continue_as_new: Vec<i32>,
}

impl WorkflowTask {
    pub(crate) fn is_started(&self) -> bool {
        self.started.is_some()
    }

    pub(crate) fn is_sticky(&self) -> bool {
        self.queue.kind() == TaskQueueKind::Sticky
    }

    pub(crate) fn scheduled_event(&self) -> WorkflowTaskScheduledEventAttributes {
        WorkflowTaskScheduledEventAttributes {
            task_queue: Some(self.queue.clone()),
            start_to_close_timeout: Some(self.timeout.duration()),
            attempt: self.attempt,
        }
    }
}

impl Started {
    pub(crate) fn event(&self, scheduled_event_id: i64) -> WorkflowTaskStartedEventAttributes {
        WorkflowTaskStartedEventAttributes {
            scheduled_event_id,
            identity: self.identity.clone(),
            request_id: self.request_id.clone(),
            suggest_continue_as_new: !self.suggest_continue_as_new.is_empty(),
            suggest_continue_as_new_reasons: self.suggest_continue_as_new.clone(),
            history_size_bytes: self.history_size_bytes,
            ..WorkflowTaskStartedEventAttributes::default()
        }
    }
}

impl Run {
    /// Makes a workflow task. There must be none.
    pub(crate) fn schedule_workflow_task(&mut self, tx: &mut Tx<'_>, wanted: TaskKind) {
        debug_assert!(self.workflow_task.is_none(), "a run has one task at most");
        self.end_first_task_delay(tx);
        let attempt = self.workflow_task_attempt;
        let kind = match wanted {
            _ if attempt > 1 => TaskKind::Transient,
            wanted => wanted,
        };
        let task = WorkflowTask {
            kind,
            attempt,
            scheduled_id: self.history.next_id(),
            scheduled_time: tx.now,
            original_scheduled_time: tx.now,
            timeout: self.workflow_task_timeout(tx, attempt),
            queue: self.next_queue(),
            started: None,
            timer: None,
            stamp: tx.next_task_id(),
        };
        if kind == TaskKind::Normal {
            self.write(tx, task.scheduled_event());
        }
        let task = self.workflow_task.insert(task);
        if let Some(sticky) = &self.sticky
            && !sticky.schedule_to_start_timeout.is_zero()
        {
            let due = tx.now.after(sticky.schedule_to_start_timeout);
            let timer = RunTimer::WorkflowTaskScheduleToStart;
            task.timer = Some(tx.arm(self.index, due, timer));
        }
        tx.effects.push_back(Effect::WorkflowTask(self.index));
    }

    /// From the fourth attempt on a worker has longer, so that a task that is too large is done at last.
    fn workflow_task_timeout(&self, tx: &Tx<'_>, attempt: i32) -> Span {
        let timeout = Span::of(self.started().workflow_task_timeout.as_ref());
        let extra = u32::try_from(attempt - 4).ok();
        extra.map_or(timeout, |doublings| {
            let factor = 1_i64.checked_shl(doublings.min(16)).unwrap_or(i64::MAX);
            let longest = tx.limits.longest_extra_workflow_task_timeout;
            Span(timeout.0 + Span::seconds(5 * factor).0.min(longest.0))
        })
    }

    /// Gives the workflow task to a worker.
    ///
    /// A transient task that something was written behind becomes a normal one.
    pub(crate) fn start_workflow_task(
        &mut self,
        tx: &mut Tx<'_>,
        identity: &str,
        request_id: String,
    ) -> Option<&WorkflowTask> {
        let mut task = self.workflow_task.take()?;
        tx.timers.clear(&mut task.timer);
        if task.kind != TaskKind::Normal && self.history.next_id() != task.scheduled_id {
            task.kind = TaskKind::Normal;
            task.attempt = 1;
            self.workflow_task_attempt = 1;
            task.scheduled_id = self.history.next_id();
            self.write_at(tx, task.scheduled_time, task.scheduled_event());
        }
        let id = match task.kind {
            TaskKind::Normal => self.history.next_id(),
            TaskKind::Transient | TaskKind::Speculative => task.scheduled_id + 1,
        };
        let started = Started {
            id,
            time: tx.now,
            identity: identity.to_owned(),
            request_id,
            history_size_bytes: self.history.size_bytes(),
            suggest_continue_as_new: self.reasons_to_continue_as_new(tx, id),
        };
        if task.kind == TaskKind::Normal {
            self.write(tx, started.event(task.scheduled_id));
            self.history.end_batch();
        }
        task.started = Some(started);
        let due = tx.now.after(task.timeout);
        task.timer = Some(tx.arm(self.index, due, RunTimer::WorkflowTaskStartToClose));
        Some(self.workflow_task.insert(task))
    }

    fn reasons_to_continue_as_new(&self, tx: &Tx<'_>, started_id: i64) -> Vec<i32> {
        let limits = &tx.limits;
        let reasons = [
            (
                self.history.size_bytes() >= limits.suggest_continue_as_new_bytes,
                SuggestContinueAsNewReason::HistorySizeTooLarge,
            ),
            (
                started_id >= limits.suggest_continue_as_new_events,
                SuggestContinueAsNewReason::TooManyHistoryEvents,
            ),
            (
                self.updates.total() * 10 >= limits.updates * 9,
                SuggestContinueAsNewReason::TooManyUpdates,
            ),
        ];
        let reasons = reasons.into_iter().filter(|(holds, _)| *holds);
        reasons.map(|(_, reason)| reason.into()).collect()
    }

    /// Writes the scheduled and started events of a task that has virtual ids, which become real.
    ///
    /// Of a speculative task the real server does not keep who took it: its start names who answers it
    /// now, or nobody.
    pub(crate) fn materialize_workflow_task(&mut self, tx: &mut Tx<'_>, answered_by: &str) {
        let Some(mut task) = self.workflow_task.take() else {
            return;
        };
        if task.kind != TaskKind::Normal {
            let is_speculative = task.kind == TaskKind::Speculative;
            task.kind = TaskKind::Normal;
            task.scheduled_id = self.write_at(tx, task.scheduled_time, task.scheduled_event());
            if let Some(started) = &mut task.started {
                let mut event = started.event(task.scheduled_id);
                if is_speculative {
                    answered_by.clone_into(&mut event.identity);
                }
                started.id = self.write_at(tx, started.time, event);
                self.history.end_batch();
            }
        }
        self.workflow_task = Some(task);
    }

    /// Takes the workflow task away because it failed, and says so in the history if it is the first
    /// attempt. The next one is scheduled at the end of the transaction.
    pub(crate) fn fail_workflow_task(
        &mut self,
        tx: &mut Tx<'_>,
        cause: WorkflowTaskFailedCause,
        failure: Option<Failure>,
        identity: &str,
    ) {
        let is_speculative =
            |task: &WorkflowTask| task.kind == TaskKind::Speculative && task.is_started();
        if self.workflow_task.as_ref().is_some_and(is_speculative) {
            self.materialize_workflow_task(tx, identity);
        }
        let Some(mut task) = self.workflow_task.take() else {
            return;
        };
        tx.timers.clear(&mut task.timer);
        if TaskFailure::is_fault(cause) {
            let failure = failure.clone();
            let failed = Box::new(TaskFailure { cause, failure });
            tx.effects.push_back(Effect::TaskFailed(self.index, failed));
        }
        if let (TaskKind::Normal, Some(started)) = (task.kind, &task.started) {
            let failed = WorkflowTaskFailedEventAttributes {
                scheduled_event_id: task.scheduled_id,
                started_event_id: started.id,
                cause: cause.into(),
                failure,
                identity: identity.to_owned(),
                ..WorkflowTaskFailedEventAttributes::default()
            };
            self.write(tx, failed);
        }
        self.after_lost_workflow_task(tx, &task);
    }

    /// What follows a task that failed or timed out: the next attempt, which is a first one if there
    /// is news for it or if the lost one was on a sticky queue.
    pub(crate) fn after_lost_workflow_task(&mut self, tx: &mut Tx<'_>, task: &WorkflowTask) {
        self.close_attempted = false;
        self.updates.unsend();
        self.detach_queries();
        let has_news = self.flush_buffer(tx);
        self.sticky = None;
        self.workflow_task_attempt = if has_news || task.is_sticky() {
            1
        } else {
            task.attempt.saturating_add(1)
        };
        tx.needs_workflow_task = true;
    }

    /// The buffer is full: the task is taken from its worker so that the buffer can be written.
    pub(crate) fn force_workflow_task_to_fail(&mut self, tx: &mut Tx<'_>) {
        let is_sticky = self
            .workflow_task
            .as_ref()
            .is_some_and(WorkflowTask::is_sticky);
        let attempt = self.workflow_task_attempt;
        let cause = WorkflowTaskFailedCause::ForceCloseCommand;
        self.fail_workflow_task(tx, cause, None, "history-service");
        // What is written so counts as no news: the next task is a further attempt.
        if !is_sticky {
            self.workflow_task_attempt = attempt.saturating_add(1);
        }
    }
}
