//! `QueryWorkflow`.

use std::sync::Arc;
use std::time::Duration;

use durably_protos::temporal::api::enums::v1::{
    QueryRejectCondition, ResourceExhaustedCause, WorkflowExecutionStatus,
};
use durably_protos::temporal::api::query::v1::QueryRejected;
use durably_protos::temporal::api::workflowservice::v1::{
    QueryWorkflowRequest, QueryWorkflowResponse,
};
use tonic::Status;

use super::Deadline;
use crate::server::refusal::{Answer, closed_before_first_task, exhausted, invalid, not_ready};
use crate::server::run::QueryAnswer;
use crate::server::shared::Shared;
use crate::server::validate;
use crate::server::waiters::Waiting;
use crate::server::world::{RunIndex, World};

/// How long a caller without a deadline waits, as that of the real server's own calls.
const LONGEST_WAIT: Duration = Duration::from_secs(30);
/// From this attempt of the workflow task on, the workflow is taken to be unable to answer.
const FAILING_ATTEMPT: i32 = 3;

pub(super) async fn query(
    shared: Arc<Shared>,
    request: QueryWorkflowRequest,
    deadline: Deadline,
) -> Answer<QueryWorkflowResponse> {
    let asked = match shared.with(|world| ask(world, request))? {
        Ok(asked) => asked,
        Err(rejected) => return Ok(rejected_as(rejected)),
    };
    let mut asked = Asked {
        shared: shared.clone(),
        place: Some((asked.0, asked.1)),
        waiting: asked.2,
    };
    // The worker that has the query may be gone.
    let wait = deadline.left().unwrap_or(LONGEST_WAIT);
    let answer = tokio::time::timeout(wait, &mut asked.waiting).await;
    let answer = answer.ok().flatten();
    if answer.is_some() {
        asked.place = None;
    }
    match answer {
        Some(Ok(query_result)) => Ok(QueryWorkflowResponse {
            query_result,
            ..QueryWorkflowResponse::default()
        }),
        Some(Err(status)) => Err(status),
        None => Err(Status::deadline_exceeded("context deadline exceeded")),
    }
}

/// A query that waits. Given up, it is taken away.
struct Asked {
    shared: Arc<Shared>,
    place: Option<(RunIndex, u64)>,
    waiting: Waiting<QueryAnswer>,
}

impl Drop for Asked {
    fn drop(&mut self) {
        if let Some((run, query)) = self.place.take() {
            let canceled = Err(Status::cancelled("the caller has gone"));
            self.shared.with(|world| {
                world.change(run, |run, _| run.answer_query(query, canceled));
            });
        }
    }
}

type Placed = (RunIndex, u64, Waiting<QueryAnswer>);

fn ask(
    world: &mut World,
    request: QueryWorkflowRequest,
) -> Answer<Result<Placed, WorkflowExecutionStatus>> {
    let condition = request.query_reject_condition();
    let Some(query) = request.query else {
        return Err(invalid("WorkflowQuery is not set on request."));
    };
    validate::required(&world.limits, &query.query_type, "QueryType")?;
    let index = world.find(&request.namespace, request.execution.as_ref())?;
    let longest = world.limits.waiting_queries;
    let Some(run) = world.run(index) else {
        return Err(crate::server::refusal::workflow_not_found(""));
    };
    let is_rejected = match condition {
        QueryRejectCondition::NotOpen => !run.is_open(),
        QueryRejectCondition::NotCompletedCleanly => {
            !run.is_open() && run.status != WorkflowExecutionStatus::Completed
        }
        QueryRejectCondition::None | QueryRejectCondition::Unspecified => false,
    };
    if is_rejected {
        return Ok(Err(run.status));
    }
    if !run.is_open() && run.last_completed_id == 0 {
        return Err(closed_before_first_task());
    }
    let attempt = run.workflow_task.as_ref().map_or(0, |task| task.attempt);
    if attempt >= FAILING_ATTEMPT {
        return Err(not_ready(
            "Unable to query workflow due to Workflow Task in failed state.",
        ));
    }
    if run.queries.len() >= longest {
        return Err(exhausted(
            "consistent query buffer is full, cannot accept new consistent queries",
            ResourceExhaustedCause::BusyWorkflow,
        ));
    }
    let (waiter, waiting) = world.waiters.pair();
    let query = world.change(index, |run, _| run.ask(query, waiter));
    Ok(Ok((index, query.unwrap_or(0), waiting)))
}

fn rejected_as(status: WorkflowExecutionStatus) -> QueryWorkflowResponse {
    QueryWorkflowResponse {
        query_rejected: Some(QueryRejected {
            status: status.into(),
        }),
        ..QueryWorkflowResponse::default()
    }
}
