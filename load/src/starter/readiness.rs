//! Waiting until the server answers and the task queue is polled.

use std::time::Duration;

use durably_protos::temporal::api::enums::v1::TaskQueueType;
use durably_protos::temporal::api::taskqueue::v1::TaskQueue;
use durably_protos::temporal::api::workflowservice::v1::{
    DescribeNamespaceRequest, DescribeTaskQueueRequest,
};
use tokio::time::{Instant, sleep};

use super::error::{StarterError, call};
use super::service::Service;

const PERIOD: Duration = Duration::from_millis(20);
const LIMIT: Duration = Duration::from_secs(30);

/// Waits until the server serves the namespace.
pub(super) async fn server(address: &str, namespace: &str) -> Result<Service, StarterError> {
    let give_up = Instant::now() + LIMIT;
    loop {
        match reach(address, namespace).await {
            Ok(service) => return Ok(service),
            Err(error) if Instant::now() >= give_up => {
                return Err(StarterError::NotReady {
                    address: address.to_owned(),
                    seconds: LIMIT.as_secs(),
                    last_error: Box::new(error),
                });
            }
            Err(_) => sleep(PERIOD).await,
        }
    }
}

async fn reach(address: &str, namespace: &str) -> Result<Service, StarterError> {
    let service = Service::open(address, namespace).await?;
    let request = service.connection.request(DescribeNamespaceRequest {
        namespace: namespace.to_owned(),
        ..DescribeNamespaceRequest::default()
    });
    let described = service
        .connection
        .client
        .clone()
        .describe_namespace(request)
        .await;
    described.map_err(call("DescribeNamespace"))?;
    Ok(service)
}

/// Waits until somebody polls the queue for workflow tasks and for activity tasks.
pub(super) async fn pollers(service: &Service, task_queue: &str) -> Result<(), StarterError> {
    let give_up = Instant::now() + LIMIT;
    for (kind, queue_type) in [
        ("workflow", TaskQueueType::Workflow),
        ("activity", TaskQueueType::Activity),
    ] {
        while !is_polled(service, task_queue, queue_type).await? {
            if Instant::now() >= give_up {
                return Err(StarterError::NoPoller {
                    task_queue: task_queue.to_owned(),
                    kind,
                    seconds: LIMIT.as_secs(),
                });
            }
            sleep(PERIOD).await;
        }
    }
    Ok(())
}

async fn is_polled(
    service: &Service,
    task_queue: &str,
    queue_type: TaskQueueType,
) -> Result<bool, StarterError> {
    let request = service.connection.request(DescribeTaskQueueRequest {
        namespace: service.namespace.clone(),
        task_queue: Some(TaskQueue {
            name: task_queue.to_owned(),
            ..TaskQueue::default()
        }),
        task_queue_type: queue_type.into(),
        ..DescribeTaskQueueRequest::default()
    });
    let described = service
        .connection
        .client
        .clone()
        .describe_task_queue(request)
        .await;
    let described = described.map_err(call("DescribeTaskQueue"))?.into_inner();
    Ok(!described.pollers.is_empty())
}
