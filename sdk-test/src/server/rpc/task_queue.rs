//! `DescribeTaskQueue` and `ListTaskQueuePartitions`.

use durably_protos::google::protobuf::Timestamp;
use durably_protos::temporal::api::enums::v1::{
    BuildIdTaskReachability, DescribeTaskQueueMode, TaskQueueType,
};
use durably_protos::temporal::api::taskqueue::v1::{
    PollerInfo, TaskIdBlock, TaskQueuePartitionMetadata, TaskQueueStats, TaskQueueStatus,
    TaskQueueTypeInfo, TaskQueueVersionInfo, TaskQueueVersioningInfo,
};
use durably_protos::temporal::api::workflowservice::v1::{
    DescribeTaskQueueRequest, DescribeTaskQueueResponse, ListTaskQueuePartitionsRequest,
    ListTaskQueuePartitionsResponse,
};

use crate::server::queues::{QueueKey, QueueKind, Task};
use crate::server::refusal::{Answer, invalid};
use crate::server::time::{Span, Time};
use crate::server::validate;
use crate::server::world::World;

/// The beginning of the year 1, which Go takes for no time.
const YEAR_ONE: i64 = -62_135_596_800;

/// The rate that the real server shows for pollers without a limit.
const NO_RATE_LIMIT: f64 = 100_000.0;

pub(super) fn describe(
    world: &mut World,
    request: DescribeTaskQueueRequest,
) -> Answer<DescribeTaskQueueResponse> {
    let namespace = world.namespaces.get(&request.namespace)?.name.clone();
    let name = validate::task_queue(&world.limits, request.task_queue.as_ref())?;
    let queue = |kind: TaskQueueType| QueueKey {
        namespace: namespace.name.as_str().into(),
        kind: match kind {
            TaskQueueType::Activity => QueueKind::Activity,
            TaskQueueType::Nexus => QueueKind::Nexus,
            TaskQueueType::Workflow | TaskQueueType::Unspecified => QueueKind::Workflow,
        },
        name: name.into(),
    };
    if request.api_mode() == DescribeTaskQueueMode::Enhanced {
        let asked: Vec<TaskQueueType> = request.task_queue_types().collect();
        let kinds = match &asked[..] {
            [] => &[TaskQueueType::Workflow, TaskQueueType::Activity],
            asked => asked,
        };
        let types = kinds.iter().map(|&kind| {
            let queue = queue(kind);
            let info = TaskQueueTypeInfo {
                pollers: if request.report_pollers {
                    pollers(world, &queue)
                } else {
                    Vec::new()
                },
                stats: Some(stats(world, &queue)),
            };
            (i32::from(kind), info)
        });
        return Ok(enhanced(types.collect(), request.report_task_reachability));
    }
    let queue = queue(request.task_queue_type());
    Ok(DescribeTaskQueueResponse {
        pollers: pollers(world, &queue),
        stats: request.report_stats.then(|| stats(world, &queue)),
        versioning_info: Some(unversioned()),
        task_queue_status: request
            .include_task_queue_status
            .then(|| status(world, &queue)),
        ..DescribeTaskQueueResponse::default()
    })
}

/// What was asked for before there were statistics. The `temporal` command still does in its legacy mode, and relies
/// on the block of ids, which tasks do not have here.
fn status(world: &World, queue: &QueueKey) -> TaskQueueStatus {
    TaskQueueStatus {
        backlog_count_hint: stats(world, queue).approximate_backlog_count,
        rate_per_second: NO_RATE_LIMIT,
        task_id_block: Some(TaskIdBlock::default()),
        ..TaskQueueStatus::default()
    }
}

/// How the real server tells of a queue whose workers have no versions. The `temporal` command relies on it.
fn unversioned() -> TaskQueueVersioningInfo {
    TaskQueueVersioningInfo {
        current_version: "__unversioned__".to_owned(),
        update_time: Some(Timestamp {
            seconds: YEAR_ONE,
            nanos: 0,
        }),
        ..TaskQueueVersioningInfo::default()
    }
}

/// What the `temporal` command asks for: all is of workers without a version.
fn enhanced(
    types_info: std::collections::BTreeMap<i32, TaskQueueTypeInfo>,
    reachability: bool,
) -> DescribeTaskQueueResponse {
    let reachability = if reachability {
        BuildIdTaskReachability::Reachable
    } else {
        BuildIdTaskReachability::Unspecified
    };
    let unversioned = TaskQueueVersionInfo {
        types_info,
        task_reachability: reachability.into(),
    };
    DescribeTaskQueueResponse {
        versions_info: [(String::new(), unversioned)].into(),
        ..DescribeTaskQueueResponse::default()
    }
}

fn pollers(world: &World, queue: &QueueKey) -> Vec<PollerInfo> {
    let Some(queue) = world.queues.get(queue) else {
        return Vec::new();
    };
    let poller = |(identity, ago): (&str, std::time::Duration)| {
        let last = Time(world.now.0.saturating_sub(Span::from_std(ago).0));
        PollerInfo {
            last_access_time: Some(last.timestamp()),
            identity: identity.to_owned(),
            rate_per_second: NO_RATE_LIMIT,
            ..PollerInfo::default()
        }
    };
    let mut pollers: Vec<PollerInfo> = queue.seen().map(poller).collect();
    pollers.sort_by(|one, other| one.identity.cmp(&other.identity));
    pollers
}

/// How many tasks wait, and for how long the first does. Tasks are hints: one that is none any more does not count.
fn stats(world: &World, queue: &QueueKey) -> TaskQueueStats {
    let tasks = world.queues.get(queue).map(|queue| queue.tasks.iter());
    let tasks = tasks.into_iter().flatten();
    let (mut count, mut first) = (0, world.now);
    for since in tasks.filter_map(|task| waits_since(world, task)) {
        count += 1;
        first = first.min(since);
    }
    TaskQueueStats {
        approximate_backlog_count: count,
        approximate_backlog_age: Some(world.now.since(first).duration()),
        ..TaskQueueStats::default()
    }
}

fn waits_since(world: &World, task: &Task) -> Option<Time> {
    match task {
        Task::Workflow(run) => {
            let task = world.run(*run)?.workflow_task.as_ref()?;
            (!task.is_started()).then_some(task.scheduled_time)
        }
        Task::Activity(run, scheduled_id) => {
            let run = world.run(*run).filter(|run| run.is_open())?;
            let activity = run.activities.get(scheduled_id)?;
            Some(activity.attempt_scheduled_time)
        }
        Task::Query(run, query) => world.run(*run)?.queries.get(query).map(|_| world.now),
        // What was given back is handed out again at once.
        _ => Some(world.now),
    }
}

/// A queue of this server has one partition.
pub(super) fn partitions(
    world: &mut World,
    request: ListTaskQueuePartitionsRequest,
) -> Answer<ListTaskQueuePartitionsResponse> {
    world.namespaces.get(&request.namespace)?;
    let Some(queue) = &request.task_queue else {
        return Err(invalid("taskQueue is not set"));
    };
    let name = validate::task_queue(&world.limits, Some(queue))?;
    let partition = || {
        vec![TaskQueuePartitionMetadata {
            key: name.to_owned(),
            owner_host_name: "durably-test".to_owned(),
        }]
    };
    Ok(ListTaskQueuePartitionsResponse {
        activity_task_queue_partitions: partition(),
        workflow_task_queue_partitions: partition(),
    })
}
