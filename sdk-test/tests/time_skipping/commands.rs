//! What a worker answers.

use durably_protos::temporal::api::command::v1::command::Attributes as C;
use durably_protos::temporal::api::command::v1::{
    Command, CompleteWorkflowExecutionCommandAttributes,
    ContinueAsNewWorkflowExecutionCommandAttributes, ScheduleActivityTaskCommandAttributes,
    SignalExternalWorkflowExecutionCommandAttributes, StartChildWorkflowExecutionCommandAttributes,
    StartTimerCommandAttributes,
};
use durably_protos::temporal::api::common::v1::{
    ActivityType, RetryPolicy, WorkflowExecution, WorkflowType,
};
use durably_protos::temporal::api::enums::v1::CommandType;

use crate::bench::{Bench, seconds};

fn command(kind: CommandType, attributes: C) -> Command {
    Command {
        command_type: kind.into(),
        attributes: Some(attributes),
        ..Command::default()
    }
}

pub(crate) fn timer(id: &str, length: i64) -> Command {
    let attributes = StartTimerCommandAttributes {
        timer_id: id.to_owned(),
        start_to_fire_timeout: seconds(length),
    };
    let attributes = C::StartTimerCommandAttributes(Box::new(attributes));
    command(CommandType::StartTimer, attributes)
}

pub(crate) fn complete() -> Command {
    let attributes = CompleteWorkflowExecutionCommandAttributes::default();
    let attributes = C::CompleteWorkflowExecutionCommandAttributes(Box::new(attributes));
    command(CommandType::CompleteWorkflowExecution, attributes)
}

pub(crate) fn continue_as_new() -> Command {
    let attributes = ContinueAsNewWorkflowExecutionCommandAttributes::default();
    let attributes = C::ContinueAsNewWorkflowExecutionCommandAttributes(Box::new(attributes));
    command(CommandType::ContinueAsNewWorkflowExecution, attributes)
}

/// An activity that is tried again after 60 s, then after 120.
pub(crate) fn activity(bench: &Bench) -> Command {
    let attributes = ScheduleActivityTaskCommandAttributes {
        activity_id: "a".to_owned(),
        activity_type: Some(ActivityType {
            name: "activity".to_owned(),
        }),
        task_queue: bench.queue(),
        start_to_close_timeout: seconds(600),
        retry_policy: Some(RetryPolicy {
            initial_interval: seconds(60),
            backoff_coefficient: 2.0,
            ..RetryPolicy::default()
        }),
        ..ScheduleActivityTaskCommandAttributes::default()
    };
    let attributes = C::ScheduleActivityTaskCommandAttributes(Box::new(attributes));
    command(CommandType::ScheduleActivityTask, attributes)
}

/// A child on the same queue, whose id ends with `-child`.
pub(crate) fn child(bench: &Bench) -> Command {
    let attributes = StartChildWorkflowExecutionCommandAttributes {
        workflow_id: format!("{}-child", bench.id),
        workflow_type: Some(WorkflowType {
            name: "child".to_owned(),
        }),
        task_queue: bench.queue(),
        ..StartChildWorkflowExecutionCommandAttributes::default()
    };
    let attributes = C::StartChildWorkflowExecutionCommandAttributes(Box::new(attributes));
    command(CommandType::StartChildWorkflowExecution, attributes)
}

/// A signal to a workflow that is not there.
pub(crate) fn signal_nobody() -> Command {
    let attributes = SignalExternalWorkflowExecutionCommandAttributes {
        execution: Some(WorkflowExecution {
            workflow_id: "nobody".to_owned(),
            run_id: String::new(),
        }),
        signal_name: "hello".to_owned(),
        ..SignalExternalWorkflowExecutionCommandAttributes::default()
    };
    let attributes = C::SignalExternalWorkflowExecutionCommandAttributes(Box::new(attributes));
    command(CommandType::SignalExternalWorkflowExecution, attributes)
}
