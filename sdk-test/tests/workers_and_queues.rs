//! Heartbeats of workers, and descriptions of task queues.

// The `temporal` command and older SDKs use the deprecated fields.
#![allow(deprecated)]

mod common;

use std::time::Duration;

use common::{Client, client, namespace, start, task_queue};
use durably_protos::google::protobuf::Timestamp;
use durably_protos::temporal::api::enums::v1::{
    DescribeTaskQueueMode, TaskQueueType, WorkerStatus,
};
use durably_protos::temporal::api::worker::v1::{WorkerHeartbeat, WorkerHostInfo};
use durably_protos::temporal::api::workflowservice::v1::{
    CountWorkersRequest, DescribeTaskQueueRequest, DescribeWorkerRequest,
    ListTaskQueuePartitionsRequest, ListWorkersRequest, PollWorkflowTaskQueueRequest,
    RecordWorkerHeartbeatRequest, ShutdownWorkerRequest,
};
use durably_test::server::{ClockMode, TestServer};
use tonic::{Code, Request};

fn heartbeat(key: &str, status: WorkerStatus) -> WorkerHeartbeat {
    WorkerHeartbeat {
        worker_instance_key: key.to_owned(),
        worker_identity: format!("{key}@host"),
        task_queue: "queue".to_owned(),
        host_info: Some(WorkerHostInfo {
            host_name: "host".to_owned(),
            ..WorkerHostInfo::default()
        }),
        start_time: Some(Timestamp {
            seconds: 5,
            nanos: 0,
        }),
        status: status.into(),
        ..WorkerHeartbeat::default()
    }
}

async fn record(client: &mut Client, heartbeat: WorkerHeartbeat) {
    let request = RecordWorkerHeartbeatRequest {
        namespace: namespace(),
        worker_heartbeat: vec![heartbeat],
        ..RecordWorkerHeartbeatRequest::default()
    };
    client.record_worker_heartbeat(request).await.unwrap();
}

async fn listed(client: &mut Client, query: &str) -> Vec<String> {
    let request = ListWorkersRequest {
        namespace: namespace(),
        query: query.to_owned(),
        ..ListWorkersRequest::default()
    };
    let listed = client.list_workers(request).await.unwrap().into_inner();
    assert_eq!(listed.workers.len(), listed.workers_info.len());
    let workers = listed.workers.into_iter();
    workers.map(|worker| worker.worker_instance_key).collect()
}

#[tokio::test]
async fn workers_that_tell_of_themselves_are_listed() {
    let server = TestServer::builder().clock(ClockMode::RealTime).start();
    let mut client = client(&server);
    for key in ["b", "a", "c"] {
        record(&mut client, heartbeat(key, WorkerStatus::Running)).await;
    }
    record(&mut client, heartbeat("c", WorkerStatus::ShuttingDown)).await;
    for (query, expected) in [
        ("", &["a", "b", "c"][..]),
        ("WorkerIdentity = 'b@host'", &["b"]),
        (
            "Status = 'ShuttingDown' OR WorkerInstanceKey = 'a'",
            &["a", "c"],
        ),
        (
            "TaskQueue = 'queue' AND StartTime > '2020-01-01T00:00:00Z'",
            &[],
        ),
        ("HeartbeatTime IS NOT NULL", &[]),
        // As the real server answers.
        ("Nope = 1", &[]),
    ] {
        assert_eq!(listed(&mut client, query).await, expected, "{query}");
        let request = CountWorkersRequest {
            namespace: namespace(),
            query: query.to_owned(),
            ..CountWorkersRequest::default()
        };
        let counted = client.count_workers(request).await.unwrap();
        assert_eq!(counted.into_inner().count, expected.len() as i64);
    }
    let mut request = ListWorkersRequest {
        namespace: namespace(),
        page_size: 2,
        ..ListWorkersRequest::default()
    };
    let first = client
        .list_workers(request.clone())
        .await
        .unwrap()
        .into_inner();
    request.next_page_token = first.next_page_token;
    let second = client
        .list_workers(request.clone())
        .await
        .unwrap()
        .into_inner();
    assert_eq!((first.workers.len(), second.workers.len()), (2, 1));
    assert!(second.next_page_token.is_empty());
    request.query = "x x".to_owned();
    let status = client.list_workers(request).await.unwrap_err();
    assert_eq!(
        status.message(),
        "malformed query: syntax error at position 31 near 'x'"
    );
}

