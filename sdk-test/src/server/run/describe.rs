//! What `DescribeWorkflowExecution` and the lists show of a run.

use durably_protos::temporal::api::common::v1::{ActivityType, WorkflowExecution, WorkflowType};
use durably_protos::temporal::api::enums::v1::{
    EventType, PendingActivityState, PendingWorkflowTaskState,
};
use durably_protos::temporal::api::taskqueue::v1::TaskQueue;
use durably_protos::temporal::api::workflow::v1::pending_activity_info::PauseInfo;
use durably_protos::temporal::api::workflow::v1::pending_activity_info::pause_info::{
    Manual, PausedBy,
};
use durably_protos::temporal::api::workflow::v1::{
    PendingActivityInfo, PendingChildExecutionInfo, PendingWorkflowTaskInfo, RequestIdInfo,
    WorkflowExecutionConfig, WorkflowExecutionExtendedInfo, WorkflowExecutionInfo,
    WorkflowExecutionVersioningInfo,
};
use durably_protos::temporal::api::workflowservice::v1::DescribeWorkflowExecutionResponse;

use super::{ActivityState, Pause, PendingActivity, Run, RunCallback};
use crate::server::time::Time;

impl Run {
    /// The answer, at this time of the server's clock.
    pub(crate) fn describe(&self, server: Time) -> DescribeWorkflowExecutionResponse {
        let started = self.started();
        DescribeWorkflowExecutionResponse {
            execution_config: Some(WorkflowExecutionConfig {
                task_queue: Some(self.normal_queue()),
                workflow_execution_timeout: started.workflow_execution_timeout,
                workflow_run_timeout: started.workflow_run_timeout,
                default_workflow_task_timeout: started.workflow_task_timeout,
                user_metadata: self.user_metadata.clone(),
            }),
            workflow_execution_info: Some(self.info()),
            pending_activities: self.activities.values().map(pending_activity).collect(),
            pending_children: self.pending_children(),
            pending_nexus_operations: self.pending_operations(),
            callbacks: self.callbacks.iter().map(RunCallback::describe).collect(),
            pending_workflow_task: self.pending_workflow_task(),
            workflow_extended_info: Some(WorkflowExecutionExtendedInfo {
                time_skipping_info: self.time_skipping_info(server),
                ..self.extended_info()
            }),
        }
    }

    /// The run as lists show it.
    pub(crate) fn info(&self) -> WorkflowExecutionInfo {
        let started = self.started();
        let no_parent = WorkflowExecution::default();
        let parent = started.parent_workflow_execution.clone();
        let duration = self
            .close_time
            .map(|close| close.since(self.execution_time));
        WorkflowExecutionInfo {
            execution: Some(self.execution()),
            r#type: Some(WorkflowType {
                name: self.workflow_type().to_owned(),
            }),
            start_time: Some(self.start_time.timestamp()),
            close_time: self.close_time.map(Time::timestamp),
            status: self.status.into(),
            history_length: self.history.last_id(),
            parent_namespace_id: started.parent_workflow_namespace_id.clone(),
            parent_execution: parent.filter(|parent| *parent != no_parent),
            execution_time: Some(self.execution_time.timestamp()),
            memo: Some(self.memo.clone()),
            search_attributes: Some(self.all_search_attributes()),
            auto_reset_points: Some(self.versions.points()),
            most_recent_worker_version_stamp: self.versions.most_recent.clone(),
            task_queue: self.task_queue.to_string(),
            state_transition_count: self.transitions,
            history_size_bytes: self.history.size_bytes(),
            execution_duration: duration.map(super::super::time::Span::duration),
            root_execution: Some(self.root_execution()),
            first_run_id: started.first_execution_run_id.clone(),
            priority: self.options.priority.clone(),
            versioning_info: self.options.versioning_override.clone().map(|given| {
                WorkflowExecutionVersioningInfo {
                    versioning_override: Some(given),
                    ..WorkflowExecutionVersioningInfo::default()
                }
            }),
            ..WorkflowExecutionInfo::default()
        }
    }

    /// The execution at the top of the tree of parents: itself, without a parent.
    pub(crate) fn root_execution(&self) -> WorkflowExecution {
        let root = self.started().root_workflow_execution.clone();
        root.unwrap_or_else(|| self.execution())
    }

    fn extended_info(&self) -> WorkflowExecutionExtendedInfo {
        let requests = self.request_ids.iter().map(|(request_id, &event_id)| {
            let event_type = match event_id {
                1 => EventType::WorkflowExecutionStarted,
                _ => EventType::WorkflowExecutionOptionsUpdated,
            };
            let info = RequestIdInfo {
                event_type: event_type.into(),
                event_id,
                buffered: event_id == 0,
            };
            (request_id.clone(), info)
        });
        WorkflowExecutionExtendedInfo {
            execution_expiration_time: self.execution_expiration().map(Time::timestamp),
            run_expiration_time: self.run_expiration().map(Time::timestamp),
            cancel_requested: self.cancel_requested,
            last_reset_time: self.reset_time.map(Time::timestamp),
            original_start_time: self
                .history
                .from(1)
                .first()
                .and_then(|event| event.event_time),
            reset_run_id: self.reset_run_id.as_deref().unwrap_or_default().to_owned(),
            request_id_infos: requests.collect(),
            ..WorkflowExecutionExtendedInfo::default()
        }
    }

    fn pending_children(&self) -> Vec<PendingChildExecutionInfo> {
        let children = self.children.iter();
        let describe =
            |(&initiated_id, child): (&i64, &super::PendingChild)| PendingChildExecutionInfo {
                workflow_id: child.workflow_id.clone(),
                run_id: child.run_id.clone(),
                workflow_type_name: child.workflow_type.clone(),
                initiated_id,
                parent_close_policy: child.parent_close_policy.into(),
            };
        children.map(describe).collect()
    }

    fn pending_workflow_task(&self) -> Option<PendingWorkflowTaskInfo> {
        let task = self.workflow_task.as_ref()?;
        let state = if task.is_started() {
            PendingWorkflowTaskState::Started
        } else {
            PendingWorkflowTaskState::Scheduled
        };
        Some(PendingWorkflowTaskInfo {
            state: state.into(),
            scheduled_time: Some(task.scheduled_time.timestamp()),
            original_scheduled_time: Some(task.original_scheduled_time.timestamp()),
            started_time: task
                .started
                .as_ref()
                .map(|started| started.time.timestamp()),
            attempt: task.attempt,
        })
    }
}

