//! The heartbeats of workers, and lists of them.

use std::collections::BTreeMap;

use bytes::Bytes;
use durably_protos::google::protobuf::Timestamp;
use durably_protos::temporal::api::enums::v1::{
    IndexedValueType, WorkerStatus, WorkflowExecutionStatus,
};
use durably_protos::temporal::api::worker::v1::{
    WorkerHeartbeat, WorkerHostInfo, WorkerInfo, WorkerListInfo,
};
use durably_protos::temporal::api::workflowservice::v1::{
    CountWorkersRequest, CountWorkersResponse, DescribeWorkerRequest, DescribeWorkerResponse,
    ListWorkersRequest, ListWorkersResponse, RecordWorkerHeartbeatRequest,
    RecordWorkerHeartbeatResponse,
};

use super::visibility::page_size;
use crate::server::refusal::{Answer, invalid, not_found};
use crate::server::search_attributes::{SearchAttributeRegistry, SearchAttributeValue as Value};
use crate::server::time::Time;
use crate::server::visibility::{Query, QueryError, VisibilityRecord};
use crate::server::world::World;

pub(super) fn heartbeat(
    world: &mut World,
    request: RecordWorkerHeartbeatRequest,
) -> Answer<RecordWorkerHeartbeatResponse> {
    world.namespaces.get(&request.namespace)?;
    for heartbeat in request.worker_heartbeat {
        world.workers.record(&request.namespace, heartbeat);
    }
    Ok(RecordWorkerHeartbeatResponse {})
}

pub(super) fn describe(
    world: &mut World,
    request: DescribeWorkerRequest,
) -> Answer<DescribeWorkerResponse> {
    world.namespaces.get(&request.namespace)?;
    let key = &request.worker_instance_key;
    let worker = world.workers.get(&request.namespace, key);
    let worker = worker.ok_or_else(|| not_found(format!("Worker {key} not found")))?;
    Ok(DescribeWorkerResponse {
        worker_info: Some(info(worker)),
    })
}

pub(super) fn list(world: &mut World, request: ListWorkersRequest) -> Answer<ListWorkersResponse> {
    let matching = matching(world, &request.namespace, &request.query)?;
    let token = &request.next_page_token;
    let after = match token.is_empty() {
        true => None,
        false => Some(read_token(token)?),
    };
    let is_after = |worker: &&WorkerHeartbeat| {
        after.is_none_or(|after| worker.worker_instance_key.as_str() > after)
    };
    let mut matching = matching.filter(is_after);
    let size = page_size(request.page_size);
    let page: Vec<&WorkerHeartbeat> = matching.by_ref().take(size).collect();
    let more = page.last().filter(|_| matching.next().is_some());
    Ok(ListWorkersResponse {
        workers_info: page.iter().map(|worker| info(worker)).collect(),
        workers: page.iter().map(|worker| list_info(worker)).collect(),
        next_page_token: more.map_or_else(Bytes::new, |last| token_after(last)),
    })
}

pub(super) fn count(
    world: &mut World,
    request: CountWorkersRequest,
) -> Answer<CountWorkersResponse> {
    let matching = matching(world, &request.namespace, &request.query)?;
    Ok(CountWorkersResponse {
        count: i64::try_from(matching.count()).unwrap_or(i64::MAX),
    })
}

/// What the token of a page begins with; the instance key of its last worker, which may be empty, follows.
const TOKEN_MARK: &str = "after:";

fn token_after(last: &WorkerHeartbeat) -> Bytes {
    format!("{TOKEN_MARK}{}", last.worker_instance_key).into()
}

fn read_token(token: &Bytes) -> Answer<&str> {
    let text = std::str::from_utf8(token).ok();
    let key = text.and_then(|text| text.strip_prefix(TOKEN_MARK));
    key.ok_or_else(|| invalid("invalid next_page_token"))
}

