//! Commands in their wire form, for `RespondWorkflowTaskCompletedRequest.commands`.

use durably_protos::google::protobuf;
use durably_protos::temporal::api::command::v1::command::Attributes;
use durably_protos::temporal::api::command::v1::{
    CancelTimerCommandAttributes, CancelWorkflowExecutionCommandAttributes,
    Command as ProtoCommand, CompleteWorkflowExecutionCommandAttributes,
    FailWorkflowExecutionCommandAttributes, ModifyWorkflowPropertiesCommandAttributes,
    ProtocolMessageCommandAttributes, RecordMarkerCommandAttributes,
    RequestCancelActivityTaskCommandAttributes, RequestCancelNexusOperationCommandAttributes,
    ScheduleActivityTaskCommandAttributes, StartChildWorkflowExecutionCommandAttributes,
    StartTimerCommandAttributes, UpsertWorkflowSearchAttributesCommandAttributes,
};
use durably_protos::temporal::api::common::v1::{Memo, Payloads, SearchAttributes};
use durably_protos::temporal::api::enums::v1::CommandType;
use durably_protos::temporal::api::protocol::v1::Message;
use durably_protos::temporal::api::sdk::v1::UserMetadata;

use super::queue::Command;
use crate::workflow::Outcome;

impl Command {
    /// The wire form. What only the server needs (inputs, options) moves out of the command;
    /// what its confirming event is compared with stays. An update's message goes to `messages`.
    pub(crate) fn send(&mut self, messages: &mut Vec<Message>) -> Option<ProtoCommand> {
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
            Self::StartChild {
                attributes,
                metadata,
                ..
            } => proto(
                CommandType::StartChildWorkflowExecution,
                Attributes::StartChildWorkflowExecutionCommandAttributes(
                    take_child(attributes).into(),
                ),
                metadata.take(),
            ),
            Self::SignalExternal { attributes, .. } => proto(
                CommandType::SignalExternalWorkflowExecution,
                Attributes::SignalExternalWorkflowExecutionCommandAttributes(attributes.clone()),
                None,
            ),
            Self::CancelExternal { attributes, .. } => proto(
                CommandType::RequestCancelExternalWorkflowExecution,
                Attributes::RequestCancelExternalWorkflowExecutionCommandAttributes(
                    attributes.clone(),
                ),
                None,
            ),
            Self::ScheduleNexusOperation {
                attributes,
                metadata,
                ..
            } => {
                let input = attributes.input.take();
                let mut sent = attributes.clone();
                sent.input = input;
                let sent = Attributes::ScheduleNexusOperationCommandAttributes(sent);
                proto(CommandType::ScheduleNexusOperation, sent, metadata.take())
            }
            Self::RequestCancelNexusOperation {
                scheduled_event_id, ..
            } => proto(
                CommandType::RequestCancelNexusOperation,
                Attributes::RequestCancelNexusOperationCommandAttributes(
                    RequestCancelNexusOperationCommandAttributes {
                        scheduled_event_id: *scheduled_event_id,
                    }
                    .into(),
                ),
                None,
            ),
            Self::RecordMarker(marker) => ProtoCommand {
                event_group_markers: std::mem::take(&mut marker.groups),
                ..proto(
                    CommandType::RecordMarker,
                    Attributes::RecordMarkerCommandAttributes(
                        RecordMarkerCommandAttributes {
                            marker_name: marker.key.name().to_owned(),
                            details: std::mem::take(&mut marker.details),
                            failure: marker.failure.take(),
                            ..Default::default()
                        }
                        .into(),
                    ),
                    marker.metadata.take(),
                )
            },
            Self::UpsertSearchAttributes { fields, .. } => proto(
                CommandType::UpsertWorkflowSearchAttributes,
                Attributes::UpsertWorkflowSearchAttributesCommandAttributes(
                    UpsertWorkflowSearchAttributesCommandAttributes {
                        search_attributes: Some(SearchAttributes {
                            indexed_fields: fields.clone(),
                        }),
                    }
                    .into(),
                ),
                None,
            ),
            Self::ModifyProperties { memo } => proto(
                CommandType::ModifyWorkflowProperties,
                Attributes::ModifyWorkflowPropertiesCommandAttributes(
                    ModifyWorkflowPropertiesCommandAttributes {
                        upserted_memo: Some(Memo {
                            fields: std::mem::take(memo),
                        }),
                    }
                    .into(),
                ),
                None,
            ),
            Self::AcceptUpdate { message, .. } | Self::CompleteUpdate { message, .. } => {
                let message = *message.take()?;
                let place = ProtocolMessageCommandAttributes {
                    message_id: message.id.clone(),
                };
                messages.push(message);
                let place = Attributes::ProtocolMessageCommandAttributes(place.into());
                proto(CommandType::ProtocolMessage, place, None)
            }
            Self::End(outcome) => end(outcome),
            Self::Retracted => return None,
        })
    }
}

fn take_child(
    attributes: &mut StartChildWorkflowExecutionCommandAttributes,
) -> StartChildWorkflowExecutionCommandAttributes {
    let stays = StartChildWorkflowExecutionCommandAttributes {
        workflow_id: attributes.workflow_id.clone(),
        workflow_type: attributes.workflow_type.clone(),
        ..Default::default()
    };
    std::mem::replace(attributes, stays)
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
