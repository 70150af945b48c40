//! `UpdateWorkflowExecution` and `PollWorkflowExecutionUpdate`.

use std::sync::Arc;
use std::time::Duration;

use durably_protos::temporal::api::common::v1::Link;
use durably_protos::temporal::api::common::v1::link::workflow_event::{
    Reference, RequestIdReference,
};
use durably_protos::temporal::api::common::v1::link::{Variant, Workflow as LinkedWorkflow};
use durably_protos::temporal::api::enums::v1::{
    EventType, ResourceExhaustedCause, UpdateWorkflowExecutionLifecycleStage as Stage,
};
use durably_protos::temporal::api::update::v1::{Request, UpdateRef, WaitPolicy, outcome};
use durably_protos::temporal::api::workflowservice::v1::{
    PollWorkflowExecutionUpdateRequest, PollWorkflowExecutionUpdateResponse,
    UpdateWorkflowExecutionRequest, UpdateWorkflowExecutionResponse,
};

use tonic::Status;

use super::Deadline;
use super::start::link;
use crate::server::refusal::{
    Answer, already_completed, closing, exhausted, invalid, not_found, not_ready, permission_denied,
};
use crate::server::run::{Run, UpdateStage};
use crate::server::shared::Shared;
use crate::server::waiters::Waiting;
use crate::server::world::{RunIndex, World};

/// How long a call waits for a stage, in real time.
const LONGEST_WAIT: Duration = Duration::from_secs(20);
/// From this attempt of the workflow task on, the workflow is taken to be unable to answer.
const FAILING_ATTEMPT: i32 = 3;

/// An update that was asked for.
pub(super) struct Asked {
    pub(super) run: RunIndex,
    pub(super) update_ref: UpdateRef,
    /// Of the call, which names it in the link of its answer.
    request_id: String,
    waiting: Option<Waiting<Answer<UpdateStage>>>,
}

pub(super) async fn update(
    shared: Arc<Shared>,
    request: UpdateWorkflowExecutionRequest,
    deadline: Deadline,
) -> Answer<UpdateWorkflowExecutionResponse> {
    let asked = shared.with(|world| {
        let execution = request.workflow_execution.as_ref();
        let first = &request.first_execution_run_id;
        let index = world.find_in_chain(&request.namespace, execution, first)?;
        let (update, stage) = check(
            world,
            request.request.as_ref(),
            request.wait_policy.as_ref(),
        )?;
        ask(world, index, update, stage)
    })?;
    wait(shared, asked, deadline).await
}

/// Waits for the stage that was asked for, at most as long as a call may.
pub(super) async fn wait(
    shared: Arc<Shared>,
    asked: Asked,
    deadline: Deadline,
) -> Answer<UpdateWorkflowExecutionResponse> {
    let reached = match asked.waiting {
        Some(waiting) => {
            let left = deadline.left().filter(|left| *left < LONGEST_WAIT);
            let waited = tokio::time::timeout(left.unwrap_or(LONGEST_WAIT), waiting).await;
            match (waited, left) {
                (Err(_), Some(_)) => {
                    return Err(Status::deadline_exceeded("context deadline exceeded"));
                }
                (waited, _) => waited.ok(),
            }
        }
        None => None,
    };
    let id = &asked.update_ref.update_id;
    let reached = match reached.flatten() {
        Some(reached) => reached?,
        None => shared.with(|world| current(world, asked.run, id))?,
    };
    let link = shared.with(|world| {
        let run = world.run(asked.run)?;
        update_link(run, &reached, asked.request_id)
    });
    Ok(UpdateWorkflowExecutionResponse {
        update_ref: Some(asked.update_ref),
        outcome: reached.outcome,
        stage: reached.stage.into(),
        link,
    })
}

/// The event of an update's acceptance. A failed one is said to be rejected, even if it was accepted.
fn update_link(run: &Run, reached: &UpdateStage, request_id: String) -> Option<Link> {
    let outcome = reached.outcome.as_ref();
    let value = outcome.and_then(|outcome| outcome.value.as_ref());
    if let Some(outcome::Value::Failure(_)) = value {
        let run = LinkedWorkflow {
            namespace: run.namespace.name.clone(),
            workflow_id: run.workflow_id.to_string(),
            run_id: run.run_id.to_string(),
            reason: "Update rejected".to_owned(),
        };
        return Some(Link {
            variant: Some(Variant::Workflow(run)),
        });
    }
    let accepted = Reference::RequestIdRef(RequestIdReference {
        request_id,
        event_type: EventType::WorkflowExecutionUpdateAccepted.into(),
    });
    (reached.stage >= Stage::Accepted).then(|| link(run, accepted))
}

fn current(world: &World, run: RunIndex, id: &str) -> Answer<UpdateStage> {
    let update = world.run(run).and_then(|run| run.updates.get(id));
    let update = update.ok_or_else(|| not_found(format!("update \"{id}\" not found")))?;
    Ok(update.reached.clone())
}

