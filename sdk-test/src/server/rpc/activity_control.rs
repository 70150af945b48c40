//! `PauseActivity`, `UnpauseActivity`, `ResetActivity`, `UpdateActivityOptions`.

use durably_protos::temporal::api::activity::v1::ActivityOptions;
use durably_protos::temporal::api::common::v1::WorkflowExecution;
use durably_protos::temporal::api::workflowservice::v1::{
    PauseActivityRequest, PauseActivityResponse, ResetActivityRequest, ResetActivityResponse,
    UnpauseActivityRequest, UnpauseActivityResponse, UpdateActivityOptionsRequest,
    UpdateActivityOptionsResponse, pause_activity_request, reset_activity_request,
    unpause_activity_request, update_activity_options_request,
};

use super::activity::change;
use super::field_mask::camel_case_paths;
use crate::server::refusal::{Answer, already_completed, invalid, not_found};
use crate::server::run::{ActivityOptionsUpdate, Pause, Run};
use crate::server::validate;
use crate::server::world::{RunIndex, World};

/// Which activities of a run a request is about.
enum Selection<'a> {
    Id(&'a str),
    Type(&'a str),
    All,
}

pub(super) fn pause(
    world: &mut World,
    request: PauseActivityRequest,
) -> Answer<PauseActivityResponse> {
    use pause_activity_request::Activity;
    let selection = request.activity.as_ref().map(|activity| match activity {
        Activity::Id(id) => Selection::Id(id),
        Activity::Type(name) => Selection::Type(name),
    });
    let execution = request.execution.as_ref();
    let (index, ids) = select(world, &request.namespace, execution, selection)?;
    change(world, index, |run, tx| {
        for id in ids {
            let pause = Pause {
                time: tx.now,
                identity: request.identity.clone(),
                reason: request.reason.clone(),
            };
            run.pause_activity(tx, id, pause);
        }
        Ok(PauseActivityResponse {})
    })
}

pub(super) fn unpause(
    world: &mut World,
    request: UnpauseActivityRequest,
) -> Answer<UnpauseActivityResponse> {
    use unpause_activity_request::Activity;
    let selection = request.activity.as_ref().map(|activity| match activity {
        Activity::Id(id) => Selection::Id(id),
        Activity::Type(name) => Selection::Type(name),
        Activity::UnpauseAll(_) => Selection::All,
    });
    let execution = request.execution.as_ref();
    let (index, ids) = select(world, &request.namespace, execution, selection)?;
    let (attempts, heartbeat) = (request.reset_attempts, request.reset_heartbeat);
    change(world, index, |run, tx| {
        for id in ids {
            run.unpause_activity(tx, id, attempts, heartbeat);
        }
        Ok(UnpauseActivityResponse {})
    })
}

pub(super) fn reset(
    world: &mut World,
    request: ResetActivityRequest,
) -> Answer<ResetActivityResponse> {
    use reset_activity_request::Activity;
    let selection = request.activity.as_ref().map(|activity| match activity {
        Activity::Id(id) => Selection::Id(id),
        Activity::Type(name) => Selection::Type(name),
        Activity::MatchAll(_) => Selection::All,
    });
    let execution = request.execution.as_ref();
    let (index, ids) = select(world, &request.namespace, execution, selection)?;
    let (heartbeat, keeps_paused) = (request.reset_heartbeat, request.keep_paused);
    change(world, index, |run, tx| {
        for id in ids {
            if request.restore_original_options {
                let original = ActivityOptionsUpdate::RestoreOriginal;
                if let Some(settings) = run.updated_settings(id, &original)? {
                    run.apply_settings(tx, id, settings);
                }
            }
            run.reset_activity(tx, id, heartbeat, keeps_paused);
        }
        Ok(ResetActivityResponse {})
    })
}

pub(super) fn update_options(
    world: &mut World,
    request: UpdateActivityOptionsRequest,
) -> Answer<UpdateActivityOptionsResponse> {
    use update_activity_options_request::Activity;
    world.namespaces.get(&request.namespace)?;
    workflow_id(request.execution.as_ref())?;
    let selection = request.activity.as_ref().map(|activity| match activity {
        Activity::Id(id) => Selection::Id(id),
        Activity::Type(name) => Selection::Type(name),
        Activity::MatchAll(_) => Selection::All,
    });
    let selection = selection.ok_or_else(nothing_selected)?;
    let update = wanted(
        request.restore_original,
        request.activity_options,
        request.update_mask,
    )?;
    let execution = request.execution.as_ref();
    let (index, ids) = select(world, &request.namespace, execution, Some(selection))?;
    change(world, index, |run, tx| {
        // All of them, or none.
        let mut settings = Vec::new();
        for id in ids {
            if let Some(updated) = run.updated_settings(id, &update)? {
                settings.push((id, updated));
            }
        }
        let mut options = None;
        for (id, settings) in settings {
            let updated = run.apply_settings(tx, id, settings);
            options.get_or_insert(updated);
        }
        Ok(UpdateActivityOptionsResponse {
            activity_options: options,
        })
    })
}

fn wanted(
    restores: bool,
    options: Option<ActivityOptions>,
    mask: Option<durably_protos::google::protobuf::FieldMask>,
) -> Answer<ActivityOptionsUpdate> {
    if restores {
        return match mask {
            Some(_) => Err(invalid("Both UpdateMask and RestoreOriginal are provided")),
            None => Ok(ActivityOptionsUpdate::RestoreOriginal),
        };
    }
    let options = options.ok_or_else(|| invalid("ActivityOptions are not provided"))?;
    let mask = mask.ok_or_else(|| invalid("UpdateMask is not provided"))?;
    let paths = camel_case_paths(&mask);
    Ok(ActivityOptionsUpdate::Fields(paths, Box::new(options)))
}

/// The run and the activities that a request names, by their scheduled events.
fn select(
    world: &World,
    namespace: &str,
    execution: Option<&WorkflowExecution>,
    selection: Option<Selection<'_>>,
) -> Answer<(RunIndex, Vec<i64>)> {
    world.namespaces.get(namespace)?;
    workflow_id(execution)?;
    let selection = selection.ok_or_else(nothing_selected)?;
    if let Selection::Id(id) = selection {
        validate::length(&world.limits, id, "ActivityId")?;
    }
    let index = world.find(namespace, execution)?;
    let run = world.run(index).filter(|run| run.is_open());
    let run: &Run = run.ok_or_else(already_completed)?;
    let ids: Vec<_> = match selection {
        Selection::Id(id) => run.activity_ids.get(id).copied().into_iter().collect(),
        Selection::Type(name) => run.activities_of_type(name),
        Selection::All => return Ok((index, run.activities.keys().copied().collect())),
    };
    if ids.is_empty() {
        return Err(not_found(
            "Can't find pending activity with such ID. Invalid activityID or activity already completed",
        ));
    }
    Ok((index, ids))
}

fn workflow_id(execution: Option<&WorkflowExecution>) -> Answer<()> {
    match execution {
        Some(execution) if !execution.workflow_id.is_empty() => Ok(()),
        _ => Err(invalid("WorkflowId is not set on request.")),
    }
}

fn nothing_selected() -> tonic::Status {
    invalid("Either Activity.Id or Activity.Type should be set on request.")
}
