//! `ExecuteMultiOperation`: a start and an update in one, of which either both happen or none.

use std::sync::Arc;

use durably_protos::temporal::api::errordetails::v1::MultiOperationExecutionFailure;
use durably_protos::temporal::api::errordetails::v1::multi_operation_execution_failure::OperationStatus;
use durably_protos::temporal::api::failure::v1::MultiOperationExecutionAborted;
use durably_protos::temporal::api::enums::v1::WorkflowIdConflictPolicy as Conflict;
use durably_protos::temporal::api::workflowservice::v1::execute_multi_operation_request::operation::Operation;
use durably_protos::temporal::api::workflowservice::v1::execute_multi_operation_response::{
    Response, response,
};
use durably_protos::temporal::api::workflowservice::v1::{
    ExecuteMultiOperationRequest, ExecuteMultiOperationResponse, StartWorkflowExecutionRequest,
    StartWorkflowExecutionResponse, UpdateWorkflowExecutionRequest,
};
use tonic::{Code, Status};

use super::{Deadline, start, update};
use crate::server::refusal::{Answer, any, invalid, with_detail};
use crate::server::shared::Shared;
use crate::server::world::World;

/// Which of the two operations did not work.
enum Part {
    Start,
    Update,
}

pub(super) async fn execute(
    shared: Arc<Shared>,
    request: ExecuteMultiOperationRequest,
    deadline: Deadline,
) -> Answer<ExecuteMultiOperationResponse> {
    shared.with(|world| world.namespaces.get(&request.namespace).map(drop))?;
    let operations: Vec<_> = request
        .operations
        .into_iter()
        .map(|operation| operation.operation)
        .collect();
    let exactly = || invalid("Operations have to be exactly [Start, Update].");
    let Ok(
        [
            Some(Operation::StartWorkflow(start)),
            Some(Operation::UpdateWorkflow(update)),
        ],
    ) = <[_; 2]>::try_from(operations)
    else {
        return Err(exactly());
    };
    let begun = shared.with(|world| begin(world, start, update));
    let (started, asked, is_known) = begun.map_err(|(part, status)| failure(&part, &status))?;
    let mut updated = update::wait(shared, asked, deadline)
        .await
        .map_err(|status| failure(&Part::Update, &status))?;
    if is_known {
        updated.link = None;
    }
    let part = |response| Response {
        response: Some(response),
    };
    Ok(ExecuteMultiOperationResponse {
        responses: vec![
            part(response::Response::StartWorkflow(started)),
            part(response::Response::UpdateWorkflow(updated)),
        ],
    })
}

fn begin(
    world: &mut World,
    mut start: StartWorkflowExecutionRequest,
    update: UpdateWorkflowExecutionRequest,
) -> Result<(StartWorkflowExecutionResponse, update::Asked, bool), (Part, Status)> {
    check(&start, &update)?;
    let request = update.request.as_ref();
    let checked = update::check(world, request, update.wait_policy.as_ref());
    let (request, stage) = checked.map_err(|status| (Part::Update, status))?;
    start::check(world, &mut start).map_err(|status| (Part::Start, status))?;
    let id = request.meta.as_ref().map_or("", |meta| &meta.update_id);
    // An update that is known is joined, whatever the policies say.
    let current = world.current(&start.namespace, &start.workflow_id);
    let known = current
        .filter(|run| run.updates.get(id).is_some())
        .map(|run| run.index);
    let asked = match known {
        Some(run) => start::Asked {
            run,
            started: false,
            again: true,
            attached: None,
        },
        None => {
            if start.workflow_id_conflict_policy() == Conflict::Unspecified {
                start.workflow_id_conflict_policy = Conflict::Fail.into();
            }
            let asked = start::ask(world, start, false, |_, _| ());
            asked.map_err(|status| (Part::Start, status))?
        }
    };
    let mut started = start::response(world, &asked);
    if !asked.started {
        started.first_execution_run_id.clear();
    }
    if known.is_some() {
        started.link = None;
    }
    let asked = update::ask(world, asked.run, request, stage);
    let asked = asked.map_err(|status| (Part::Update, status))?;
    Ok((started, asked, known.is_some()))
}

fn check(
    start: &StartWorkflowExecutionRequest,
    update: &UpdateWorkflowExecutionRequest,
) -> Result<(), (Part, Status)> {
    let refuse = |part, text: &str| Err((part, invalid(text)));
    if !start.cron_schedule.is_empty() {
        return refuse(Part::Start, "CronSchedule is not allowed.");
    }
    if start.request_eager_execution {
        return refuse(Part::Start, "RequestEagerExecution is not supported.");
    }
    if start.workflow_start_delay.is_some() {
        return refuse(Part::Start, "WorkflowStartDelay is not supported.");
    }
    let execution = update.workflow_execution.clone().unwrap_or_default();
    if execution.workflow_id != start.workflow_id {
        return refuse(
            Part::Update,
            "WorkflowId is not consistent with previous operation(s).",
        );
    }
    if !execution.run_id.is_empty() {
        return refuse(Part::Update, "RunId is not allowed.");
    }
    Ok(())
}

/// One operation's failure as that of both: the other was not carried out.
fn failure(part: &Part, status: &Status) -> Status {
    let failed = OperationStatus {
        code: status.code() as i32,
        message: status.message().to_owned(),
        details: details(status),
    };
    let aborted = OperationStatus {
        code: Code::Aborted as i32,
        message: "Operation was aborted.".to_owned(),
        details: vec![any(&MultiOperationExecutionAborted {})],
    };
    let statuses = match part {
        Part::Start => vec![failed, aborted],
        Part::Update => vec![aborted, failed],
    };
    let detail = MultiOperationExecutionFailure { statuses };
    let message = "Update-with-Start could not be executed.";
    with_detail(status.code(), message, &detail)
}

fn details(status: &Status) -> Vec<durably_protos::google::protobuf::Any> {
    let details: Result<durably_protos::google::rpc::Status, _> =
        prost::Message::decode(status.details());
    details.map(|status| status.details).unwrap_or_default()
}