/// Checks what a request says, and fills in what it leaves open.
pub(super) fn check(
    world: &mut World,
    request: Option<&Request>,
    wait: Option<&WaitPolicy>,
) -> Answer<(Request, Stage)> {
    let Some(request) = request else {
        return Err(invalid("Update meta is not set on request."));
    };
    let Some(meta) = &request.meta else {
        return Err(invalid("Update meta is not set on request."));
    };
    let name = request.input.as_ref().map_or("", |input| &input.name);
    if name.is_empty() {
        return Err(invalid("Update name is not set on request."));
    }
    let limits = &world.limits;
    crate::server::validate::length(limits, &meta.update_id, "UpdateID")?;
    let stage = match wait.map(WaitPolicy::lifecycle_stage) {
        Some(Stage::Admitted) => {
            return Err(permission_denied(
                "UpdateWorkflowExecution issued asynchronously and waiting on update admitted is not supported.",
            ));
        }
        Some(Stage::Completed) => Stage::Completed,
        Some(Stage::Accepted | Stage::Unspecified) | None => Stage::Accepted,
    };
    let mut request = request.clone();
    if let Some(meta) = &mut request.meta
        && meta.update_id.is_empty()
    {
        meta.update_id = world.ids.uuid();
    }
    Ok((request, stage))
}

/// Brings an update to a run, or joins the one with its id.
pub(super) fn ask(
    world: &mut World,
    index: RunIndex,
    request: Request,
    stage: Stage,
) -> Answer<Asked> {
    let id = request
        .meta
        .as_ref()
        .map_or_else(String::new, |meta| meta.update_id.clone());
    let request_id = request.request_id.clone();
    let run = world.run(index).ok_or_else(already_completed)?;
    let update_ref = UpdateRef {
        workflow_execution: Some(run.execution()),
        update_id: id.clone(),
    };
    let is_new = run.updates.get(&id).is_none();
    if is_new {
        may_begin(world, run)?;
    }
    let (waiter, waiting) = world.waiters.pair();
    world.change(index, |run, _| {
        if is_new {
            run.updates.admit(id.clone(), request, false);
        }
        run.updates.wait(&id, stage, waiter);
    });
    Ok(Asked {
        run: index,
        update_ref,
        request_id,
        waiting: Some(waiting),
    })
}

fn may_begin(world: &World, run: &Run) -> Answer<()> {
    if !run.is_open() {
        return Err(match run.next_run_id {
            Some(_) => closing(),
            None => already_completed(),
        });
    }
    if run.is_closing() {
        return Err(closing());
    }
    let attempt = run.workflow_task.as_ref().map_or(0, |task| task.attempt);
    if attempt >= FAILING_ATTEMPT {
        return Err(not_ready(
            "Unable to perform workflow execution update due to Workflow Task in failed state.",
        ));
    }
    let limits = &world.limits;
    let cause = ResourceExhaustedCause::ConcurrentLimit;
    if run.updates.open() >= limits.open_updates {
        let text = format!(
            "limit on number of concurrent in-flight updates has been reached ({})",
            limits.open_updates
        );
        return Err(exhausted(text, cause));
    }
    if run.updates.total() >= limits.updates {
        return Err(Status::failed_precondition(format!(
            "The limit on the total number of distinct updates in this workflow has been reached ({}). Make sure any \
             duplicate updates share an Update ID so the server can deduplicate them, and consider rejecting updates \
             that you aren't going to process",
            limits.updates
        )));
    }
    Ok(())
}

pub(super) async fn poll(
    shared: Arc<Shared>,
    request: PollWorkflowExecutionUpdateRequest,
    deadline: Deadline,
) -> Answer<PollWorkflowExecutionUpdateResponse> {
    let asked = shared.with(|world| {
        let Some(update_ref) = request.update_ref else {
            return Err(invalid("UpdateRef is not set on request."));
        };
        let index = world.find(&request.namespace, update_ref.workflow_execution.as_ref())?;
        let id = update_ref.update_id;
        current(world, index, &id)?;
        let run = world.run(index).ok_or_else(already_completed)?;
        let update_ref = UpdateRef {
            workflow_execution: Some(run.execution()),
            update_id: id.clone(),
        };
        let stage = request
            .wait_policy
            .map_or(Stage::Unspecified, |wait| wait.lifecycle_stage());
        let waiting = (stage != Stage::Unspecified).then(|| {
            let (waiter, waiting) = world.waiters.pair();
            world.change(index, |run, _| run.updates.wait(&id, stage, waiter));
            waiting
        });
        Ok(Asked {
            run: index,
            update_ref,
            request_id: String::new(),
            waiting,
        })
    })?;
    let response = wait(shared, asked, deadline).await?;
    Ok(PollWorkflowExecutionUpdateResponse {
        outcome: response.outcome,
        stage: response.stage,
        update_ref: response.update_ref,
    })
}
