//! `QueryWorkflow`.

use std::sync::Arc;
use std::time::Duration;

use durably_protos::temporal::api::common::v1::Payloads;
use durably_protos::temporal::api::enums::v1::{
    QueryRejectCondition, ResourceExhaustedCause, WorkflowExecutionStatus,
};
use durably_protos::temporal::api::query::v1::QueryRejected;
use durably_protos::temporal::api::workflowservice::v1::{
    QueryWorkflowRequest, QueryWorkflowResponse,
};
use tokio::time::Instant;
use tonic::Status;

use super::Deadline;
use crate::server::queues::{QueueKey, QueueKind, Task};
use crate::server::refusal::{Answer, closed_before_first_task, exhausted, invalid, not_ready};
use crate::server::run::{FirstTask, QueryAnswer};
use crate::server::shared::Shared;
use crate::server::time::Span;
use crate::server::validate;
use crate::server::waiters::Waiting;
use crate::server::world::{RunIndex, World};

/// How long a query waits at most, whatever the deadline of its caller.
const LONGEST_WAIT: Duration = Duration::from_secs(30);
/// How long before the end of the wait it is looked whether there are workers at all.
const MARGIN: Duration = Duration::from_secs(1);
/// How long ago a worker may have polled to count as one that is there.
const LATELY: Duration = Duration::from_secs(20);
const NOBODY_POLLS: &str = "no poller seen for task queue recently, worker may be down";
/// From this attempt of the workflow task on, the workflow is taken to be unable to answer.
const FAILING_ATTEMPT: i32 = 3;

pub(super) async fn query(
    shared: Arc<Shared>,
    request: QueryWorkflowRequest,
    deadline: Deadline,
) -> Answer<QueryWorkflowResponse> {
    let asked = match shared.with(|world| ask(world, request, deadline.left()))? {
        Ok(asked) => asked,
        Err(rejected) => return Ok(rejected_as(rejected)),
    };
    let mut asked = Asked {
        shared: shared.clone(),
        place: Some((asked.0, asked.1)),
        waiting: asked.2,
    };
    let sticky = shared.with(|world| sticky_timeout(world, asked.place));
    if let Some((run, query, timeout)) = sticky {
        let timeout = deadline.left().map_or(timeout, |left| left.min(timeout));
        if let Ok(Some(answer)) = tokio::time::timeout(timeout, &mut asked.waiting).await {
            asked.place = None;
            return answer.map(answered);
        }
        shared.with(|world| world.move_query(run, query));
    }
    let wait = deadline.left().unwrap_or(LONGEST_WAIT).min(LONGEST_WAIT);
    let until = Instant::now() + wait;
    let early = until - MARGIN.min(wait);
    let mut answer = tokio::time::timeout_at(early, &mut asked.waiting).await;
    if answer.is_err() {
        if shared.with(|world| nobody_polls(world, asked.place)) {
            return Err(not_ready(NOBODY_POLLS));
        }
        // The worker that has the query may be gone.
        answer = tokio::time::timeout_at(until, &mut asked.waiting).await;
    }
    match answer.ok().flatten() {
        Some(answer) => {
            asked.place = None;
            answer.map(answered)
        }
        None => Err(Status::deadline_exceeded(
            "query timed out before a worker could process it",
        )),
    }
}

/// Whether the query still waits for a worker, and none has polled lately.
fn nobody_polls(world: &World, place: Option<(RunIndex, u64)>) -> bool {
    let Some((index, query)) = place else {
        return false;
    };
    let Some(run) = world.run(index) else {
        return false;
    };
    let key = QueueKey {
        namespace: run.namespace.name.as_str().into(),
        kind: QueueKind::Workflow,
        name: run.task_queue.clone(),
    };
    world.queues.get(&key).is_some_and(|queue| {
        let is_it =
            |task: &Task| matches!(task, Task::Query(run, id) if (*run, *id) == (index, query));
        queue.tasks.iter().any(is_it) && queue.seen().all(|(_, ago)| ago > LATELY)
    })
}

fn answered(query_result: Option<Payloads>) -> QueryWorkflowResponse {
    QueryWorkflowResponse {
        query_result,
        ..QueryWorkflowResponse::default()
    }
}

/// How long the query waits, in real time, for the one worker that has the run in memory.
fn sticky_timeout(
    world: &World,
    place: Option<(RunIndex, u64)>,
) -> Option<(RunIndex, u64, Duration)> {
    let (index, query) = place?;
    let run = world.run(index)?;
    let timeout = run.sticky.as_ref()?.schedule_to_start_timeout;
    (!timeout.is_zero()).then(|| (index, query, timeout.std()))
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
    left: Option<Duration>,
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
    // Nobody can answer before the first workflow task, and by then the caller has gone.
    if let (FirstTask::Delayed(timer), Some(left)) = (&run.first_task, left)
        && world.now.after(Span::from_std(left)) < timer.due
    {
        return Err(not_ready("Workflow task is not scheduled yet."));
    }
    let attempt = run.workflow_task.as_ref().map_or(0, |task| task.attempt);
    if attempt >= FAILING_ATTEMPT {
        return Err(not_ready(
            "Unable to query workflow due to Workflow Task in failed state.",
        ));
    }
    if run.queries.len() >= longest {
        return Err(exhausted(
            "consistent query buffer is full, this may be caused by too many queries and workflow not able to process \
             query fast enough",
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
