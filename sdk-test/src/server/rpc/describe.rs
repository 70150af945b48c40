//! `DescribeWorkflowExecution`.

use durably_protos::temporal::api::workflowservice::v1::{
    DescribeWorkflowExecutionRequest, DescribeWorkflowExecutionResponse,
};

use crate::server::refusal::{Answer, workflow_not_found};
use crate::server::world::World;

pub(super) fn workflow(
    world: &mut World,
    request: DescribeWorkflowExecutionRequest,
) -> Answer<DescribeWorkflowExecutionResponse> {
    let index = world.find(&request.namespace, request.execution.as_ref())?;
    let run = world.run(index);
    run.map(|run| run.describe(world.now))
        .ok_or_else(|| workflow_not_found(""))
}
