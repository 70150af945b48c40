//! Commands, and what a run answers, as text.

use durably_engine::{Completion, QueryResult};
use durably_protos::temporal::api::command::v1::Command;
use durably_protos::temporal::api::command::v1::command::Attributes as C;
use durably_protos::temporal::api::enums::v1::CommandType;
use durably_protos::temporal::api::history::v1::HistoryEvent;
use durably_protos::temporal::api::history::v1::history_event::Attributes as A;

use super::fixture::text_of;

/// A command in one line, with what tests look at: `StartTimer 1 60s`.
pub(crate) fn command_text(command: &Command) -> String {
    let key = command_key(command);
    let detail = match &command.attributes {
        Some(C::StartTimerCommandAttributes(timer)) => {
            let timeout = timer.start_to_fire_timeout.expect("a timer has a timeout");
            let fraction = match timeout.nanos {
                0 => String::new(),
                nanos => format!(".{nanos:09}").trim_end_matches('0').to_owned(),
            };
            format!("{}{fraction}s", timeout.seconds)
        }
        Some(C::ScheduleActivityTaskCommandAttributes(activity)) => activity
            .input
            .as_ref()
            .map_or_else(String::new, |input| text_of(&input.payloads)),
        Some(C::CompleteWorkflowExecutionCommandAttributes(end)) => end
            .result
            .as_ref()
            .map_or_else(String::new, |result| text_of(&result.payloads)),
        Some(C::FailWorkflowExecutionCommandAttributes(end)) => end
            .failure
            .as_ref()
            .map_or_else(String::new, |failure| failure.message.clone()),
        _ => String::new(),
    };
    format!("{key} {detail}").trim_end().to_owned()
}

/// What a command and its event have in common.
pub(crate) fn command_key(command: &Command) -> String {
    let kind = CommandType::try_from(command.command_type).expect("a known command type");
    let name: String = kind
        .as_str_name()
        .trim_start_matches("COMMAND_TYPE_")
        .split('_')
        .map(|word| word[..1].to_owned() + &word[1..].to_lowercase())
        .collect();
    let identity = match command
        .attributes
        .as_ref()
        .expect("a command has attributes")
    {
        C::ScheduleActivityTaskCommandAttributes(activity) => {
            let kind = activity
                .activity_type
                .as_ref()
                .map_or("", |kind| &kind.name);
            format!("{} {kind}", activity.activity_id)
        }
        C::RequestCancelActivityTaskCommandAttributes(cancel) => {
            format!("{}", cancel.scheduled_event_id)
        }
        C::StartTimerCommandAttributes(timer) => timer.timer_id.clone(),
        C::CancelTimerCommandAttributes(timer) => timer.timer_id.clone(),
        _ => String::new(),
    };
    format!("{name} {identity}").trim_end().to_owned()
}

/// The key of the command that an event confirms; none for other events.
pub(crate) fn event_key(event: &HistoryEvent) -> Option<String> {
    Some(match event.attributes.as_ref()? {
        A::ActivityTaskScheduledEventAttributes(activity) => {
            let kind = activity
                .activity_type
                .as_ref()
                .map_or("", |kind| &kind.name);
            format!("ScheduleActivityTask {} {kind}", activity.activity_id)
        }
        A::ActivityTaskCancelRequestedEventAttributes(cancel) => {
            format!("RequestCancelActivityTask {}", cancel.scheduled_event_id)
        }
        A::TimerStartedEventAttributes(timer) => format!("StartTimer {}", timer.timer_id),
        A::TimerCanceledEventAttributes(timer) => format!("CancelTimer {}", timer.timer_id),
        A::WorkflowExecutionCompletedEventAttributes(_) => "CompleteWorkflowExecution".to_owned(),
        A::WorkflowExecutionFailedEventAttributes(_) => "FailWorkflowExecution".to_owned(),
        A::WorkflowExecutionCanceledEventAttributes(_) => "CancelWorkflowExecution".to_owned(),
        A::WorkflowExecutionContinuedAsNewEventAttributes(_) => {
            "ContinueAsNewWorkflowExecution".to_owned()
        }
        _ => return None,
    })
}

/// A run's answer, one line for each thing in it.
pub(crate) fn completion_text(completion: &Completion) -> String {
    match completion {
        Completion::Completed(completed) => {
            let messages = completed
                .messages
                .iter()
                .map(|message| format!("message {}", message.id));
            let lines: Vec<String> = (completed.commands.iter().map(command_text))
                .chain(messages)
                .chain(completed.query_results.iter().map(query_text))
                .collect();
            let ends = |command: &Command| {
                let key = command_key(command);
                key.ends_with("WorkflowExecution")
            };
            assert_eq!(
                completed.terminal,
                completed.commands.last().is_some_and(ends)
            );
            assert!(
                !completed.commands.iter().rev().skip(1).any(ends),
                "a terminal command is last"
            );
            if lines.is_empty() {
                "nothing".to_owned()
            } else {
                lines.join("\n")
            }
        }
        Completion::Answered(answer) => query_text(answer),
        Completion::Waiting => "waits for local activities".to_owned(),
        Completion::Failed(failed) => {
            format!("{}: {}", failed.cause.as_str_name(), failed.failure.message)
        }
    }
}

fn query_text(answer: &QueryResult) -> String {
    match &answer.result {
        Ok(payload) => format!(
            "query {}= {}",
            answer.id,
            text_of(std::slice::from_ref(payload))
        ),
        Err(failure) => format!("query {}failed: {}", answer.id, failure.message),
    }
}
