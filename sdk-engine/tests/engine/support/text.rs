//! Commands, and what a run answers, as text.

use durably_engine::{Completion, HandlerIdentity, QueryResult};
use durably_protos::temporal::api::command::v1::Command;
use durably_protos::temporal::api::command::v1::command::Attributes as C;
use durably_protos::temporal::api::enums::v1::CommandType;
use durably_protos::temporal::api::history::v1::HistoryEvent;
use durably_protos::temporal::api::history::v1::history_event::Attributes as A;
use durably_protos::temporal::api::protocol::v1::Message;
use durably_protos::temporal::api::update::v1::{Acceptance, Rejection, Response, outcome};
use prost::Message as _;

use super::fixture::text_of;
use super::marker_text::{marker_detail, marker_key};

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
        Some(C::RecordMarkerCommandAttributes(marker)) => marker_detail(
            &marker.marker_name,
            &marker.details,
            marker.failure.as_ref(),
        ),
        Some(C::RequestCancelExternalWorkflowExecutionCommandAttributes(cancel)) => {
            let only = if cancel.child_workflow_only {
                " child"
            } else {
                ""
            };
            format!("{} {}{only}", cancel.run_id, cancel.reason)
                .trim()
                .to_owned()
        }
        Some(C::UpsertWorkflowSearchAttributesCommandAttributes(upsert)) => {
            let fields = upsert.search_attributes.iter();
            let values = fields.flat_map(|fields| fields.indexed_fields.values());
            values
                .map(|value| text_of(std::slice::from_ref(value)))
                .collect()
        }
        Some(C::ModifyWorkflowPropertiesCommandAttributes(modify)) => {
            let fields = modify.upserted_memo.iter();
            let values = fields.flat_map(|fields| fields.fields.values());
            values
                .map(|value| text_of(std::slice::from_ref(value)))
                .collect()
        }
        _ => String::new(),
    };
    format!("{key} {detail}").trim_end().to_owned()
}

