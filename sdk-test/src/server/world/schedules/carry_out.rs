//! What becomes of the decisions of schedules.

use std::collections::VecDeque;

use durably_protos::temporal::api::common::v1::WorkflowExecution;
use durably_protos::temporal::api::enums::v1::WorkflowIdReusePolicy as Reuse;
use durably_protos::temporal::api::workflow::v1::NewWorkflowExecutionInfo;
use durably_protos::temporal::api::workflowservice::v1::StartWorkflowExecutionRequest;

use super::Scheduled;
use crate::server::rpc::start_workflow;
use crate::server::run::Run;
use crate::server::schedule_policy::{CANCEL_REASON, Decision, StartAction, TERMINATE_REASON};
use crate::server::world::{Execution, RunIndex, World};

impl World {
    /// Does what a schedule decided, in its order; what it decides upon that comes last.
    pub(super) fn carry_out_decisions(&mut self, number: u64, decisions: Vec<Decision>) {
        let mut decisions = VecDeque::from(decisions);
        while let Some(decision) = decisions.pop_front() {
            match decision {
                Decision::Start(start) => {
                    decisions.extend(self.start_scheduled(number, &start));
                }
                Decision::Cancel(execution) => {
                    self.stop_scheduled(number, &execution, |world, run, identity| {
                        world.change(run, |run, tx| {
                            run.request_cancel(tx, CANCEL_REASON.to_owned(), identity, None);
                        });
                    });
                }
                Decision::Terminate(execution) => {
                    self.stop_scheduled(number, &execution, |world, run, identity| {
                        world.change(run, |run, tx| {
                            run.terminate(tx, TERMINATE_REASON.to_owned(), None, identity);
                        });
                    });
                }
            }
        }
    }

    /// Starts a workflow as a client would, with all checks. One that is refused is lost, as by the real server.
    fn start_scheduled(&mut self, number: u64, start: &StartAction) -> Vec<Decision> {
        let Some(request) = self.start_request(number, start) else {
            return Vec::new();
        };
        let started = start_workflow(self, request);
        let now = self.now.jiff();
        let first_run = started.map(|index| self.run(index).map(|run| run.run_id.clone()));
        let Some(schedule) = self.schedules.by_number.get_mut(&number) else {
            return Vec::new();
        };
        match first_run {
            Ok(Some(first_run)) => {
                schedule.state.record_started(start.id, &first_run, now);
                if !start.overlapping {
                    self.schedules.followed.insert(first_run, number);
                }
                Vec::new()
            }
            Ok(None) => schedule.state.record_failed(start.id, now),
            Err(status) => {
                tracing::warn!(
                    schedule = &*schedule.schedule_id,
                    workflow_id = start.workflow_id,
                    refused = status.message(),
                    "a schedule could not start its workflow"
                );
                schedule.state.record_failed(start.id, now)
            }
        }
    }

    fn start_request(
        &mut self,
        number: u64,
        start: &StartAction,
    ) -> Option<StartWorkflowExecutionRequest> {
        let request_id = self.ids.uuid();
        let schedule = self.schedules.get(number)?;
        let action = schedule.state.action()?.clone();
        let reuse = if start.manual {
            Reuse::AllowDuplicate
        } else {
            Reuse::RejectDuplicate
        };
        let search_attributes =
            start.search_attributes(&schedule.schedule_id, action.search_attributes.as_ref());
        let NewWorkflowExecutionInfo {
            workflow_type,
            task_queue,
            input,
            workflow_execution_timeout,
            workflow_run_timeout,
            workflow_task_timeout,
            retry_policy,
            memo,
            header,
            user_metadata,
            versioning_override,
            priority,
            ..
        } = action;
        Some(StartWorkflowExecutionRequest {
            namespace: schedule.namespace.name.clone(),
            workflow_id: start.workflow_id.clone(),
            workflow_type,
            task_queue,
            input,
            workflow_execution_timeout,
            workflow_run_timeout,
            workflow_task_timeout,
            identity: schedule.identity(),
            request_id,
            workflow_id_reuse_policy: reuse.into(),
            retry_policy,
            memo,
            search_attributes: Some(search_attributes),
            header,
            continued_failure: start.continued_failure.clone(),
            last_completion_result: start.last_completion_result.clone(),
            user_metadata,
            versioning_override,
            priority,
            ..StartWorkflowExecutionRequest::default()
        })
    }

    /// Stops the current run of an execution that a schedule started, if it is still open.
    fn stop_scheduled(
        &mut self,
        number: u64,
        execution: &WorkflowExecution,
        stop: impl FnOnce(&mut Self, RunIndex, String),
    ) {
        let Some(schedule) = self.schedules.get(number) else {
            return;
        };
        let identity = schedule.identity();
        let current = self.find_execution(Execution {
            namespace: &schedule.namespace.name,
            workflow_id: &execution.workflow_id,
            run_id: "",
            first_run_id: &execution.run_id,
        });
        if let Ok(index) = current
            && self.run(index).is_some_and(Run::is_open)
        {
            stop(self, index, identity);
        }
    }
}

impl Scheduled {
    /// Who starts and stops workflows for the schedule, as events show it.
    fn identity(&self) -> String {
        let Self {
            namespace,
            schedule_id,
            ..
        } = self;
        format!("temporal-scheduler-{}-{schedule_id}", namespace.name)
    }
}
