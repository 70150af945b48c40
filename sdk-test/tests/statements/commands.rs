//! What a workflow may ask for.

use durably_protos::google::protobuf::Duration;
use durably_protos::temporal::api::command::v1::command::Attributes as C;
use durably_protos::temporal::api::command::v1::{
    CancelTimerCommandAttributes, Command, CompleteWorkflowExecutionCommandAttributes,
    ContinueAsNewWorkflowExecutionCommandAttributes, FailWorkflowExecutionCommandAttributes,
    RequestCancelActivityTaskCommandAttributes,
    RequestCancelExternalWorkflowExecutionCommandAttributes, ScheduleActivityTaskCommandAttributes,
    SignalExternalWorkflowExecutionCommandAttributes, StartChildWorkflowExecutionCommandAttributes,
    StartTimerCommandAttributes,
};
use durably_protos::temporal::api::common::v1::{
    ActivityType, Payload, Payloads, RetryPolicy, WorkflowExecution, WorkflowType,
};
use durably_protos::temporal::api::enums::v1::CommandType;
use durably_protos::temporal::api::failure::v1::failure::FailureInfo;
use durably_protos::temporal::api::failure::v1::{ApplicationFailureInfo, Failure};

use crate::bench::queue;
use crate::run::Run;

#[expect(clippy::unnecessary_wraps, reason = "messages have it as an option")]
pub(crate) fn seconds(seconds: i64) -> Option<Duration> {
    Some(Duration { seconds, nanos: 0 })
}

pub(crate) fn json(text: &str) -> Payload {
    Payload {
        metadata: [("encoding", "json/plain".into())].into(),
        data: format!("\"{text}\"").into(),
        ..Payload::default()
    }
}

#[expect(clippy::unnecessary_wraps, reason = "messages have it as an option")]
pub(crate) fn payloads(text: &str) -> Option<Payloads> {
    Some(Payloads {
        payloads: vec![json(text)],
    })
}

/// Retries after that many seconds, and after a hundred times that thereafter.
#[expect(clippy::unnecessary_wraps, reason = "messages have it as an option")]
pub(crate) fn retrying(initial_interval: i64, maximum_attempts: i32) -> Option<RetryPolicy> {
    Some(RetryPolicy {
        initial_interval: seconds(initial_interval),
        backoff_coefficient: 100.0,
        maximum_attempts,
        ..RetryPolicy::default()
    })
}

/// A failure of the application.
pub(crate) fn failure(message: &str) -> Failure {
    let info = ApplicationFailureInfo {
        r#type: "Trouble".to_owned(),
        ..ApplicationFailureInfo::default()
    };
    Failure {
        message: message.to_owned(),
        failure_info: Some(FailureInfo::ApplicationFailureInfo(info)),
        ..Failure::default()
    }
}

pub(crate) fn command(command_type: CommandType, attributes: C) -> Command {
    Command {
        command_type: command_type.into(),
        attributes: Some(attributes),
        ..Command::default()
    }
}

pub(crate) fn timer(timer_id: &str, after: i64) -> Command {
    let attributes = StartTimerCommandAttributes {
        timer_id: timer_id.to_owned(),
        start_to_fire_timeout: seconds(after),
    };
    let attributes = C::StartTimerCommandAttributes(Box::new(attributes));
    command(CommandType::StartTimer, attributes)
}

pub(crate) fn cancel_timer(timer_id: &str) -> Command {
    let attributes = CancelTimerCommandAttributes {
        timer_id: timer_id.to_owned(),
    };
    let attributes = C::CancelTimerCommandAttributes(Box::new(attributes));
    command(CommandType::CancelTimer, attributes)
}

/// An activity on the run's queue, with a minute to start and end.
pub(crate) fn scheduling(run: &Run, activity_id: &str) -> ScheduleActivityTaskCommandAttributes {
    ScheduleActivityTaskCommandAttributes {
        activity_id: activity_id.to_owned(),
        activity_type: Some(ActivityType {
            name: "activity".to_owned(),
        }),
        task_queue: Some(queue(&run.workflow_id)),
        schedule_to_close_timeout: seconds(60),
        ..ScheduleActivityTaskCommandAttributes::default()
    }
}

