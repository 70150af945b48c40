//! Schedules: made, shown, changed and removed.

use bytes::Bytes;
use durably_protos::temporal::api::schedule::v1::Schedule;
use durably_protos::temporal::api::workflowservice::v1::{
    CreateScheduleRequest, CreateScheduleResponse, DeleteScheduleRequest, DeleteScheduleResponse,
    DescribeScheduleRequest, DescribeScheduleResponse, ListScheduleMatchingTimesRequest,
    ListScheduleMatchingTimesResponse, PatchScheduleRequest, PatchScheduleResponse,
    UpdateScheduleRequest, UpdateScheduleResponse,
};
use prost::Message;
use tonic::Status;

use super::schedule_check as check;
use crate::server::refusal::{Answer, already_started, invalid, not_found};
use crate::server::schedule_policy::{ScheduleState, ScheduleUpdateError};
use crate::server::time::Time;
use crate::server::world::{Scheduled, World};

pub(super) fn create(
    world: &mut World,
    request: CreateScheduleRequest,
) -> Answer<CreateScheduleResponse> {
    let CreateScheduleRequest {
        namespace,
        schedule_id,
        schedule,
        initial_patch,
        request_id,
        memo,
        search_attributes,
        ..
    } = request;
    check::schedule_id(world, &namespace, &schedule_id)?;
    if request_id.is_empty() {
        return Err(invalid("RequestId is not set on request."));
    }
    check::request_id(world, &request_id)?;
    let mut schedule = schedule.unwrap_or_default();
    check::schedule(world, &namespace, &mut schedule)?;
    let given = search_attributes.as_ref();
    let search_attributes = check::search_attributes(world, &namespace, given)?;
    let memo = memo.unwrap_or_default();
    if memo.encoded_len() > world.limits.blob_bytes {
        return Err(invalid("Blob data size exceeds limit."));
    }
    let name = world.namespaces.get(&namespace)?.name.clone();
    let seed = format!("{}-{schedule_id}", name.id);
    let state = ScheduleState::new(schedule, &seed, world.now.jiff());
    let state = state.map_err(|error| invalid(format!("Invalid schedule spec: {error}")))?;
    let conflict_token = Bytes::copy_from_slice(&state.conflict_token());
    let existing = world.schedules.number(&namespace, &schedule_id);
    if let Some(existing) = existing.and_then(|number| world.schedules.get(number)) {
        if existing.request_id == request_id {
            return Ok(CreateScheduleResponse { conflict_token });
        }
        let text = format!("schedule \"{schedule_id}\" is already registered");
        return Err(already_started(
            text,
            String::new(),
            String::new(),
            String::new(),
        ));
    }
    let number = world.add_schedule(Scheduled {
        namespace: name,
        schedule_id: schedule_id.into(),
        request_id,
        memo,
        search_attributes: search_attributes.unwrap_or_default(),
        created: world.now,
        state,
    });
    world.change_schedule(number, |state, now| match &initial_patch {
        Some(patch) => state.patch(patch, now),
        None => state.advance(now),
    });
    Ok(CreateScheduleResponse { conflict_token })
}

pub(super) fn describe(
    world: &mut World,
    request: DescribeScheduleRequest,
) -> Answer<DescribeScheduleResponse> {
    let schedule = find(world, &request.namespace, &request.schedule_id)?;
    Ok(DescribeScheduleResponse {
        schedule: Some(schedule.state.schedule().clone()),
        info: Some(schedule.state.info()),
        memo: Some(schedule.memo.clone()).filter(|memo| !memo.fields.is_empty()),
        search_attributes: Some(schedule.search_attributes.clone())
            .filter(|attributes| !attributes.indexed_fields.is_empty()),
        conflict_token: Bytes::copy_from_slice(&schedule.state.conflict_token()),
    })
}

