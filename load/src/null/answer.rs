//! Workflow tasks: polling, answering, the next task that comes with the reply (protocol 2.7).

use std::sync::Arc;

use durably_protos::temporal::api::taskqueue::v1::TaskQueue;
use durably_protos::temporal::api::workflowservice::v1::respond_workflow_task_completed_request::Capabilities;
use durably_protos::temporal::api::workflowservice::v1::{
    PollWorkflowTaskQueueRequest, PollWorkflowTaskQueueResponse,
    RespondWorkflowTaskCompletedRequest,
};
use tonic::Code;

use super::NullError;
use super::error::call;
use super::shard::Shard;

/// Polls one queue for ever; tasks are answered beside the next poll.
pub(super) async fn poll(shard: Arc<Shard>, queue: TaskQueue) {
    let mut client = shard.connection.client.clone();
    loop {
        let request = shard.connection.long_poll(PollWorkflowTaskQueueRequest {
            namespace: shard.namespace.clone(),
            task_queue: Some(queue.clone()),
            identity: shard.identity.clone(),
            ..PollWorkflowTaskQueueRequest::default()
        });
        match client.poll_workflow_task_queue(request).await {
            Ok(response) => {
                let task = response.into_inner();
                if !task.task_token.is_empty() {
                    tokio::spawn(answer(shard.clone(), task));
                }
            }
            // The poll expired.
            Err(status) if matches!(status.code(), Code::DeadlineExceeded | Code::Cancelled) => {}
            Err(status) => return shard.report(Err(call("PollWorkflowTaskQueue")(status))),
        }
    }
}

async fn answer(shard: Arc<Shard>, mut task: PollWorkflowTaskQueueResponse) {
    loop {
        match complete(&shard, task).await {
            Ok(Some(next)) => task = next,
            Ok(None) => return,
            Err(error) => return shard.report(Err(error)),
        }
    }
}

/// Completes a task; gives the run's next one, if it came with the reply.
async fn complete(
    shard: &Arc<Shard>,
    mut task: PollWorkflowTaskQueueResponse,
) -> Result<Option<PollWorkflowTaskQueueResponse>, NullError> {
    let progress = shard.progress(&mut task).await?;
    let (commands, ends) = shard.prepared.commands(&progress);
    let keep = !ends && shard.has_room();
    let request = shard
        .connection
        .request(RespondWorkflowTaskCompletedRequest {
            task_token: task.task_token,
            namespace: shard.namespace.clone(),
            identity: shard.identity.clone(),
            commands,
            return_new_workflow_task: keep,
            sticky_attributes: keep.then(|| shard.prepared.sticky.clone()),
            capabilities: Some(Capabilities {
                discard_speculative_workflow_task_with_events: true,
            }),
            ..RespondWorkflowTaskCompletedRequest::default()
        });
    let mut client = shard.connection.client.clone();
    let reply = match client.respond_workflow_task_completed(request).await {
        Ok(reply) => reply.into_inner(),
        Err(status) if status.code() == Code::NotFound => {
            // The machine is so busy that the task timed out; its successor is on the way.
            eprintln!("null-worker: a workflow task was answered too late: {status}");
            return Ok(None);
        }
        Err(status) => return Err(call("RespondWorkflowTaskCompleted")(status)),
    };
    if keep && let Some(execution) = task.workflow_execution {
        shard.keep(execution.run_id, progress);
    }
    for activity in reply.activity_tasks {
        tokio::spawn(super::activity::answer(shard.clone(), activity));
    }
    Ok(reply
        .workflow_task
        .filter(|task| !task.task_token.is_empty()))
}