#[tokio::test]
async fn a_worker_is_described_until_it_is_shut_down() {
    let server = TestServer::builder().clock(ClockMode::RealTime).start();
    let mut client = client(&server);
    record(&mut client, heartbeat("a", WorkerStatus::Running)).await;
    let request = DescribeWorkerRequest {
        namespace: namespace(),
        worker_instance_key: "a".to_owned(),
    };
    let described = client.describe_worker(request.clone()).await.unwrap();
    let described = described.into_inner().worker_info.unwrap().worker_heartbeat;
    assert_eq!(described, Some(heartbeat("a", WorkerStatus::Running)));
    let shutdown = ShutdownWorkerRequest {
        namespace: namespace(),
        sticky_task_queue: "sticky".to_owned(),
        worker_heartbeat: Some(heartbeat("a", WorkerStatus::Shutdown)),
        ..ShutdownWorkerRequest::default()
    };
    client.shutdown_worker(shutdown).await.unwrap();
    let status = client.describe_worker(request).await.unwrap_err();
    assert_eq!(
        (status.code(), status.message()),
        (Code::NotFound, "Worker a not found")
    );
}

#[tokio::test]
async fn a_task_queue_tells_who_polls_and_what_waits() {
    let server = TestServer::builder().clock(ClockMode::RealTime).start();
    let mut client = client(&server);
    let describe = DescribeTaskQueueRequest {
        namespace: namespace(),
        task_queue: task_queue(),
        report_stats: true,
        ..DescribeTaskQueueRequest::default()
    };
    start(&mut client, "w", None).await;
    let waiting = client.describe_task_queue(describe.clone()).await.unwrap();
    let waiting = waiting.into_inner();
    assert_eq!(waiting.pollers, []);
    let stats = waiting.stats.unwrap();
    assert_eq!(stats.approximate_backlog_count, 1);
    assert!(stats.approximate_backlog_age.is_some());
    assert!(waiting.versioning_info.is_some());
    let mut poll = Request::new(PollWorkflowTaskQueueRequest {
        namespace: namespace(),
        task_queue: task_queue(),
        identity: "worker".to_owned(),
        ..PollWorkflowTaskQueueRequest::default()
    });
    poll.set_timeout(Duration::from_secs(5));
    client.poll_workflow_task_queue(poll).await.unwrap();
    let mut enhanced = DescribeTaskQueueRequest {
        report_pollers: true,
        ..describe
    };
    enhanced.set_api_mode(DescribeTaskQueueMode::Enhanced);
    let described = client.describe_task_queue(enhanced).await.unwrap();
    let types = &described.get_ref().versions_info[""].types_info;
    assert_eq!(types.len(), 2);
    let workflows = &types[&TaskQueueType::Workflow.into()];
    assert_eq!(workflows.pollers[0].identity, "worker");
    let stats = workflows.stats.unwrap();
    assert_eq!(stats.approximate_backlog_count, 0);
    assert_eq!(types[&TaskQueueType::Activity.into()].pollers, []);
    let partitions = ListTaskQueuePartitionsRequest {
        namespace: namespace(),
        task_queue: task_queue(),
    };
    let partitions = client.list_task_queue_partitions(partitions).await.unwrap();
    let partitions = partitions.into_inner().workflow_task_queue_partitions;
    assert_eq!(partitions[0].key, "queue");
}