/// The schedule that a request wants to know about.
fn find<'w>(world: &'w World, namespace: &str, schedule_id: &str) -> Answer<&'w Scheduled> {
    check::schedule_id(world, namespace, schedule_id)?;
    let gone = || not_found("schedule not found");
    if world.schedules.is_deleted(namespace, schedule_id) {
        return Err(gone());
    }
    let number = world.schedules.find(namespace, schedule_id)?;
    world.schedules.get(number).ok_or_else(gone)
}

pub(super) fn update(
    world: &mut World,
    request: UpdateScheduleRequest,
) -> Answer<UpdateScheduleResponse> {
    let UpdateScheduleRequest {
        namespace,
        schedule_id,
        schedule,
        conflict_token,
        request_id,
        search_attributes,
        memo,
        ..
    } = request;
    check::schedule_id(world, &namespace, &schedule_id)?;
    check::request_id(world, &request_id)?;
    let mut schedule = schedule.unwrap_or_default();
    if !has_action(&schedule) {
        return Err(invalid(
            "Only StartWorkflow action is supported for schedules",
        ));
    }
    check::schedule(world, &namespace, &mut schedule)?;
    let given = search_attributes.as_ref();
    let search_attributes = check::search_attributes(world, &namespace, given)?;
    let number = world.schedules.find(&namespace, &schedule_id)?;
    let mut result = Ok(());
    world.change_schedule(number, |state, now| {
        let updated = state.update(schedule, &conflict_token, now);
        updated.unwrap_or_else(|error| {
            result = Err(error);
            Vec::new()
        })
    });
    result.map_err(refused)?;
    if let Some(schedule) = world.schedules.get_mut(number) {
        // What is set is replaced as a whole, what is absent stays.
        if let Some(search_attributes) = search_attributes {
            schedule.search_attributes = search_attributes;
        }
        if let Some(memo) = memo {
            schedule.memo = memo;
        }
    }
    Ok(UpdateScheduleResponse {})
}

fn has_action(schedule: &Schedule) -> bool {
    let action = schedule.action.as_ref();
    action.is_some_and(|action| action.action.is_some())
}

fn refused(error: ScheduleUpdateError) -> Status {
    match error {
        ScheduleUpdateError::Spec(_) => invalid(error.to_string()),
        ScheduleUpdateError::ConflictToken => Status::failed_precondition(error.to_string()),
    }
}

pub(super) fn patch(
    world: &mut World,
    request: PatchScheduleRequest,
) -> Answer<PatchScheduleResponse> {
    check::schedule_id(world, &request.namespace, &request.schedule_id)?;
    check::request_id(world, &request.request_id)?;
    let patch = check::patch(request.patch)?;
    let schedules = &world.schedules;
    let number = schedules.find(&request.namespace, &request.schedule_id)?;
    world.change_schedule(number, |state, now| state.patch(&patch, now));
    Ok(PatchScheduleResponse {})
}

pub(super) fn delete(
    world: &mut World,
    request: DeleteScheduleRequest,
) -> Answer<DeleteScheduleResponse> {
    check::schedule_id(world, &request.namespace, &request.schedule_id)?;
    let schedules = &world.schedules;
    let number = schedules.find(&request.namespace, &request.schedule_id)?;
    world.remove_schedule(number);
    Ok(DeleteScheduleResponse {})
}

pub(super) fn matching_times(
    world: &mut World,
    request: ListScheduleMatchingTimesRequest,
) -> Answer<ListScheduleMatchingTimesResponse> {
    let schedule = find(world, &request.namespace, &request.schedule_id)?;
    let (Some(start), Some(end)) = (&request.start_time, &request.end_time) else {
        return Err(invalid("missing or invalid query"));
    };
    let time = |time| Time::from_timestamp(time).jiff();
    let times = schedule.state.matching_times(time(start), time(end));
    let start_time = times.map_err(|error| invalid(error.to_string()))?;
    Ok(ListScheduleMatchingTimesResponse { start_time })
}
