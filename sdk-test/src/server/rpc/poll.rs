//! The polls of workers.

use std::sync::Arc;
use std::time::Duration;

use durably_protos::temporal::api::taskqueue::v1::TaskQueue;
use durably_protos::temporal::api::workflowservice::v1::{
    PollActivityTaskQueueRequest, PollActivityTaskQueueResponse, PollNexusTaskQueueRequest,
    PollNexusTaskQueueResponse, PollWorkflowTaskQueueRequest, PollWorkflowTaskQueueResponse,
    ResetStickyTaskQueueRequest, ResetStickyTaskQueueResponse, ShutdownWorkerRequest,
    ShutdownWorkerResponse,
};
use tokio::sync::oneshot;
use tonic::Status;

use super::Deadline;
use crate::server::queues::{Handed, QueueKey, QueueKind};
use crate::server::refusal::Answer;
use crate::server::shared::Shared;
use crate::server::validate;
use crate::server::world::{Effect, Poll, World};

/// How long a poll waits without a deadline of its own.
const LONGEST_POLL: Duration = Duration::from_secs(60);
/// A deadline so short that a poll would be for nothing.
const SHORTEST_DEADLINE: Duration = Duration::from_secs(2);

pub(super) async fn workflow_task(
    shared: Arc<Shared>,
    request: PollWorkflowTaskQueueRequest,
    deadline: Deadline,
) -> Answer<PollWorkflowTaskQueueResponse> {
    let queue = request.task_queue.as_ref();
    let kind = QueueKind::Workflow;
    match poll(
        shared,
        &request.namespace,
        queue,
        kind,
        &request.identity,
        deadline,
    )
    .await?
    {
        Some(Handed::Workflow(response)) => Ok(*response),
        Some(_) | None => Ok(PollWorkflowTaskQueueResponse::default()),
    }
}

pub(super) async fn activity_task(
    shared: Arc<Shared>,
    request: PollActivityTaskQueueRequest,
    deadline: Deadline,
) -> Answer<PollActivityTaskQueueResponse> {
    let queue = request.task_queue.as_ref();
    let kind = QueueKind::Activity;
    match poll(
        shared,
        &request.namespace,
        queue,
        kind,
        &request.identity,
        deadline,
    )
    .await?
    {
        Some(Handed::Activity(response)) => Ok(*response),
        Some(_) | None => Ok(PollActivityTaskQueueResponse::default()),
    }
}

pub(super) async fn nexus_task(
    shared: Arc<Shared>,
    request: PollNexusTaskQueueRequest,
    deadline: Deadline,
) -> Answer<PollNexusTaskQueueResponse> {
    let queue = request.task_queue.as_ref();
    let kind = QueueKind::Nexus;
    match poll(
        shared,
        &request.namespace,
        queue,
        kind,
        &request.identity,
        deadline,
    )
    .await?
    {
        Some(Handed::Nexus(response)) => Ok(*response),
        Some(_) | None => Ok(PollNexusTaskQueueResponse::default()),
    }
}

async fn poll(
    shared: Arc<Shared>,
    namespace: &str,
    queue: Option<&TaskQueue>,
    kind: QueueKind,
    identity: &str,
    deadline: Deadline,
) -> Answer<Option<Handed>> {
    let (key, poll) = shared.with(|world| {
        let namespace = &world.namespaces.get(namespace)?.name.name;
        let name = validate::task_queue(&world.limits, queue)?;
        validate::length(&world.limits, identity, "Identity")?;
        if deadline.left().is_some_and(|left| left < SHORTEST_DEADLINE) {
            return Err(Status::failed_precondition("Context timeout is too short."));
        }
        let key = QueueKey {
            namespace: namespace.as_str().into(),
            kind,
            name: name.into(),
        };
        let poll = world.poll(&key, identity);
        Ok((key, poll))
    })?;
    let receiver = match poll {
        Poll::Ready(handed) => return Ok(Some(handed)),
        Poll::Waits(receiver) => receiver,
    };
    let mut waiting = WaitingPoll {
        shared,
        key,
        receiver: Some(receiver),
    };
    let wait = deadline.wait(LONGEST_POLL);
    Ok(waiting.handed_within(wait).await)
}

/// A poll that waits. Given up, it gives back what it was handed meanwhile.
struct WaitingPoll {
    shared: Arc<Shared>,
    key: QueueKey,
    receiver: Option<oneshot::Receiver<Handed>>,
}

impl WaitingPoll {
    async fn handed_within(&mut self, wait: Duration) -> Option<Handed> {
        let receiver = self.receiver.as_mut()?;
        let handed = tokio::time::timeout(wait, &mut *receiver).await;
        let handed = match handed {
            Ok(handed) => handed.ok(),
            // What was handed over in the last moment counts.
            Err(_) => {
                receiver.close();
                receiver.try_recv().ok()
            }
        };
        self.receiver = None;
        handed
    }
}

impl Drop for WaitingPoll {
    fn drop(&mut self) {
        if let Some(mut receiver) = self.receiver.take() {
            receiver.close();
            let handed = receiver.try_recv().ok();
            self.shared
                .with(|world| world.poll_given_up(&self.key, handed));
        }
    }
}

pub(super) fn shutdown_worker(
    world: &mut World,
    request: ShutdownWorkerRequest,
) -> Answer<ShutdownWorkerResponse> {
    let namespace = &world.namespaces.get(&request.namespace)?.name.name;
    let key = QueueKey {
        namespace: namespace.as_str().into(),
        kind: QueueKind::Workflow,
        name: request.sticky_task_queue.as_str().into(),
    };
    if let Some(queue) = world.queues.find_mut(&key) {
        queue.abandon();
    }
    world.leave_sticky_queue(&key);
    if let Some(heartbeat) = request.worker_heartbeat {
        world.workers.record(&request.namespace, heartbeat);
    }
    Ok(ShutdownWorkerResponse {})
}

pub(super) fn reset_sticky(
    world: &mut World,
    request: ResetStickyTaskQueueRequest,
) -> Answer<ResetStickyTaskQueueResponse> {
    let index = world.find_open(&request.namespace, request.execution.as_ref(), "")?;
    world.change(index, |run, tx| {
        run.set_sticky(None);
        // A task that waits on the sticky queue goes to the normal one.
        tx.effects.push_back(Effect::WorkflowTask(run.index));
    });
    Ok(ResetStickyTaskQueueResponse {})
}