fn pending_activity(activity: &PendingActivity) -> PendingActivityInfo {
    let state = match activity.state {
        _ if activity.cancel_requested_id != 0 && activity.started.is_some() => {
            PendingActivityState::CancelRequested
        }
        ActivityState::Started if activity.pause.is_some() => PendingActivityState::PauseRequested,
        ActivityState::Started => PendingActivityState::Started,
        ActivityState::Paused => PendingActivityState::Paused,
        ActivityState::Waiting | ActivityState::BackingOff => PendingActivityState::Scheduled,
    };
    let interval = activity.next_attempt.zip(activity.last_attempt_end);
    PendingActivityInfo {
        activity_id: activity.activity_id.clone(),
        activity_type: Some(ActivityType {
            name: activity.activity_type.clone(),
        }),
        state: state.into(),
        heartbeat_details: activity.heartbeat_details.clone(),
        last_heartbeat_time: activity.last_heartbeat.map(Time::timestamp),
        last_started_time: activity
            .started
            .as_ref()
            .map(|started| started.time.timestamp()),
        attempt: activity.attempt,
        maximum_attempts: activity.settings.retry_policy.maximum_attempts,
        scheduled_time: Some(activity.attempt_scheduled_time.timestamp()),
        expiration_time: activity.deadline().map(Time::timestamp),
        last_failure: activity.last_failure.clone(),
        last_worker_identity: activity.last_identity.clone(),
        current_retry_interval: interval.map(|(next, end)| next.since(end).duration()),
        last_attempt_complete_time: activity.last_attempt_end.map(Time::timestamp),
        next_attempt_schedule_time: activity.next_attempt.map(Time::timestamp),
        paused: activity.pause.is_some(),
        priority: activity.settings.priority.clone(),
        pause_info: activity.pause.as_ref().map(pause_info),
        activity_options: Some(activity.settings.options(TaskQueue {
            name: activity.settings.task_queue.clone(),
            normal_name: activity.settings.task_queue.clone(),
            kind: 0,
        })),
        ..PendingActivityInfo::default()
    }
}

fn pause_info(pause: &Pause) -> PauseInfo {
    PauseInfo {
        pause_time: Some(pause.time.timestamp()),
        paused_by: Some(PausedBy::Manual(Manual {
            identity: pause.identity.clone(),
            reason: pause.reason.clone(),
        })),
    }
}
