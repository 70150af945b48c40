//! The prepared answers.

use durably_protos::google::protobuf::Duration;
use durably_protos::temporal::api::command::v1::command::Attributes;
use durably_protos::temporal::api::command::v1::{
    Command, CompleteWorkflowExecutionCommandAttributes, ScheduleActivityTaskCommandAttributes,
    StartTimerCommandAttributes,
};
use durably_protos::temporal::api::common::v1::ActivityType;
use durably_protos::temporal::api::enums::v1::{CommandType, TaskQueueKind};
use durably_protos::temporal::api::taskqueue::v1::{StickyExecutionAttributes, TaskQueue};

use super::progress::{Kind, Progress};
use crate::number::payloads;

/// How many activities of one task may be eager, as in real workers (protocol 2.11).
const MAX_EAGER_ACTIVITIES: u64 = 3;
const STICKY_TIMEOUT: Duration = Duration {
    seconds: 10,
    nanos: 0,
};
const START_TO_CLOSE_TIMEOUT: Duration = Duration {
    seconds: 60,
    nanos: 0,
};
const TIMER: Duration = Duration {
    seconds: 0,
    nanos: 1_000_000,
};

/// Parts of answers that are the same for all tasks.
#[derive(Debug)]
pub(super) struct Prepared {
    pub(super) sticky: StickyExecutionAttributes,
    activity: ScheduleActivityTaskCommandAttributes,
    eager: bool,
}

impl Prepared {
    pub(super) fn new(task_queue: &str, sticky_queue: TaskQueue, eager: bool) -> Self {
        Self {
            sticky: StickyExecutionAttributes {
                worker_task_queue: Some(sticky_queue),
                schedule_to_start_timeout: Some(STICKY_TIMEOUT),
            },
            activity: ScheduleActivityTaskCommandAttributes {
                activity_type: Some(ActivityType {
                    name: "noop".to_owned(),
                }),
                task_queue: Some(TaskQueue {
                    name: task_queue.to_owned(),
                    kind: TaskQueueKind::Normal.into(),
                    ..TaskQueue::default()
                }),
                start_to_close_timeout: Some(START_TO_CLOSE_TIMEOUT),
                ..ScheduleActivityTaskCommandAttributes::default()
            },
            eager,
        }
    }

    /// The commands due, and whether they end the workflow.
    pub(super) fn commands(&self, progress: &Progress) -> (Vec<Command>, bool) {
        let Progress {
            n, begun, ended, ..
        } = *progress;
        if ended >= n {
            return (vec![complete(progress)], true);
        }
        let due = match progress.kind {
            Kind::OneActivity if begun == 0 => vec![self.activity(0, progress.argument, true)],
            Kind::Sequence if begun == ended => vec![self.activity(begun, begun, true)],
            Kind::Fanout if begun == 0 => (0..n)
                .map(|index| self.activity(index, index, index < MAX_EAGER_ACTIVITIES))
                .collect(),
            Kind::Timers if begun == 0 => (0..n).map(timer).collect(),
            _ => Vec::new(),
        };
        (due, false)
    }

    /// The run's activity with this index; ids count from 1.
    fn activity(&self, index: u64, argument: u64, eager: bool) -> Command {
        command(
            CommandType::ScheduleActivityTask,
            Attributes::ScheduleActivityTaskCommandAttributes(Box::new(
                ScheduleActivityTaskCommandAttributes {
                    activity_id: (index + 1).to_string(),
                    input: Some(payloads(argument)),
                    request_eager_execution: eager && self.eager,
                    ..self.activity.clone()
                },
            )),
        )
    }
}

fn timer(index: u64) -> Command {
    command(
        CommandType::StartTimer,
        Attributes::StartTimerCommandAttributes(Box::new(StartTimerCommandAttributes {
            timer_id: (index + 1).to_string(),
            start_to_fire_timeout: Some(TIMER),
        })),
    )
}

fn complete(progress: &Progress) -> Command {
    command(
        CommandType::CompleteWorkflowExecution,
        Attributes::CompleteWorkflowExecutionCommandAttributes(Box::new(
            CompleteWorkflowExecutionCommandAttributes {
                result: Some(payloads(result(progress))),
            },
        )),
    )
}

fn result(progress: &Progress) -> u64 {
    match progress.kind {
        Kind::Signals => progress.sum,
        Kind::Idle => 0,
        Kind::OneActivity | Kind::Sequence | Kind::Fanout | Kind::Timers => progress.argument,
    }
}

fn command(command_type: CommandType, attributes: Attributes) -> Command {
    Command {
        command_type: command_type.into(),
        attributes: Some(attributes),
        ..Command::default()
    }
}
