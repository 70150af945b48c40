//! The answers to workflow tasks, and to queries that were tasks of their own.

use durably_protos::temporal::api::enums::v1::QueryResultType;
use durably_protos::temporal::api::workflowservice::v1::{
    PollActivityTaskQueueResponse, RespondQueryTaskCompletedRequest,
    RespondQueryTaskCompletedResponse, RespondWorkflowTaskCompletedRequest,
    RespondWorkflowTaskCompletedResponse, RespondWorkflowTaskFailedRequest,
    RespondWorkflowTaskFailedResponse,
};

use crate::server::queues::Handed;
use crate::server::refusal::{Answer, not_found, query_failed, workflow_task_not_found};
use crate::server::token::TaskToken;
use crate::server::world::{RunIndex, World};

pub(super) fn completed(
    world: &mut World,
    request: RespondWorkflowTaskCompletedRequest,
) -> Answer<RespondWorkflowTaskCompletedResponse> {
    world.namespaces.get(&request.namespace)?;
    let token = TaskToken::read(&request.task_token)?;
    let index = world
        .find_run_id(&token.run_id)
        .ok_or_else(workflow_task_not_found)?;
    let identity = request.identity.clone();
    let wants_more = request.return_new_workflow_task;
    let upserts = request.commands.iter().any(|command| {
        use durably_protos::temporal::api::command::v1::command::Attributes as A;
        matches!(
            command.attributes,
            Some(A::UpsertWorkflowSearchAttributesCommandAttributes(_))
        )
    });
    let completed = world.change(index, |run, tx| {
        run.complete_workflow_task(tx, token.stamp, request)
    });
    let completed = completed.unwrap_or_else(|| Err(workflow_task_not_found()))?;
    if upserts && world.namespaces.auto_register_search_attributes {
        world.learn_search_attributes(index);
    }
    let activity_tasks = eager_activities(world, index, &completed.eager, &identity);
    let workflow_task = if wants_more {
        match world.start_task_inline(index, &identity) {
            Some(Handed::Workflow(task)) => Some(*task),
            _ => None,
        }
    } else {
        None
    };
    Ok(RespondWorkflowTaskCompletedResponse {
        workflow_task,
        activity_tasks,
        reset_history_event_id: completed.reset_history_event_id,
    })
}

/// The activities that the worker may begin with the answer in its hands.
fn eager_activities(
    world: &mut World,
    index: RunIndex,
    scheduled_ids: &[i64],
    identity: &str,
) -> Vec<PollActivityTaskQueueResponse> {
    let mut tasks = Vec::new();
    for &scheduled_id in scheduled_ids {
        let request_id = world.ids.uuid();
        let task = world.change(index, |run, tx| {
            if !run.is_open() || !run.activities.contains_key(&scheduled_id) {
                return None;
            }
            run.start_activity(tx, scheduled_id, identity, request_id);
            run.hand_out_activity(scheduled_id)
        });
        tasks.extend(task.flatten());
    }
    tasks
}

pub(super) fn failed(
    world: &mut World,
    request: RespondWorkflowTaskFailedRequest,
) -> Answer<RespondWorkflowTaskFailedResponse> {
    world.namespaces.get(&request.namespace)?;
    let token = TaskToken::read(&request.task_token)?;
    let index = world
        .find_run_id(&token.run_id)
        .ok_or_else(workflow_task_not_found)?;
    let failed = world.change(index, |run, tx| {
        run.started_task(token.stamp)?;
        let cause = request.cause();
        run.fail_workflow_task(tx, cause, request.failure, &request.identity);
        Ok(())
    });
    failed.unwrap_or_else(|| Err(workflow_task_not_found()))?;
    Ok(RespondWorkflowTaskFailedResponse {})
}

pub(super) fn query_completed(
    world: &mut World,
    request: RespondQueryTaskCompletedRequest,
) -> Answer<RespondQueryTaskCompletedResponse> {
    world.namespaces.get(&request.namespace)?;
    let expired = || not_found("query task not found, or already expired");
    let token = TaskToken::read(&request.task_token)?;
    let index = world.find_run_id(&token.run_id).ok_or_else(expired)?;
    let query = u64::try_from(token.id).map_err(|_| expired())?;
    let answer = match request.completed_type() {
        QueryResultType::Answered => Ok(request.query_result),
        QueryResultType::Failed | QueryResultType::Unspecified => {
            Err(query_failed(request.error_message, request.failure))
        }
    };
    match world.change(index, |run, _| run.answer_query(query, answer)) {
        Some(true) => Ok(RespondQueryTaskCompletedResponse {}),
        Some(false) | None => Err(expired()),
    }
}
