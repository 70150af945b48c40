//! `RequestCancelWorkflowExecution`, `TerminateWorkflowExecution`, `DeleteWorkflowExecution`.

use durably_protos::temporal::api::workflowservice::v1::{
    DeleteWorkflowExecutionRequest, DeleteWorkflowExecutionResponse,
    RequestCancelWorkflowExecutionRequest, RequestCancelWorkflowExecutionResponse,
    TerminateWorkflowExecutionRequest, TerminateWorkflowExecutionResponse,
};

use crate::server::refusal::Answer;
use crate::server::world::World;

pub(super) fn cancel(
    world: &mut World,
    request: RequestCancelWorkflowExecutionRequest,
) -> Answer<RequestCancelWorkflowExecutionResponse> {
    let execution = request.workflow_execution.as_ref();
    let first = &request.first_execution_run_id;
    let index = world.find_in_chain(&request.namespace, execution, first)?;
    world.change(index, |run, tx| {
        run.request_cancel(tx, request.reason, request.identity, None);
    });
    Ok(RequestCancelWorkflowExecutionResponse {})
}

pub(super) fn terminate(
    world: &mut World,
    request: TerminateWorkflowExecutionRequest,
) -> Answer<TerminateWorkflowExecutionResponse> {
    let execution = request.workflow_execution.as_ref();
    let first = &request.first_execution_run_id;
    let index = world.find_open(&request.namespace, execution, first)?;
    let or = |given: String, default: &str| {
        if given.is_empty() {
            default.to_owned()
        } else {
            given
        }
    };
    let reason = or(request.reason, "terminated by user via frontend");
    let identity = or(request.identity, "frontend-service");
    world.change(index, |run, tx| {
        run.terminate(tx, reason, request.details, identity);
    });
    Ok(TerminateWorkflowExecutionResponse {})
}

pub(super) fn delete(
    world: &mut World,
    request: DeleteWorkflowExecutionRequest,
) -> Answer<DeleteWorkflowExecutionResponse> {
    let index = world.find(&request.namespace, request.workflow_execution.as_ref())?;
    world.change(index, |run, tx| {
        let reason = "Delete workflow execution".to_owned();
        run.terminate(tx, reason, None, "history-service".to_owned());
    });
    world.finish();
    world.remove(index);
    Ok(DeleteWorkflowExecutionResponse {})
}
