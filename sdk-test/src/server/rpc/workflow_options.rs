//! `UpdateWorkflowExecutionOptions`, and `PauseWorkflowExecution`, which the real server refuses too.

use durably_protos::temporal::api::workflowservice::v1::{
    PauseWorkflowExecutionRequest, PauseWorkflowExecutionResponse, UnpauseWorkflowExecutionRequest,
    UnpauseWorkflowExecutionResponse, UpdateWorkflowExecutionOptionsRequest,
    UpdateWorkflowExecutionOptionsResponse,
};
use tonic::Status;

use super::activity::change;
use super::time_skipping;
use crate::server::refusal::{Answer, invalid};
use crate::server::world::World;

pub(super) fn update(
    world: &mut World,
    request: UpdateWorkflowExecutionOptionsRequest,
) -> Answer<UpdateWorkflowExecutionOptionsResponse> {
    world.namespaces.get(&request.namespace)?;
    let mask = request.update_mask.as_ref();
    let mask = mask.ok_or_else(|| invalid("UpdateMask is required"))?;
    let mut wanted = request.workflow_execution_options.unwrap_or_default();
    time_skipping::check(wanted.time_skipping_config.as_mut())?;
    let execution = request.workflow_execution.as_ref();
    let index = world.find_open(&request.namespace, execution, "")?;
    change(world, index, |run, tx| {
        let options = run.options.merged(mask, &wanted, &run.task_queue)?;
        run.update_options(tx, options, request.identity);
        Ok(())
    })?;
    // The change may have had time be skipped, which changes the options once more.
    let run = world.run(index);
    Ok(UpdateWorkflowExecutionOptionsResponse {
        workflow_execution_options: run.map(|run| run.options.message()),
        update_time: None,
    })
}

pub(super) fn pause(
    world: &mut World,
    request: PauseWorkflowExecutionRequest,
) -> Answer<PauseWorkflowExecutionResponse> {
    Err(not_enabled(world, &request.namespace))
}

pub(super) fn unpause(
    world: &mut World,
    request: UnpauseWorkflowExecutionRequest,
) -> Answer<UnpauseWorkflowExecutionResponse> {
    Err(not_enabled(world, &request.namespace))
}

fn not_enabled(world: &World, namespace: &str) -> Status {
    match world.namespaces.get(namespace) {
        Ok(_) => Status::unimplemented(format!(
            "workflow pause is not enabled for namespace: {namespace}"
        )),
        Err(status) => status,
    }
}
