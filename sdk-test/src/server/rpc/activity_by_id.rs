//! The answers and heartbeats of activities, by workflow and activity id: for those that end elsewhere
//! than in the worker that began them.

use durably_protos::temporal::api::common::v1::WorkflowExecution;
use durably_protos::temporal::api::workflowservice::v1::{
    RecordActivityTaskHeartbeatByIdRequest, RecordActivityTaskHeartbeatByIdResponse,
    RespondActivityTaskCanceledByIdRequest, RespondActivityTaskCanceledByIdResponse,
    RespondActivityTaskCompletedByIdRequest, RespondActivityTaskCompletedByIdResponse,
    RespondActivityTaskFailedByIdRequest, RespondActivityTaskFailedByIdResponse,
};

use super::activity::{change, check_failure};
use crate::server::refusal::{Answer, activity_not_found, already_completed, not_found};
use crate::server::validate;
use crate::server::world::{RunIndex, World};

pub(super) fn completed(
    world: &mut World,
    request: RespondActivityTaskCompletedByIdRequest,
) -> Answer<RespondActivityTaskCompletedByIdResponse> {
    let (workflow, run) = (&request.workflow_id, &request.run_id);
    let (index, id) = find(
        world,
        &request.namespace,
        workflow,
        run,
        &request.activity_id,
    )?;
    begin(world, index, id, &request.identity);
    change(world, index, |run, tx| {
        run.complete_activity(tx, id, request.result, request.identity);
        Ok(RespondActivityTaskCompletedByIdResponse {})
    })
}

pub(super) fn failed(
    world: &mut World,
    request: RespondActivityTaskFailedByIdRequest,
) -> Answer<RespondActivityTaskFailedByIdResponse> {
    check_failure(request.failure.as_ref())?;
    let (workflow, run) = (&request.workflow_id, &request.run_id);
    let (index, id) = find(
        world,
        &request.namespace,
        workflow,
        run,
        &request.activity_id,
    )?;
    has_begun(world, index, id)?;
    change(world, index, |run, tx| {
        let details = request.last_heartbeat_details;
        run.fail_activity(tx, id, request.failure, details, request.identity);
        Ok(RespondActivityTaskFailedByIdResponse::default())
    })
}

pub(super) fn canceled(
    world: &mut World,
    request: RespondActivityTaskCanceledByIdRequest,
) -> Answer<RespondActivityTaskCanceledByIdResponse> {
    let (workflow, run) = (&request.workflow_id, &request.run_id);
    let (index, id) = find(
        world,
        &request.namespace,
        workflow,
        run,
        &request.activity_id,
    )?;
    has_begun(world, index, id)?;
    change(world, index, |run, tx| {
        run.cancel_activity(tx, id, request.details, request.identity)?;
        Ok(RespondActivityTaskCanceledByIdResponse {})
    })
}

pub(super) fn heartbeat(
    world: &mut World,
    request: RecordActivityTaskHeartbeatByIdRequest,
) -> Answer<RecordActivityTaskHeartbeatByIdResponse> {
    let (workflow, run) = (&request.workflow_id, &request.run_id);
    let (index, id) = find(
        world,
        &request.namespace,
        workflow,
        run,
        &request.activity_id,
    )?;
    has_begun(world, index, id)?;
    change(world, index, |run, tx| {
        let told = run.heartbeat(tx, id, request.details);
        Ok(RecordActivityTaskHeartbeatByIdResponse {
            cancel_requested: told.cancel_requested,
            activity_paused: told.activity_paused,
            activity_reset: told.activity_reset,
        })
    })
}

fn find(
    world: &World,
    namespace: &str,
    workflow_id: &str,
    run_id: &str,
    activity_id: &str,
) -> Answer<(RunIndex, i64)> {
    validate::required(&world.limits, activity_id, "ActivityId")?;
    let execution = WorkflowExecution {
        workflow_id: workflow_id.to_owned(),
        run_id: run_id.to_owned(),
    };
    let index = world.find(namespace, Some(&execution))?;
    let run = world
        .run(index)
        .filter(|run| run.is_open())
        .ok_or_else(already_completed)?;
    match run.activity_ids.get(activity_id) {
        Some(&id) => Ok((index, id)),
        None => Err(not_found(format!(
            "cannot find pending activity with ActivityID {activity_id}, check workflow execution history for more \
             details"
        ))),
    }
}

/// Only the completion of an activity is taken before a worker has begun it.
fn has_begun(world: &World, index: RunIndex, scheduled_id: i64) -> Answer<()> {
    let run = world.run(index);
    let activity = run.and_then(|run| run.activities.get(&scheduled_id));
    if activity.is_some_and(|activity| activity.started.is_some()) {
        Ok(())
    } else {
        Err(activity_not_found())
    }
}

/// An activity that is completed before a worker began it counts as begun by the caller.
fn begin(world: &mut World, index: RunIndex, scheduled_id: i64, identity: &str) {
    world.change(index, |run, tx| {
        let activity = run.activities.get(&scheduled_id);
        if activity.is_some_and(|activity| activity.started.is_none()) {
            run.start_activity(tx, scheduled_id, identity, String::new());
        }
    });
}
