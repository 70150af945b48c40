//! `DescribeWorkflowExecution` and `DescribeTaskQueue`.

use durably_protos::temporal::api::enums::v1::TaskQueueType;
use durably_protos::temporal::api::taskqueue::v1::{PollerInfo, TaskQueueStats};
use durably_protos::temporal::api::workflowservice::v1::{
    DescribeTaskQueueRequest, DescribeTaskQueueResponse, DescribeWorkflowExecutionRequest,
    DescribeWorkflowExecutionResponse,
};

use crate::server::queues::{QueueKey, QueueKind};
use crate::server::refusal::{Answer, workflow_not_found};
use crate::server::time::Span;
use crate::server::validate;
use crate::server::world::World;

pub(super) fn workflow(
    world: &mut World,
    request: DescribeWorkflowExecutionRequest,
) -> Answer<DescribeWorkflowExecutionResponse> {
    let index = world.find(&request.namespace, request.execution.as_ref())?;
    let run = world.run(index);
    run.map(super::super::run::Run::describe)
        .ok_or_else(|| workflow_not_found(""))
}

pub(super) fn task_queue(
    world: &mut World,
    request: DescribeTaskQueueRequest,
) -> Answer<DescribeTaskQueueResponse> {
    let namespace = world
        .namespaces
        .get(&request.namespace)?
        .name
        .name
        .as_str()
        .into();
    let name = validate::task_queue(&world.limits, request.task_queue.as_ref())?;
    let kind = match request.task_queue_type() {
        TaskQueueType::Activity => QueueKind::Activity,
        TaskQueueType::Nexus => QueueKind::Nexus,
        TaskQueueType::Workflow | TaskQueueType::Unspecified => QueueKind::Workflow,
    };
    let key = QueueKey {
        namespace,
        kind,
        name: name.into(),
    };
    let now = world.now;
    let Some(queue) = world.queues.get(&key) else {
        return Ok(DescribeTaskQueueResponse::default());
    };
    let mut pollers: Vec<_> = queue
        .seen()
        .map(|(identity, ago)| {
            let last = crate::server::time::Time(now.0.saturating_sub(Span::from_std(ago).0));
            PollerInfo {
                last_access_time: Some(last.timestamp()),
                identity: identity.to_owned(),
                rate_per_second: 100_000.0,
                ..PollerInfo::default()
            }
        })
        .collect();
    pollers.sort_by(|one, other| one.identity.cmp(&other.identity));
    let stats = request.report_stats.then(|| TaskQueueStats {
        approximate_backlog_count: i64::try_from(queue.tasks.len()).unwrap_or(i64::MAX),
        ..TaskQueueStats::default()
    });
    Ok(DescribeTaskQueueResponse {
        pollers,
        stats,
        ..DescribeTaskQueueResponse::default()
    })
}
