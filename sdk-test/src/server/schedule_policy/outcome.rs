//! What became of decisions, and of the workflows that were started.

use durably_protos::temporal::api::common::v1::{Payloads, WorkflowExecution};
use durably_protos::temporal::api::enums::v1::WorkflowExecutionStatus;
use durably_protos::temporal::api::failure::v1::Failure;
use durably_protos::temporal::api::schedule::v1::ScheduleActionResult;
use jiff::Timestamp;

use super::action::{Decision, StartAction};
use super::state::{Running, ScheduleState};
use crate::server::schedule_spec::proto_timestamp;

/// How many actions a schedule remembers.
const RECENT_ACTIONS: usize = 10;

/// How a workflow closed: the last run of its chain.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct WorkflowOutcome {
    pub(crate) status: WorkflowExecutionStatus,
    /// The result, if it completed.
    pub(crate) result: Option<Payloads>,
    /// The failure, if it failed.
    pub(crate) failure: Option<Failure>,
}

impl ScheduleState {
    /// The workflow of a start runs since `now`. An id that no start awaits is passed over.
    pub(crate) fn record_started(&mut self, id: u64, run_id: &str, now: Timestamp) {
        let Some(start) = self.take_start(id) else {
            return;
        };
        let execution = WorkflowExecution {
            workflow_id: start.workflow_id,
            run_id: run_id.to_owned(),
        };
        self.counters.actions += 1;
        let mut result = ScheduleActionResult {
            schedule_time: Some(proto_timestamp(start.actual_time)),
            actual_time: Some(proto_timestamp(now)),
            start_workflow_result: Some(execution.clone()),
            ..ScheduleActionResult::default()
        };
        result.set_start_workflow_status(WorkflowExecutionStatus::Running);
        if self.recent_actions.len() == RECENT_ACTIONS {
            self.recent_actions.pop_front();
        }
        self.recent_actions.push_back(result);
        if !start.overlapping {
            self.running.push(Running {
                execution,
                cancel_requested: false,
                terminate_requested: false,
            });
        }
    }

    /// The workflow of a start could not be started, such as for a workflow id in use. The start is lost; the next
    /// one in the buffer may have its turn.
    pub(crate) fn record_failed(&mut self, id: u64, now: Timestamp) -> Vec<Decision> {
        match self.take_start(id) {
            Some(_) => self.advance(now),
            None => Vec::new(),
        }
    }

    /// A workflow closed. One that the schedule does not track is of no concern to it.
    pub(crate) fn workflow_closed(
        &mut self,
        workflow_id: &str,
        outcome: WorkflowOutcome,
        now: Timestamp,
    ) -> Vec<Decision> {
        let tracked = |running: &Running| running.execution.workflow_id == workflow_id;
        let Some(place) = self.running.iter().position(tracked) else {
            return Vec::new();
        };
        self.running.remove(place);
        // The newest: a trigger may have used the id before.
        let recent = self.recent_actions.iter_mut().rev().find(|action| {
            let execution = action.start_workflow_result.as_ref();
            execution.is_some_and(|execution| execution.workflow_id == workflow_id)
        });
        if let Some(recent) = recent {
            recent.set_start_workflow_status(outcome.status);
        }
        self.pause_on_failure(workflow_id, &outcome);
        if outcome.result.is_some() {
            self.last_completion_result = outcome.result;
            self.continued_failure = None;
        } else if outcome.failure.is_some() {
            self.continued_failure = outcome.failure;
        }
        self.advance(now)
    }

    fn pause_on_failure(&mut self, workflow_id: &str, outcome: &WorkflowOutcome) {
        let paused = self
            .schedule
            .state
            .as_ref()
            .is_some_and(|state| state.paused);
        if paused || !self.policies().pause_on_failure {
            return;
        }
        let note = match outcome.status {
            WorkflowExecutionStatus::Failed => {
                let message = outcome
                    .failure
                    .as_ref()
                    .map_or("", |failure| failure.message.as_str());
                format!("paused due to workflow failure: {workflow_id}: {message}")
            }
            WorkflowExecutionStatus::TimedOut => {
                format!("paused due to workflow timeout: {workflow_id}")
            }
            _ => return,
        };
        self.set_paused(true, &note);
    }

    fn take_start(&mut self, id: u64) -> Option<StartAction> {
        let place = self.starting.iter().position(|start| start.id == id)?;
        Some(self.starting.remove(place))
    }
}
