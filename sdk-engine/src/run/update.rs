//! Updates: every request must be answered in the task that brings it (protocol 4.12).

use bytes::Bytes;
use durably_protos::google::protobuf::Any;
use durably_protos::temporal::api::protocol::v1::Message;
use durably_protos::temporal::api::protocol::v1::message::SequencingId;
use durably_protos::temporal::api::update::v1::{Rejection, Request};
use prost::Message as _;

use super::Run;
use crate::error::application_failure;

const REJECTION: &str = "type.googleapis.com/temporal.api.update.v1.Rejection";

impl Run {
    /// Rejects the task's update requests: no workflow of this engine has update handlers.
    /// A rejection has no command and leaves no event.
    pub(super) fn reject_updates(&mut self) -> Vec<Message> {
        std::mem::take(&mut self.task.messages)
            .into_iter()
            .map(reject)
            .collect()
    }
}

fn reject(message: Message) -> Message {
    let request = message
        .body
        .as_ref()
        .and_then(|body| Request::decode(body.value.clone()).ok());
    let name = request
        .as_ref()
        .and_then(|request| request.input.as_ref())
        .map_or_else(String::new, |input| format!(" \"{}\"", input.name));
    let event_id = match message.sequencing_id {
        Some(SequencingId::EventId(id)) => id,
        _ => 0,
    };
    let rejection = Rejection {
        rejected_request_message_id: message.id.clone(),
        rejected_request_sequencing_event_id: event_id,
        rejected_request: request,
        failure: Some(application_failure(
            "UnknownUpdate",
            format!("the workflow has no handler for update{name}"),
        )),
    };
    Message {
        id: format!("{}/reject", message.id),
        protocol_instance_id: message.protocol_instance_id,
        body: Some(Any {
            type_url: REJECTION.to_owned(),
            value: Bytes::from(rejection.encode_to_vec()),
        }),
        ..Default::default()
    }
}
