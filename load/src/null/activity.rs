//! Activity tasks: polling, and completing with the input as the result.

use std::sync::Arc;

use durably_protos::temporal::api::workflowservice::v1::{
    PollActivityTaskQueueRequest, PollActivityTaskQueueResponse,
    RespondActivityTaskCompletedRequest,
};
use tonic::Code;

use super::error::call;
use super::shard::Shard;

/// Polls for ever; tasks are completed beside the next poll.
pub(super) async fn poll(shard: Arc<Shard>) {
    let mut client = shard.connection.client.clone();
    loop {
        let request = shard.connection.long_poll(PollActivityTaskQueueRequest {
            namespace: shard.namespace.clone(),
            task_queue: Some(shard.normal_queue.clone()),
            identity: shard.identity.clone(),
            ..PollActivityTaskQueueRequest::default()
        });
        match client.poll_activity_task_queue(request).await {
            Ok(response) => {
                let task = response.into_inner();
                if !task.task_token.is_empty() {
                    tokio::spawn(answer(shard.clone(), task));
                }
            }
            // The poll expired.
            Err(status) if matches!(status.code(), Code::DeadlineExceeded | Code::Cancelled) => {}
            Err(status) => return shard.report(Err(call("PollActivityTaskQueue")(status))),
        }
    }
}

/// Completes one activity.
pub(super) async fn answer(shard: Arc<Shard>, task: PollActivityTaskQueueResponse) {
    let request = shard
        .connection
        .request(RespondActivityTaskCompletedRequest {
            task_token: task.task_token,
            namespace: shard.namespace.clone(),
            identity: shard.identity.clone(),
            result: task.input,
            ..RespondActivityTaskCompletedRequest::default()
        });
    let mut client = shard.connection.client.clone();
    let reply = client.respond_activity_task_completed(request).await;
    shard.report(
        reply
            .map(drop)
            .map_err(call("RespondActivityTaskCompleted")),
    );
}
