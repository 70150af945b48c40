//! The end of a run, and whether another one follows.
//!
//! | closed by | retry policy says retry | else a cron schedule | else |
//! |---|---|---|---|
//! | fail, run timeout | next attempt | next time | the end |
//! | complete | | next time | the end |
//! | continue as new | | | the run it names |
//! | cancel, terminate, execution timeout | | | the end |

use durably_protos::temporal::api::common::v1::Payloads;
use durably_protos::temporal::api::enums::v1::{RetryState, WorkflowExecutionStatus};
use durably_protos::temporal::api::enums::v1::{TimeoutType, WorkflowTaskFailedCause};
use durably_protos::temporal::api::failure::v1::failure::FailureInfo;
use durably_protos::temporal::api::failure::v1::{Failure, TimeoutFailureInfo};
use durably_protos::temporal::api::history::v1::{
    WorkflowExecutionCanceledEventAttributes, WorkflowExecutionCompletedEventAttributes,
    WorkflowExecutionFailedEventAttributes, WorkflowExecutionTimedOutEventAttributes,
};

use super::next_run::Follow;
use super::retry_policy::decide;
use super::{ChildEnd, RetryDecision, Run};
use crate::server::world::{Effect, Tx};

/// How a run ends, as its parent and its last event tell it.
#[derive(Debug)]
pub(crate) enum Closing {
    Completed(Option<Payloads>),
    Failed(Option<Box<Failure>>),
    Canceled(Option<Payloads>),
}

impl Run {
    /// A command of the workflow ends the run.
    pub(crate) fn close_by_command(
        &mut self,
        tx: &mut Tx<'_>,
        closing: Closing,
        completed_id: i64,
    ) {
        match closing {
            Closing::Completed(result) => {
                let next = self.next_of_cron(tx, Follow::Completed(result.clone()));
                let completed = WorkflowExecutionCompletedEventAttributes {
                    result: result.clone(),
                    workflow_task_completed_event_id: completed_id,
                    new_execution_run_id: next.unwrap_or_default(),
                };
                self.write(tx, completed);
                let status = WorkflowExecutionStatus::Completed;
                self.close(tx, status, ChildEnd::Completed(result));
            }
            Closing::Failed(failure) => {
                let failure = failure.map(|failure| *failure);
                let (next, retry_state) = self.next_after_failure(tx, failure.clone());
                let failed = WorkflowExecutionFailedEventAttributes {
                    failure: failure.clone(),
                    retry_state: retry_state.into(),
                    workflow_task_completed_event_id: completed_id,
                    new_execution_run_id: next.unwrap_or_default(),
                };
                self.write(tx, failed);
                let end = ChildEnd::Failed(failure.map(Box::new), retry_state);
                self.close(tx, WorkflowExecutionStatus::Failed, end);
            }
            Closing::Canceled(details) => {
                let canceled = WorkflowExecutionCanceledEventAttributes {
                    workflow_task_completed_event_id: completed_id,
                    details: details.clone(),
                };
                self.write(tx, canceled);
                let end = ChildEnd::Canceled(details);
                self.close(tx, WorkflowExecutionStatus::Canceled, end);
            }
        }
    }

    /// The run took too long: it may be retried, or have a next time.
    pub(crate) fn run_timed_out(&mut self, tx: &mut Tx<'_>) {
        self.run_timer = None;
        if !self.is_open() {
            return;
        }
        self.take_back_workflow_task(tx);
        let failure = timeout_failure();
        let (next, retry_state) = self.next_after_failure(tx, Some(failure));
        self.time_out(tx, next, retry_state);
    }

    /// All runs together took too long: nothing follows.
    pub(crate) fn execution_timed_out(&mut self, tx: &mut Tx<'_>) {
        self.execution_timer = None;
        if !self.is_open() {
            return;
        }
        self.take_back_workflow_task(tx);
        self.time_out(tx, None, RetryState::Timeout);
    }

    fn time_out(&mut self, tx: &mut Tx<'_>, next: Option<String>, retry_state: RetryState) {
        let timed_out = WorkflowExecutionTimedOutEventAttributes {
            retry_state: retry_state.into(),
            new_execution_run_id: next.unwrap_or_default(),
        };
        self.write(tx, timed_out);
        let status = WorkflowExecutionStatus::TimedOut;
        self.close(tx, status, ChildEnd::TimedOut(retry_state));
    }

    /// Ends the workflow task that a worker has, before something other than its answer closes the run.
    pub(crate) fn take_back_workflow_task(&mut self, tx: &mut Tx<'_>) {
        let is_started = |task: &super::WorkflowTask| task.is_started();
        if self.workflow_task.as_ref().is_some_and(is_started) {
            self.fail_workflow_task(
                tx,
                WorkflowTaskFailedCause::ForceCloseCommand,
                None,
                "history-service",
            );
        }
    }

    /// The next attempt or time of a run that failed.
    fn next_after_failure(
        &mut self,
        tx: &mut Tx<'_>,
        failure: Option<Failure>,
    ) -> (Option<String>, RetryState) {
        let started = self.started();
        let policy = started.retry_policy.as_ref();
        let deadline = self.execution_expiration();
        match decide(policy, failure.as_ref(), started.attempt, tx.now, deadline) {
            RetryDecision::After(delay) => {
                let next = self.follow(tx, Follow::Retry(failure), delay);
                (Some(next), RetryState::InProgress)
            }
            RetryDecision::No(retry_state) => {
                (self.next_of_cron(tx, Follow::Failed(failure)), retry_state)
            }
        }
    }

    fn next_of_cron(&mut self, tx: &mut Tx<'_>, follow: Follow) -> Option<String> {
        let delay = self.cron_delay(tx)?;
        Some(self.follow(tx, follow, delay))
    }

    /// What every end has in common.
    pub(crate) fn close(
        &mut self,
        tx: &mut Tx<'_>,
        status: WorkflowExecutionStatus,
        end: ChildEnd,
    ) {
        self.status = status;
        self.close_time = Some(tx.now);
        if let Some(mut task) = self.workflow_task.take() {
            tx.timers.clear(&mut task.timer);
        }
        self.sticky = None;
        self.end_first_task_delay(tx);
        self.drop_timers(tx);
        self.drop_activity_timers(tx);
        self.drop_nexus_timers(tx);
        self.close_updates(tx);
        tx.timers.clear(&mut self.run_timer);
        tx.timers.clear(&mut self.execution_timer);
        self.end_time_skipping(tx);
        self.apply_close_policies(tx);
        if self.next_run_id.is_none() && !self.is_replaced {
            tx.effects
                .push_back(Effect::Ended(self.index, Box::new(end)));
        }
    }
}

/// Why the next run of a run that timed out exists.
fn timeout_failure() -> Failure {
    Failure {
        message: "workflow timeout".to_owned(),
        source: "Server".to_owned(),
        failure_info: Some(FailureInfo::TimeoutFailureInfo(TimeoutFailureInfo {
            timeout_type: TimeoutType::StartToClose.into(),
            last_heartbeat_details: None,
        })),
        ..Failure::default()
    }
}
