//! Tells when a worker has begun to poll, as the server sees it.

use std::time::Duration;

use temporalio_client::tonic::{IntoRequest, Status};
use temporalio_client::{Client, grpc::WorkflowService};
use temporalio_common::protos::temporal::api::enums::v1::TaskQueueType;
use temporalio_common::protos::temporal::api::taskqueue::v1::TaskQueue;
use temporalio_common::protos::temporal::api::workflowservice::v1::DescribeTaskQueueRequest;
use tokio::time::{Instant, sleep};

const PERIOD: Duration = Duration::from_millis(20);
const LIMIT: Duration = Duration::from_secs(30);

/// Why a worker was not found polling.
#[derive(Debug, thiserror::Error)]
pub enum ReadinessError {
    /// The server refused `DescribeTaskQueue`.
    #[error("could not describe task queue {task_queue:?}: {status}")]
    Describe {
        /// The task queue asked about.
        task_queue: String,
        /// The server's answer.
        status: Box<Status>,
    },
    /// The worker did not show up among the pollers in time.
    #[error(
        "{identity} is not among the {kind} pollers of task queue {task_queue:?} after {LIMIT:?}; \
         look for poll errors in the lines above"
    )]
    NotPolling {
        /// The worker's identity.
        identity: String,
        /// Workflow or activity.
        kind: &'static str,
        /// The task queue asked about.
        task_queue: String,
    },
}

/// Waits until the server counts `identity` among both the workflow and the activity pollers of
/// `task_queue`, for 30 s at most.
pub async fn polling(
    client: &Client,
    namespace: &str,
    task_queue: &str,
    identity: &str,
) -> Result<(), ReadinessError> {
    let give_up = Instant::now() + LIMIT;
    let kinds = [
        ("workflow", TaskQueueType::Workflow),
        ("activity", TaskQueueType::Activity),
    ];
    let mut service = client.connection().workflow_service();
    for (kind, queue_type) in kinds {
        while !is_poller(&mut *service, namespace, task_queue, queue_type, identity).await? {
            if Instant::now() >= give_up {
                return Err(ReadinessError::NotPolling {
                    identity: identity.to_owned(),
                    kind,
                    task_queue: task_queue.to_owned(),
                });
            }
            sleep(PERIOD).await;
        }
    }
    Ok(())
}

async fn is_poller(
    service: &mut dyn WorkflowService,
    namespace: &str,
    task_queue: &str,
    queue_type: TaskQueueType,
    identity: &str,
) -> Result<bool, ReadinessError> {
    let request = DescribeTaskQueueRequest {
        namespace: namespace.to_owned(),
        task_queue: Some(TaskQueue {
            name: task_queue.to_owned(),
            ..TaskQueue::default()
        }),
        task_queue_type: queue_type.into(),
        ..DescribeTaskQueueRequest::default()
    };
    let described = service
        .describe_task_queue(request.into_request())
        .await
        .map_err(|status| ReadinessError::Describe {
            task_queue: task_queue.to_owned(),
            status: Box::new(status),
        })?
        .into_inner();
    Ok(described
        .pollers
        .iter()
        .any(|poller| poller.identity == identity))
}