/// The workers that a query names. As by the real server, a query that can be read but not answered (it names
/// something else than a worker has) names none.
fn matching<'w>(
    world: &'w World,
    namespace: &str,
    query: &str,
) -> Answer<impl Iterator<Item = &'w WorkerHeartbeat>> {
    let name = &world.namespaces.get(namespace)?.name.name;
    let query = match Query::parse(query, &attributes()) {
        Ok(query) => Some(query),
        Err(QueryError::Malformed(text)) => {
            return Err(invalid(format!("malformed query: {text}")));
        }
        Err(error) => {
            tracing::warn!(%error, query, "no worker is listed: the query cannot be answered");
            None
        }
    };
    let workers = world.workers.of_namespace(name);
    Ok(workers.filter(move |worker| {
        query
            .as_ref()
            .is_some_and(|query| query.matches(&record(worker)))
    }))
}

/// What queries can name of a worker, beside `TaskQueue` and `StartTime`. `Status` is a word of SQL, which the grammar
/// puts into lower case.
const KEYWORDS: [&str; 9] = [
    "BuildId",
    "DeploymentName",
    "HostName",
    "SdkName",
    "SdkVersion",
    "status",
    "WorkerIdentity",
    "WorkerInstanceKey",
    "WorkerStatus",
];

const HEARTBEAT_TIMES: [&str; 2] = ["HeartbeatTime", "LastHeartbeatTime"];

fn attributes() -> SearchAttributeRegistry {
    let keywords = KEYWORDS.map(|name| (name, IndexedValueType::Keyword));
    let times = HEARTBEAT_TIMES.map(|name| (name, IndexedValueType::Datetime));
    SearchAttributeRegistry::of(keywords.into_iter().chain(times))
}

/// The worker as queries see it.
fn record(worker: &WorkerHeartbeat) -> VisibilityRecord<'_> {
    let host = worker.host_info.as_ref();
    let version = worker.deployment_version.as_ref();
    let status = match worker.status() {
        WorkerStatus::Unspecified => "Unspecified",
        WorkerStatus::Running => "Running",
        WorkerStatus::ShuttingDown => "ShuttingDown",
        WorkerStatus::Shutdown => "Shutdown",
    };
    let texts = [
        version.map_or("", |version| &version.build_id),
        version.map_or("", |version| &version.deployment_name),
        host.map_or("", |host| &host.host_name),
        &worker.sdk_name,
        &worker.sdk_version,
        status,
        &worker.worker_identity,
        &worker.worker_instance_key,
        status,
    ];
    let texts = KEYWORDS.into_iter().zip(texts);
    let texts = texts.map(|(name, text)| (name.to_owned(), Value::Keyword(text.to_owned())));
    let mut values: BTreeMap<String, Value> = texts.collect();
    if let Some(time) = &worker.heartbeat_time {
        for name in HEARTBEAT_TIMES {
            values.insert(name.to_owned(), Value::Datetime(moment(Some(time))));
        }
    }
    let start_time = moment(worker.start_time.as_ref());
    VisibilityRecord {
        workflow_id: "".into(),
        run_id: "".into(),
        workflow_type: "".into(),
        task_queue: worker.task_queue.as_str().into(),
        status: WorkflowExecutionStatus::Running,
        start_time,
        execution_time: start_time,
        close_time: None,
        history_length: 0,
        history_size_bytes: 0,
        state_transition_count: 0,
        parent_workflow_id: None,
        parent_run_id: None,
        root_workflow_id: "".into(),
        root_run_id: "".into(),
        search_attributes: values.into(),
    }
}

fn moment(time: Option<&Timestamp>) -> jiff::Timestamp {
    time.map_or(jiff::Timestamp::UNIX_EPOCH, |time| {
        Time::from_timestamp(time).jiff()
    })
}

fn info(worker: &WorkerHeartbeat) -> WorkerInfo {
    WorkerInfo {
        worker_heartbeat: Some(worker.clone()),
    }
}

fn list_info(worker: &WorkerHeartbeat) -> WorkerListInfo {
    let worker = worker.clone();
    let WorkerHostInfo {
        host_name,
        worker_grouping_key,
        process_id,
        ..
    } = worker.host_info.unwrap_or_default();
    WorkerListInfo {
        worker_instance_key: worker.worker_instance_key,
        worker_identity: worker.worker_identity,
        task_queue: worker.task_queue,
        deployment_version: worker.deployment_version,
        sdk_name: worker.sdk_name,
        sdk_version: worker.sdk_version,
        status: worker.status,
        start_time: worker.start_time,
        host_name,
        worker_grouping_key,
        process_id,
        plugins: worker.plugins,
        drivers: worker.drivers,
    }
}
