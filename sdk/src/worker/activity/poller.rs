//! Polling for activity tasks.

use std::sync::Arc;
use std::time::Duration;

use durably_protos::google::protobuf::DoubleValue;
use durably_protos::temporal::api::enums::v1::TaskQueueKind;
use durably_protos::temporal::api::taskqueue::v1::{TaskQueue, TaskQueueMetadata};
use durably_protos::temporal::api::workflowservice::v1::PollActivityTaskQueueRequest;
use tokio::sync::OwnedSemaphorePermit;
use tokio::time::sleep;

use super::runner::ActivityRunner;
use crate::client::Call;
use crate::worker::poll::{PollError, PollStreak, PollVerdict, Polled};

/// How long polls go on once the worker is to stop. The server may be handing over a task just
/// then; one that is cut off there waits for its timeout (protocol 11.1).
const LAST_POLL: Duration = Duration::from_millis(200);

impl ActivityRunner {
    /// Keeps one poll open until the worker drains or polling becomes impossible.
    pub(super) async fn poll(self: Arc<Self>) -> Result<(), PollError> {
        let draining = &self.phases.draining;
        let mut streak = PollStreak::new(Polled::ActivityTasks, &self.options.task_queue);
        while let Some(slot) = self.next_slot().await {
            let last_poll = async {
                draining.cancelled().await;
                sleep(LAST_POLL).await;
            };
            let response = tokio::select! {
                biased;
                response = self.client.rpc().call_undecoded(self.poll_request(), Call::TASK_POLL) => response,
                () = last_poll => return Ok(()),
            };
            match response {
                Ok(task) => {
                    streak.succeeded();
                    // A poll that ends without a task has an empty answer (protocol 1.4).
                    if !task.task_token.is_empty() {
                        self.spawn(task, slot);
                    }
                }
                Err(error) => match streak.failed(error) {
                    PollVerdict::RetryAfter(delay) => {
                        drop(slot);
                        draining.run_until_cancelled(sleep(delay)).await;
                    }
                    PollVerdict::Fatal(error) => return Err(error),
                },
            }
        }
        Ok(())
    }

    /// Room for one more activity, when the rate limit allows its start. `None` once the worker
    /// drains.
    async fn next_slot(&self) -> Option<OwnedSemaphorePermit> {
        let next = async {
            let slot = Arc::clone(&self.slots).acquire_owned().await.ok()?;
            if let Some(limit) = &self.rate_limit {
                limit.acquire().await;
            }
            Some(slot)
        };
        tokio::select! {
            biased;
            () = self.phases.draining.cancelled() => None,
            slot = next => slot,
        }
    }

    fn poll_request(&self) -> PollActivityTaskQueueRequest {
        let rate = self.options.worker.max_task_queue_activities_per_second;
        PollActivityTaskQueueRequest {
            namespace: self.client.namespace().to_owned(),
            task_queue: Some(TaskQueue {
                name: self.options.task_queue.clone(),
                kind: TaskQueueKind::Normal.into(),
                ..TaskQueue::default()
            }),
            identity: self.options.identity.clone(),
            worker_instance_key: self.options.worker_instance_key.clone(),
            deployment_options: self.options.deployment_options(),
            task_queue_metadata: rate.map(|value| TaskQueueMetadata {
                max_tasks_per_second: Some(DoubleValue { value }),
            }),
            ..PollActivityTaskQueueRequest::default()
        }
    }
}
