//! Eager activities: those the server hands back with the answer to a workflow task, past the
//! task queue (protocol 2.11).

use durably_protos::temporal::api::command::v1::Command;
use durably_protos::temporal::api::command::v1::command::Attributes;
use durably_protos::temporal::api::workflowservice::v1::PollActivityTaskQueueResponse;

use super::Shard;
use crate::worker::activity::{ActivityDispatcher, EagerPermit};

/// How many activities of one workflow task may be eager.
const MAX_EAGER_ACTIVITIES: usize = 3;

impl Shard {
    /// Grants the wish for eager execution to the first activities on this worker's own queue for
    /// which a slot is free now, and takes it from all others.
    pub(super) fn reserve_eager(&self, commands: &mut [Command]) -> Vec<EagerPermit> {
        let mut permits = Vec::new();
        for command in commands {
            let Some(Attributes::ScheduleActivityTaskCommandAttributes(activity)) =
                &mut command.attributes
            else {
                continue;
            };
            let own_queue = activity
                .task_queue
                .as_ref()
                .is_some_and(|queue| queue.name == self.config.task_queue);
            let wanted = activity.request_eager_execution
                && own_queue
                && self.config.eager_activities
                && permits.len() < MAX_EAGER_ACTIVITIES;
            let permit = self
                .activities
                .as_ref()
                .filter(|_| wanted)
                .and_then(ActivityDispatcher::try_reserve);
            activity.request_eager_execution = permit.is_some();
            permits.extend(permit);
        }
        permits
    }

    /// Hands over the activities that came; slots reserved for others are free again.
    pub(super) fn dispatch_eager(
        &self,
        tasks: Vec<PollActivityTaskQueueResponse>,
        permits: Vec<EagerPermit>,
    ) {
        let Some(activities) = &self.activities else {
            return;
        };
        for (task, permit) in tasks.into_iter().zip(permits) {
            activities.dispatch(task, permit);
        }
    }
}
