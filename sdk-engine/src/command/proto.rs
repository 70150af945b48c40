//! Commands in their wire form, for `RespondWorkflowTaskCompletedRequest.commands`.

use durably_protos::google::protobuf;
use durably_protos::temporal::api::command::v1::command::Attributes;
use durably_protos::temporal::api::command::v1::{
    CancelTimerCommandAttributes, CancelWorkflowExecutionCommandAttributes,
    Command as ProtoCommand, CompleteWorkflowExecutionCommandAttributes,
    FailWorkflowExecutionCommandAttributes, RequestCancelActivityTaskCommandAttributes,
    ScheduleActivityTaskCommandAttributes, StartTimerCommandAttributes,
};
use durably_protos::temporal::api::common::v1::Payloads;
use durably_protos::temporal::api::enums::v1::CommandType;
use durably_protos::temporal::api::sdk::v1::UserMetadata;

use super::queue::Command;
use crate::workflow::Outcome;

impl Command {
    /// The wire form. What only the server needs (inputs, options) moves out of the command;
    /// what its confirming event is compared with stays.
    pub(crate) fn send(&mut self) -> Option<ProtoCommand> {
        Some(match self {
            Self::ScheduleActivity {
                attributes,
                metadata,
                ..
            } => proto(
                CommandType::ScheduleActivityTask,
                Attributes::ScheduleActivityTaskCommandAttributes(take_activity(attributes).into()),
                metadata.take(),
            ),
            Self::RequestCancelActivity {
                scheduled_event_id, ..
            } => proto(
                CommandType::RequestCancelActivityTask,
                Attributes::RequestCancelActivityTaskCommandAttributes(
                    RequestCancelActivityTaskCommandAttributes {
                        scheduled_event_id: *scheduled_event_id,
                    }
                    .into(),
                ),
                None,
            ),
            Self::StartTimer {
                seq,
                duration,
                metadata,
            } => proto(
                CommandType::StartTimer,
                Attributes::StartTimerCommandAttributes(
                    StartTimerCommandAttributes {
                        timer_id: seq.to_string(),
                        start_to_fire_timeout: Some(protobuf::Duration {
                            // Bounded by MAXIMUM_TIMER when the timer was created.
                            seconds: i64::try_from(duration.as_secs()).unwrap_or(i64::MAX),
                            nanos: duration.subsec_nanos().cast_signed(),
                        }),
                    }
                    .into(),
                ),
                metadata.take(),
            ),
            Self::CancelTimer { seq } => proto(
                CommandType::CancelTimer,
                Attributes::CancelTimerCommandAttributes(
                    CancelTimerCommandAttributes {
                        timer_id: seq.to_string(),
                    }
                    .into(),
                ),
                None,
            ),
            Self::End(outcome) => end(outcome),
            Self::Retracted => return None,
        })
    }
}

fn take_activity(
    attributes: &mut ScheduleActivityTaskCommandAttributes,
) -> ScheduleActivityTaskCommandAttributes {
    let stays = ScheduleActivityTaskCommandAttributes {
        activity_id: attributes.activity_id.clone(),
        activity_type: attributes.activity_type.clone(),
        ..Default::default()
    };
    std::mem::replace(attributes, stays)
}

fn end(outcome: &mut Outcome) -> ProtoCommand {
    let (kind, attributes) = match outcome {
        Outcome::Completed(result) => (
            CommandType::CompleteWorkflowExecution,
            Attributes::CompleteWorkflowExecutionCommandAttributes(
                CompleteWorkflowExecutionCommandAttributes {
                    result: result.take().map(|payload| Payloads {
                        payloads: vec![payload],
                    }),
                }
                .into(),
            ),
        ),
        Outcome::Failed(failure) => (
            CommandType::FailWorkflowExecution,
            Attributes::FailWorkflowExecutionCommandAttributes(
                FailWorkflowExecutionCommandAttributes {
                    failure: Some(std::mem::take(failure)),
                }
                .into(),
            ),
        ),
        Outcome::Canceled(details) => (
            CommandType::CancelWorkflowExecution,
            Attributes::CancelWorkflowExecutionCommandAttributes(
                CancelWorkflowExecutionCommandAttributes {
                    details: details.take(),
                }
                .into(),
            ),
        ),
        Outcome::ContinuedAsNew(next) => (
            CommandType::ContinueAsNewWorkflowExecution,
            Attributes::ContinueAsNewWorkflowExecutionCommandAttributes(std::mem::take(next)),
        ),
    };
    proto(kind, attributes, None)
}

fn proto(
    kind: CommandType,
    attributes: Attributes,
    metadata: Option<Box<UserMetadata>>,
) -> ProtoCommand {
    ProtoCommand {
        command_type: kind.into(),
        attributes: Some(attributes),
        user_metadata: metadata,
        ..Default::default()
    }
}