fn keys<V>(fields: &std::collections::BTreeMap<String, V>) -> String {
    let keys: Vec<_> = fields.keys().map(String::as_str).collect();
    keys.join(",")
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
        C::StartChildWorkflowExecutionCommandAttributes(child) => {
            let kind = child.workflow_type.as_ref().map_or("", |kind| &kind.name);
            format!("{} {kind}", child.workflow_id)
        }
        C::SignalExternalWorkflowExecutionCommandAttributes(signal) => {
            let target = signal
                .execution
                .as_ref()
                .map_or("", |target| &target.workflow_id);
            format!("{target} {}", signal.signal_name)
        }
        C::RequestCancelExternalWorkflowExecutionCommandAttributes(cancel) => {
            cancel.workflow_id.clone()
        }
        C::RecordMarkerCommandAttributes(marker) => {
            marker_key(&marker.marker_name, &marker.details)
        }
        C::UpsertWorkflowSearchAttributesCommandAttributes(upsert) => {
            let fields = upsert.search_attributes.as_ref();
            fields.map_or_else(String::new, |fields| keys(&fields.indexed_fields))
        }
        C::ModifyWorkflowPropertiesCommandAttributes(modify) => {
            let memo = modify.upserted_memo.as_ref();
            memo.map_or_else(String::new, |memo| keys(&memo.fields))
        }
        C::ProtocolMessageCommandAttributes(message) => message.message_id.clone(),
        C::ScheduleNexusOperationCommandAttributes(nexus) => {
            format!("{} {}", nexus.operation, nexus.service)
        }
        C::RequestCancelNexusOperationCommandAttributes(cancel) => {
            format!("{}", cancel.scheduled_event_id)
        }
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
        A::StartChildWorkflowExecutionInitiatedEventAttributes(child) => {
            let kind = child.workflow_type.as_ref().map_or("", |kind| &kind.name);
            format!("StartChildWorkflowExecution {} {kind}", child.workflow_id)
        }
        A::SignalExternalWorkflowExecutionInitiatedEventAttributes(signal) => {
            let target = signal.workflow_execution.as_ref();
            let target = target.map_or("", |target| &target.workflow_id);
            let name = &signal.signal_name;
            format!("SignalExternalWorkflowExecution {target} {name}")
        }
        A::RequestCancelExternalWorkflowExecutionInitiatedEventAttributes(cancel) => {
            let target = cancel.workflow_execution.as_ref();
            let target = target.map_or("", |target| &target.workflow_id);
            format!("RequestCancelExternalWorkflowExecution {target}")
        }
        A::MarkerRecordedEventAttributes(marker) => {
            let key = marker_key(&marker.marker_name, &marker.details);
            format!("RecordMarker {key}")
        }
        A::UpsertWorkflowSearchAttributesEventAttributes(upsert) => {
            let fields = upsert.search_attributes.as_ref()?;
            format!(
                "UpsertWorkflowSearchAttributes {}",
                keys(&fields.indexed_fields)
            )
        }
        A::WorkflowPropertiesModifiedEventAttributes(modified) => {
            let memo = modified.upserted_memo.as_ref()?;
            format!("ModifyWorkflowProperties {}", keys(&memo.fields))
        }
        A::WorkflowExecutionUpdateAcceptedEventAttributes(accepted) => {
            let request = &accepted.accepted_request_message_id;
            format!("ProtocolMessage {request}/accept")
        }
        A::WorkflowExecutionUpdateCompletedEventAttributes(completed) => {
            let id = &completed.meta.as_ref()?.update_id;
            format!("ProtocolMessage {id}/request/complete")
        }
        A::NexusOperationScheduledEventAttributes(nexus) => {
            format!(
                "ScheduleNexusOperation {} {}",
                nexus.operation, nexus.service
            )
        }
        A::NexusOperationCancelRequestedEventAttributes(cancel) => {
            format!("RequestCancelNexusOperation {}", cancel.scheduled_event_id)
        }
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
            let messages = completed.messages.iter().map(message_text);
            let lines: Vec<String> = (completed.commands.iter().map(command_text))
                .chain(messages)
                .chain(completed.query_results.iter().map(query_text))
                .chain(
                    completed
                        .force_new_task
                        .then(|| "wants another task".to_owned()),
                )
                .chain(completed.unfinished_handlers.iter().map(unfinished_text))
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

fn unfinished_text(handler: &HandlerIdentity) -> String {
    let update = handler.update_id.as_deref().unwrap_or("a signal");
    format!("unfinished {} ({update})", handler.name)
}

/// A message with what matters to its receiver.
fn message_text(message: &Message) -> String {
    let body = message.body.as_ref().expect("a message has a body");
    let detail = match body.type_url.rsplit('.').next() {
        Some("Acceptance") => {
            let acceptance = Acceptance::decode(body.value.clone()).expect("an acceptance");
            let request = acceptance
                .accepted_request
                .map_or("without request", |_| "");
            let at = acceptance.accepted_request_sequencing_event_id;
            format!("of {at} {request}").trim_end().to_owned()
        }
        Some("Rejection") => {
            let rejection = Rejection::decode(body.value.clone()).expect("a rejection");
            let at = rejection.rejected_request_sequencing_event_id;
            format!("of {at}: {}", rejection.failure.unwrap_or_default().message)
        }
        Some("Response") => {
            let response = Response::decode(body.value.clone()).expect("a response");
            match response.outcome.and_then(|outcome| outcome.value) {
                Some(outcome::Value::Success(result)) => format!("= {}", text_of(&result.payloads)),
                Some(outcome::Value::Failure(failure)) => format!("failed: {}", failure.message),
                None => "without outcome".to_owned(),
            }
        }
        _ => body.type_url.clone(),
    };
    format!("message {} {detail}", message.id)
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
