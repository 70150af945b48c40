//! `ResetWorkflowExecution`.

use durably_protos::google::protobuf::FieldMask;
use durably_protos::temporal::api::enums::v1::{ResetReapplyExcludeType, ResetReapplyType};
use durably_protos::temporal::api::workflow::v1::WorkflowExecutionOptions;
use durably_protos::temporal::api::workflow::v1::post_reset_operation::Variant;
use durably_protos::temporal::api::workflowservice::v1::{
    ResetWorkflowExecutionRequest, ResetWorkflowExecutionResponse,
};

use super::time_skipping;
use crate::server::refusal::{Answer, invalid, workflow_not_found};
use crate::server::run::Reapply;
use crate::server::validate;
use crate::server::world::{ResetRequest, World};

pub(super) fn reset(
    world: &mut World,
    request: ResetWorkflowExecutionRequest,
) -> Answer<ResetWorkflowExecutionResponse> {
    world.namespaces.get(&request.namespace)?;
    validate::required(&world.limits, &request.request_id, "RequestId")?;
    let base = world.find(&request.namespace, request.workflow_execution.as_ref())?;
    let operations = operations(&request)?;
    let index = world.reset(ResetRequest {
        base,
        cut_id: request.workflow_task_finish_event_id,
        reapply: reapply(&request),
        operations,
        reason: request.reason,
    })?;
    let run = world.run(index).ok_or_else(|| workflow_not_found(""))?;
    Ok(ResetWorkflowExecutionResponse {
        run_id: run.run_id.to_string(),
    })
}

fn reapply(request: &ResetWorkflowExecutionRequest) -> Reapply {
    let wanted = request.reset_reapply_type();
    let excludes = |kind: ResetReapplyExcludeType| {
        let mut excluded = request.reset_reapply_exclude_types.iter();
        excluded.any(|&excluded| excluded == i32::from(kind))
    };
    Reapply {
        signals: wanted != ResetReapplyType::None && !excludes(ResetReapplyExcludeType::Signal),
        updates: !matches!(wanted, ResetReapplyType::None | ResetReapplyType::Signal)
            && !excludes(ResetReapplyExcludeType::Update),
    }
}

/// The changes of options that are to follow.
fn operations(
    request: &ResetWorkflowExecutionRequest,
) -> Answer<Vec<(FieldMask, WorkflowExecutionOptions)>> {
    let operations = request.post_reset_operations.iter();
    let changes = operations.map(|operation| match &operation.variant {
        Some(Variant::UpdateWorkflowOptions(update)) => {
            let mask = update.update_mask.clone().unwrap_or_default();
            let wanted = update.workflow_execution_options.clone();
            let mut wanted = wanted.unwrap_or_default();
            time_skipping::check(wanted.time_skipping_config.as_mut())?;
            Ok((mask, wanted))
        }
        Some(Variant::SignalWorkflow(_)) => Err(invalid(
            "unsupported post reset operation: *workflow.PostResetOperation_SignalWorkflow_",
        )),
        None => Err(invalid("unsupported post reset operation: <nil>")),
    });
    changes.collect()
}
