//! The answers and heartbeats of activities, by task token.

use durably_protos::temporal::api::failure::v1::Failure;
use durably_protos::temporal::api::failure::v1::failure::FailureInfo;
use durably_protos::temporal::api::workflowservice::v1::{
    RecordActivityTaskHeartbeatRequest, RecordActivityTaskHeartbeatResponse,
    RespondActivityTaskCanceledRequest, RespondActivityTaskCanceledResponse,
    RespondActivityTaskCompletedRequest, RespondActivityTaskCompletedResponse,
    RespondActivityTaskFailedRequest, RespondActivityTaskFailedResponse,
};

use crate::server::refusal::{Answer, activity_not_found, already_completed, invalid};
use crate::server::run::{ActivityState, Run};
use crate::server::token::TaskToken;
use crate::server::world::{RunIndex, Tx, World};

pub(super) fn completed(
    world: &mut World,
    request: RespondActivityTaskCompletedRequest,
) -> Answer<RespondActivityTaskCompletedResponse> {
    let (index, id) = find(world, &request.namespace, &request.task_token)?;
    change(world, index, |run, tx| {
        run.complete_activity(tx, id, request.result, request.identity);
        Ok(RespondActivityTaskCompletedResponse {})
    })
}

pub(super) fn failed(
    world: &mut World,
    request: RespondActivityTaskFailedRequest,
) -> Answer<RespondActivityTaskFailedResponse> {
    check_failure(request.failure.as_ref())?;
    let (index, id) = find(world, &request.namespace, &request.task_token)?;
    change(world, index, |run, tx| {
        let details = request.last_heartbeat_details;
        run.fail_activity(tx, id, request.failure, details, request.identity);
        Ok(RespondActivityTaskFailedResponse::default())
    })
}

pub(super) fn canceled(
    world: &mut World,
    request: RespondActivityTaskCanceledRequest,
) -> Answer<RespondActivityTaskCanceledResponse> {
    let (index, id) = find(world, &request.namespace, &request.task_token)?;
    change(world, index, |run, tx| {
        run.cancel_activity(tx, id, request.details, request.identity)?;
        Ok(RespondActivityTaskCanceledResponse {})
    })
}

pub(super) fn heartbeat(
    world: &mut World,
    request: RecordActivityTaskHeartbeatRequest,
) -> Answer<RecordActivityTaskHeartbeatResponse> {
    let (index, id) = find(world, &request.namespace, &request.task_token)?;
    change(world, index, |run, tx| {
        Ok(run.heartbeat(tx, id, request.details))
    })
}

/// A failure that comes from an activity is one of the application.
pub(super) fn check_failure(failure: Option<&Failure>) -> Answer<()> {
    let is_application = |failure: &Failure| {
        matches!(
            failure.failure_info,
            Some(FailureInfo::ApplicationFailureInfo(_))
        )
    };
    if failure.is_none_or(is_application) {
        Ok(())
    } else {
        Err(invalid("Failure must have ApplicationFailureInfo."))
    }
}

/// The attempt that a token stands for, which must be the one in a worker's hands.
fn find(world: &World, namespace: &str, token: &bytes::Bytes) -> Answer<(RunIndex, i64)> {
    world.namespaces.get(namespace)?;
    let token = TaskToken::read(token)?;
    let index = world.find_run_id(&token.run_id);
    let run = index
        .and_then(|index| world.run(index))
        .ok_or_else(activity_not_found)?;
    if !run.is_open() {
        return Err(already_completed());
    }
    let activity = run.activities.get(&token.id);
    let is_this = |activity: &&crate::server::run::PendingActivity| {
        activity.stamp == token.stamp && activity.state == ActivityState::Started
    };
    activity.filter(is_this).ok_or_else(activity_not_found)?;
    Ok((run.index, token.id))
}

pub(super) fn change<R>(
    world: &mut World,
    index: RunIndex,
    change: impl FnOnce(&mut Run, &mut Tx<'_>) -> Answer<R>,
) -> Answer<R> {
    let changed = world.change(index, change);
    changed.unwrap_or_else(|| Err(activity_not_found()))
}
