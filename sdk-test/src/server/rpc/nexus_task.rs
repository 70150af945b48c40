//! `RespondNexusTaskCompleted` and `RespondNexusTaskFailed`.

use bytes::Bytes;
use durably_protos::temporal::api::common::v1::Payload;
use durably_protos::temporal::api::failure::v1::CanceledFailureInfo;
use durably_protos::temporal::api::failure::v1::Failure;
use durably_protos::temporal::api::failure::v1::failure::FailureInfo;
use durably_protos::temporal::api::nexus::v1::{
    HandlerError, UnsuccessfulOperationError, response, start_operation_response as started,
};
use durably_protos::temporal::api::workflowservice::v1::{
    RespondNexusTaskCompletedRequest, RespondNexusTaskCompletedResponse,
    RespondNexusTaskFailedRequest, RespondNexusTaskFailedResponse,
};

use crate::server::nexus::{from_nexus, handler_failure, read_links};
use crate::server::refusal::{Answer, invalid, not_found};
use crate::server::run::NexusAnswer;
use crate::server::token::TaskToken;
use crate::server::world::World;

pub(super) fn completed(
    world: &mut World,
    request: RespondNexusTaskCompletedRequest,
) -> Answer<RespondNexusTaskCompletedResponse> {
    world.namespaces.get(&request.namespace)?;
    let token = TaskToken::read(&request.task_token)?;
    let variant = request.response.and_then(|response| response.variant);
    answer(world, &token, answered(variant))?;
    Ok(RespondNexusTaskCompletedResponse {})
}

pub(super) fn failed(
    world: &mut World,
    request: RespondNexusTaskFailedRequest,
) -> Answer<RespondNexusTaskFailedResponse> {
    world.namespaces.get(&request.namespace)?;
    let token = TaskToken::read(&request.task_token)?;
    let failure = match (request.failure, request.error) {
        (Some(failure), _) if is_handler_failure(&failure) => failure,
        (Some(_), _) => {
            return Err(invalid(
                "request Failure must contain error or failure with NexusHandlerFailureInfo",
            ));
        }
        (None, Some(error)) => of_error(error),
        (None, None) => return Err(invalid("request must contain error or failure")),
    };
    answer(world, &token, NexusAnswer::Error(failure))?;
    Ok(RespondNexusTaskFailedResponse {})
}

/// Brings an answer to the run that waits for it. One that comes when the operation has ended changes
/// nothing.
fn answer(world: &mut World, token: &TaskToken, answer: NexusAnswer) -> Answer<()> {
    if !world.nexus_tasks.take(token.stamp, world.now) {
        return Err(not_found("Nexus task not found or already expired"));
    }
    if let Some(index) = world.find_run_id(&token.run_id) {
        world.change(index, |run, tx| {
            if run.is_open() {
                run.operation_answered(tx, token.id, token.stamp, answer);
            }
        });
    }
    Ok(())
}

fn answered(variant: Option<response::Variant>) -> NexusAnswer {
    let empty = || NexusAnswer::Error(handler_failure("INTERNAL", 0, "empty outcome", None));
    let start = match variant {
        Some(response::Variant::StartOperation(start)) => start.variant,
        Some(response::Variant::CancelOperation(_)) => return NexusAnswer::CancelTaken,
        None => return empty(),
    };
    match start {
        Some(started::Variant::SyncSuccess(done)) => {
            // The real server writes the absence of a result as a null.
            let result = done.payload.unwrap_or_else(null);
            NexusAnswer::Done(Some(result), read_links(&done.links))
        }
        Some(started::Variant::AsyncSuccess(runs)) => {
            // Older workers have only the id.
            let token = if runs.operation_token.is_empty() {
                runs.operation_id
            } else {
                runs.operation_token
            };
            NexusAnswer::Started(token, read_links(&runs.links))
        }
        Some(started::Variant::OperationError(error)) => unsuccessful(&error),
        Some(started::Variant::Failure(failure)) => match &failure.failure_info {
            Some(FailureInfo::CanceledFailureInfo(_)) => NexusAnswer::Canceled(failure),
            _ => NexusAnswer::Failed(failure),
        },
        None => empty(),
    }
}

fn null() -> Payload {
    let encoding = Bytes::from_static(b"binary/null");
    Payload {
        metadata: [("encoding", encoding)].into(),
        ..Payload::default()
    }
}

fn unsuccessful(error: &UnsuccessfulOperationError) -> NexusAnswer {
    let failure = error.failure.as_ref().map(from_nexus).unwrap_or_default();
    match error.operation_state.as_str() {
        "failed" => NexusAnswer::Failed(failure),
        "canceled" => NexusAnswer::Canceled(Failure {
            failure_info: Some(FailureInfo::CanceledFailureInfo(
                CanceledFailureInfo::default(),
            )),
            ..failure
        }),
        other => NexusAnswer::Error(handler_failure(
            "INTERNAL",
            0,
            &format!("invalid operation state {other:?}: expected \"failed\" or \"canceled\""),
            None,
        )),
    }
}

fn of_error(error: HandlerError) -> Failure {
    let cause = error.failure.as_ref().map(from_nexus).unwrap_or_default();
    handler_failure(&error.error_type, error.retry_behavior, "", Some(cause))
}

fn is_handler_failure(failure: &Failure) -> bool {
    matches!(
        failure.failure_info,
        Some(FailureInfo::NexusHandlerFailureInfo(_))
    )
}
