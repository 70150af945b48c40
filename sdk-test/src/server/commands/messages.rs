//! The messages about updates that come with an answer.

use std::collections::BTreeMap;

use durably_protos::temporal::api::protocol::v1::Message;
use durably_protos::temporal::api::update::v1::{Acceptance, Rejection, Response};

/// What a message says.
#[derive(Debug, Clone)]
pub(crate) enum UpdateMessage {
    Acceptance(Acceptance),
    Rejection(Rejection),
    Response(Response),
}

/// The messages of an answer: by id for the commands that fix their place, and in their own order.
#[derive(Debug, Default)]
pub(crate) struct UpdateMessages {
    order: Vec<String>,
    by_id: BTreeMap<String, (String, UpdateMessage)>,
}

impl UpdateMessages {
    /// Reads the messages; the text says what is wrong with one.
    pub(crate) fn read(messages: &[Message]) -> Result<Self, String> {
        let mut read = Self::default();
        for message in messages {
            let content = content(message)?;
            let update_id = message.protocol_instance_id.clone();
            read.order.push(message.id.clone());
            read.by_id.insert(message.id.clone(), (update_id, content));
        }
        Ok(read)
    }

    /// The message with this id, and the update it is about.
    pub(crate) fn get(&self, message_id: &str) -> Option<&(String, UpdateMessage)> {
        self.by_id.get(message_id)
    }

    /// The ids in the order the messages came.
    pub(crate) fn order(&self) -> &[String] {
        &self.order
    }

    /// Whether nothing but rejections is said.
    pub(crate) fn only_reject(&self) -> bool {
        let mut contents = self.by_id.values();
        contents.all(|(_, content)| matches!(content, UpdateMessage::Rejection(_)))
    }
}

fn content(message: &Message) -> Result<UpdateMessage, String> {
    let Some(body) = &message.body else {
        return Err(format!("message {:?} has no body", message.id));
    };
    let unreadable = |error| format!("message {:?} cannot be read: {error}", message.id);
    match body.type_url.rsplit('/').next().unwrap_or_default() {
        "temporal.api.update.v1.Acceptance" => prost::Message::decode(body.value.clone())
            .map(UpdateMessage::Acceptance)
            .map_err(unreadable),
        "temporal.api.update.v1.Rejection" => prost::Message::decode(body.value.clone())
            .map(UpdateMessage::Rejection)
            .map_err(unreadable),
        "temporal.api.update.v1.Response" => prost::Message::decode(body.value.clone())
            .map(UpdateMessage::Response)
            .map_err(unreadable),
        other => Err(format!(
            "message {:?} has a body of unknown type {other:?}",
            message.id
        )),
    }
}