pub(crate) fn schedule(attributes: ScheduleActivityTaskCommandAttributes) -> Command {
    let attributes = C::ScheduleActivityTaskCommandAttributes(Box::new(attributes));
    command(CommandType::ScheduleActivityTask, attributes)
}

pub(crate) fn activity(run: &Run, activity_id: &str) -> Command {
    schedule(scheduling(run, activity_id))
}

pub(crate) fn cancel_activity(scheduled_event_id: i64) -> Command {
    let attributes = RequestCancelActivityTaskCommandAttributes { scheduled_event_id };
    let attributes = C::RequestCancelActivityTaskCommandAttributes(Box::new(attributes));
    command(CommandType::RequestCancelActivityTask, attributes)
}

pub(crate) fn complete(result: &str) -> Command {
    let attributes = CompleteWorkflowExecutionCommandAttributes {
        result: payloads(result),
    };
    let attributes = C::CompleteWorkflowExecutionCommandAttributes(Box::new(attributes));
    command(CommandType::CompleteWorkflowExecution, attributes)
}

pub(crate) fn fail(message: &str) -> Command {
    let attributes = FailWorkflowExecutionCommandAttributes {
        failure: Some(failure(message)),
    };
    let attributes = C::FailWorkflowExecutionCommandAttributes(Box::new(attributes));
    command(CommandType::FailWorkflowExecution, attributes)
}

pub(crate) fn continue_as_new(
    attributes: ContinueAsNewWorkflowExecutionCommandAttributes,
) -> Command {
    let attributes = C::ContinueAsNewWorkflowExecutionCommandAttributes(Box::new(attributes));
    command(CommandType::ContinueAsNewWorkflowExecution, attributes)
}

/// A child on the queue of its own id.
pub(crate) fn child_of(workflow_id: &str) -> StartChildWorkflowExecutionCommandAttributes {
    StartChildWorkflowExecutionCommandAttributes {
        workflow_id: workflow_id.to_owned(),
        workflow_type: Some(WorkflowType {
            name: "child".to_owned(),
        }),
        task_queue: Some(queue(workflow_id)),
        ..StartChildWorkflowExecutionCommandAttributes::default()
    }
}

pub(crate) fn start_child(attributes: StartChildWorkflowExecutionCommandAttributes) -> Command {
    let attributes = C::StartChildWorkflowExecutionCommandAttributes(Box::new(attributes));
    command(CommandType::StartChildWorkflowExecution, attributes)
}

pub(crate) fn signal_external(workflow_id: &str) -> Command {
    let attributes = SignalExternalWorkflowExecutionCommandAttributes {
        execution: Some(WorkflowExecution {
            workflow_id: workflow_id.to_owned(),
            run_id: String::new(),
        }),
        signal_name: "signal".to_owned(),
        ..SignalExternalWorkflowExecutionCommandAttributes::default()
    };
    let attributes = C::SignalExternalWorkflowExecutionCommandAttributes(Box::new(attributes));
    command(CommandType::SignalExternalWorkflowExecution, attributes)
}

pub(crate) fn cancel_external(workflow_id: &str) -> Command {
    let attributes = RequestCancelExternalWorkflowExecutionCommandAttributes {
        workflow_id: workflow_id.to_owned(),
        ..RequestCancelExternalWorkflowExecutionCommandAttributes::default()
    };
    let attributes =
        C::RequestCancelExternalWorkflowExecutionCommandAttributes(Box::new(attributes));
    command(
        CommandType::RequestCancelExternalWorkflowExecution,
        attributes,
    )
}

pub(crate) fn cancel_workflow() -> Command {
    let attributes = C::CancelWorkflowExecutionCommandAttributes(Box::default());
    command(CommandType::CancelWorkflowExecution, attributes)
}
