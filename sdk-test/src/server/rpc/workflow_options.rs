//! `UpdateWorkflowExecutionOptions`, and `PauseWorkflowExecution`, which the real server refuses too.

use durably_protos::google::protobuf::FieldMask;
use durably_protos::temporal::api::workflow::v1::WorkflowExecutionOptions;
use durably_protos::temporal::api::workflow::v1::versioning_override::Override;
use durably_protos::temporal::api::workflowservice::v1::{
    PauseWorkflowExecutionRequest, PauseWorkflowExecutionResponse, UnpauseWorkflowExecutionRequest,
    UnpauseWorkflowExecutionResponse, UpdateWorkflowExecutionOptionsRequest,
    UpdateWorkflowExecutionOptionsResponse,
};
use tonic::Status;

use super::activity::change;
use crate::server::refusal::{Answer, invalid};
use crate::server::run::RunOptions;
use crate::server::world::World;

pub(super) fn update(
    world: &mut World,
    request: UpdateWorkflowExecutionOptionsRequest,
) -> Answer<UpdateWorkflowExecutionOptionsResponse> {
    world.namespaces.get(&request.namespace)?;
    let mask = request.update_mask.as_ref();
    let mask = mask.ok_or_else(|| invalid("UpdateMask is required"))?;
    let wanted = request.workflow_execution_options.unwrap_or_default();
    let execution = request.workflow_execution.as_ref();
    let index = world.find_open(&request.namespace, execution, "")?;
    change(world, index, |run, tx| {
        let options = merged(run.options.clone(), mask, &wanted, &run.task_queue)?;
        run.update_options(tx, options, request.identity);
        Ok(UpdateWorkflowExecutionOptionsResponse {
            workflow_execution_options: Some(run.options.message()),
            update_time: None,
        })
    })
}

/// The options with the fields of a mask taken over.
///
/// # Errors
/// A path that is none, or an option that this server does not have.
pub(super) fn merged(
    mut options: RunOptions,
    mask: &FieldMask,
    wanted: &WorkflowExecutionOptions,
    task_queue: &str,
) -> Answer<RunOptions> {
    for path in &mask.paths {
        let mut priority = options.priority.clone().unwrap_or_default();
        let given = wanted.priority.clone().unwrap_or_default();
        match path.as_str() {
            "versioning_override" => {
                options
                    .versioning_override
                    .clone_from(&wanted.versioning_override);
            }
            "priority" => options.priority.clone_from(&wanted.priority),
            "priority.priority_key" => {
                priority.priority_key = given.priority_key;
                options.priority = Some(priority);
            }
            "priority.fairness_key" => {
                priority.fairness_key = given.fairness_key;
                options.priority = Some(priority);
            }
            "priority.fairness_weight" => {
                priority.fairness_weight = given.fairness_weight;
                options.priority = Some(priority);
            }
            "time_skipping_config" => {
                options
                    .time_skipping_config
                    .clone_from(&wanted.time_skipping_config);
            }
            other => {
                return Err(invalid(format!(
                    "error parsing UpdateMask: proto: invalid path {other:?} for message \
                     \"temporal.api.workflow.v1.WorkflowExecutionOptions\""
                )));
            }
        }
    }
    let config = options.time_skipping_config.as_ref();
    if config.is_some_and(|config| config.fast_forward_config.is_some()) {
        return Err(Status::unimplemented(
            "fast_forward is not supported for a single workflow: the clock of this server is one for all of \
             them; use the TestService (UnlockTimeSkippingWithSleep) or TestServer::advance",
        ));
    }
    let override_ = options.versioning_override.as_ref();
    if let Some(Override::Pinned(pinned)) = override_.and_then(|given| given.r#override.as_ref()) {
        let version = pinned.version.clone().unwrap_or_default();
        return Err(Status::failed_precondition(format!(
            "Pinned version '{}:{}' is not present in task queue '{task_queue}' of type 'Workflow'",
            version.deployment_name, version.build_id
        )));
    }
    Ok(options)
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
