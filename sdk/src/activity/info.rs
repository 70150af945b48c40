//! What the server says about an attempt.

use std::time::{Duration, SystemTime};

use bytes::Bytes;
use durably_protos::google::protobuf;
use durably_protos::temporal::api::workflowservice::v1::PollActivityTaskQueueResponse;

use super::Priority;
use crate::failure::RetryPolicy;
use crate::payload::{Headers, Payload};
use crate::proto_time::{std_duration, system_time};

/// What is known about the attempt that runs. Timeouts are `None` where none is set.
#[derive(Debug, Clone, Default)]
#[non_exhaustive]
pub struct ActivityInfo {
    /// Identifies this attempt to the server: what completes it from elsewhere. Empty for a local
    /// activity.
    pub task_token: Bytes,
    /// The activity's id in its workflow.
    pub activity_id: String,
    /// The activity's type.
    pub activity_type: String,
    /// The run id of a standalone activity; empty for one that a workflow called.
    pub activity_run_id: String,
    /// The namespace of the workflow, and of the activity.
    pub namespace: String,
    /// The task queue that the worker polls.
    pub task_queue: String,
    /// The workflow's type; empty for a standalone activity.
    pub workflow_type: String,
    /// The workflow's id; empty for a standalone activity.
    pub workflow_id: String,
    /// The workflow's run id; empty for a standalone activity.
    pub run_id: String,
    /// Which attempt this is, counted from 1.
    pub attempt: u32,
    /// Whether the workflow's own worker runs this as a local activity.
    pub is_local: bool,
    /// When the first attempt was scheduled.
    pub scheduled_time: Option<SystemTime>,
    /// When this attempt was scheduled.
    pub current_attempt_scheduled_time: Option<SystemTime>,
    /// When this attempt was given to the worker.
    pub started_time: Option<SystemTime>,
    /// How long the activity may take in all, with its retries.
    pub schedule_to_close_timeout: Option<Duration>,
    /// How long this attempt may take.
    pub start_to_close_timeout: Option<Duration>,
    /// How long this attempt may go without a heartbeat.
    pub heartbeat_timeout: Option<Duration>,
    /// The policy that the server retries by, with its defaults filled in.
    pub retry_policy: Option<RetryPolicy>,
    /// What the activity last reported by heartbeat, in this or an earlier attempt, as it came. See
    /// [`heartbeat_details`](super::ActivityContext::heartbeat_details).
    pub heartbeat_details: Vec<Payload>,
    /// The headers that the caller sent along.
    pub headers: Headers,
    /// The priority of the task.
    pub priority: Option<Priority>,
}

impl ActivityInfo {
    /// The information and the input of a task from the server.
    pub(crate) fn from_task(
        task: PollActivityTaskQueueResponse,
        task_queue: &str,
    ) -> (Self, Vec<Payload>) {
        let execution = task.workflow_execution.unwrap_or_default();
        let input = task.input.unwrap_or_default().payloads;
        let info = Self {
            task_token: task.task_token,
            activity_id: task.activity_id,
            activity_type: task.activity_type.unwrap_or_default().name,
            activity_run_id: task.activity_run_id,
            namespace: task.workflow_namespace,
            task_queue: task_queue.to_owned(),
            workflow_type: task.workflow_type.unwrap_or_default().name,
            workflow_id: execution.workflow_id,
            run_id: execution.run_id,
            attempt: u32::try_from(task.attempt).unwrap_or(0).max(1),
            is_local: false,
            scheduled_time: time(task.scheduled_time),
            current_attempt_scheduled_time: time(task.current_attempt_scheduled_time),
            started_time: time(task.started_time),
            schedule_to_close_timeout: timeout(task.schedule_to_close_timeout),
            start_to_close_timeout: timeout(task.start_to_close_timeout),
            heartbeat_timeout: timeout(task.heartbeat_timeout),
            retry_policy: task.retry_policy.map(Into::into),
            heartbeat_details: task.heartbeat_details.unwrap_or_default().payloads,
            headers: task.header.into(),
            priority: task.priority,
        };
        (info, input)
    }
}

fn time(timestamp: Option<protobuf::Timestamp>) -> Option<SystemTime> {
    timestamp.as_ref().and_then(system_time)
}

/// Zero is how a task says "not set".
fn timeout(duration: Option<protobuf::Duration>) -> Option<Duration> {
    duration
        .as_ref()
        .map(std_duration)
        .filter(|duration| !duration.is_zero())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_empty_task_gives_an_info_without_timeouts() {
        let zero = Some(protobuf::Duration::default());
        let task = PollActivityTaskQueueResponse {
            attempt: -3,
            heartbeat_timeout: zero,
            start_to_close_timeout: zero,
            ..Default::default()
        };
        let (info, input) = ActivityInfo::from_task(task, "orders");
        assert_eq!(info.heartbeat_timeout, None);
        assert_eq!(info.start_to_close_timeout, None);
        assert_eq!((info.attempt, info.task_queue.as_str()), (1, "orders"));
        assert!(input.is_empty());
    }
}
