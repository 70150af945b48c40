//! Polling for workflow tasks: on the task queue, and on the shard's own sticky queue.

use std::rc::Rc;
use std::time::Duration;

use durably_protos::temporal::api::enums::v1::TaskQueueKind;
use durably_protos::temporal::api::taskqueue::v1::TaskQueue;
use durably_protos::temporal::api::workflowservice::v1::PollWorkflowTaskQueueRequest;
use tokio::task::JoinSet;

use super::Shard;
use crate::client::Call;
use crate::worker::WorkerDeployment;
use crate::worker::poll::{PollError, PollStreak, PollVerdict, Polled};
use crate::worker::shutdown::ShutdownSignal;

/// How long polls go on once the worker is to stop. The server may be handing over a task just
/// then; one that is cut off there waits for its timeout (protocol 11.1).
const LAST_POLL: Duration = Duration::from_millis(200);

/// Polls until the worker drains or polling becomes impossible.
pub(super) async fn poll_all(shard: &Rc<Shard>, shutdown: ShutdownSignal) -> Result<(), PollError> {
    let (normal, sticky) = split(shard.config.pollers, shard.is_sticky());
    let mut pollers = JoinSet::new();
    for _ in 0..sticky {
        pollers.spawn_local(poll(shard.clone(), sticky_queue(shard), shutdown.clone()));
    }
    for _ in 0..normal {
        pollers.spawn_local(poll(shard.clone(), normal_queue(shard), shutdown.clone()));
    }
    while let Some(ended) = pollers.join_next().await {
        match ended {
            Ok(result) => result?,
            Err(error) if error.is_panic() => std::panic::resume_unwind(error.into_panic()),
            Err(_) => {}
        }
    }
    Ok(())
}

/// How many of a shard's pollers ask the normal and how many the sticky queue: a fifth and the
/// rest, at least one each (protocol 11.3).
fn split(pollers: usize, sticky: bool) -> (usize, usize) {
    if !sticky {
        return (pollers.max(1), 0);
    }
    let normal = (pollers / 5).max(1);
    (normal, pollers.saturating_sub(normal).max(1))
}

fn normal_queue(shard: &Shard) -> TaskQueue {
    TaskQueue {
        name: shard.config.task_queue.clone(),
        kind: TaskQueueKind::Normal.into(),
        ..TaskQueue::default()
    }
}

pub(super) fn sticky_queue(shard: &Shard) -> TaskQueue {
    TaskQueue {
        name: shard.config.sticky_task_queue.clone(),
        kind: TaskQueueKind::Sticky.into(),
        normal_name: shard.config.task_queue.clone(),
    }
}

async fn poll(
    shard: Rc<Shard>,
    queue: TaskQueue,
    mut shutdown: ShutdownSignal,
) -> Result<(), PollError> {
    let mut streak = PollStreak::new(Polled::WorkflowTasks, &shard.config.task_queue);
    loop {
        // A task is asked for only when there is room for it.
        let slot = tokio::select! {
            biased;
            () = shutdown.draining() => return Ok(()),
            slot = shard.slots.clone().acquire_owned() => slot,
        };
        let Ok(slot) = slot else {
            return Ok(());
        };
        if shard.progress.is_replaced() {
            return Ok(());
        }
        let response = tokio::select! {
            response = shard.rpc.call_undecoded(request(&shard, &queue), Call::TASK_POLL) => response,
            () = async { shutdown.draining().await; tokio::time::sleep(LAST_POLL).await } => return Ok(()),
        };
        match response {
            Ok(task) => {
                streak.succeeded();
                if !task.task_token.is_empty() {
                    shard.clone().spawn(task, slot);
                }
            }
            Err(error) => match streak.failed(error) {
                PollVerdict::RetryAfter(delay) => tokio::select! {
                    () = tokio::time::sleep(delay) => {}
                    () = shutdown.draining() => return Ok(()),
                },
                PollVerdict::Fatal(error) => return Err(error),
            },
        }
    }
}

fn request(shard: &Shard, queue: &TaskQueue) -> PollWorkflowTaskQueueRequest {
    PollWorkflowTaskQueueRequest {
        namespace: shard.config.namespace.clone(),
        task_queue: Some(queue.clone()),
        identity: shard.config.identity.clone(),
        worker_instance_key: shard.config.worker_instance_key.clone(),
        deployment_options: shard
            .config
            .deployment
            .as_ref()
            .map(WorkerDeployment::to_proto),
        ..PollWorkflowTaskQueueRequest::default()
    }
}

#[cfg(test)]
mod tests {
    use super::split;

    #[test]
    fn a_fifth_of_the_pollers_asks_the_normal_queue() {
        assert_eq!(split(5, true), (1, 4));
        assert_eq!(split(10, true), (2, 8));
        assert_eq!(split(2, true), (1, 1));
        assert_eq!(split(1, true), (1, 1));
        assert_eq!(split(5, false), (5, 0));
    }
}
