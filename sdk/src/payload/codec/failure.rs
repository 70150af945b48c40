//! Messages and stack traces of failures as a payload of their own, which a codec encrypts
//! (`encoded_attributes`, protocol 7.3).

use durably_protos::temporal::api::failure::v1::Failure;
use serde::{Deserialize, Serialize};

use crate::payload::{FromPayload, Payload, ToPayload};

/// What the failure says instead.
const MESSAGE: &str = "Encoded failure";

/// The content of the payload, as all SDKs write it.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct EncodedAttributes {
    #[serde(default)]
    pub(crate) message: String,
    #[serde(default)]
    pub(crate) stack_trace: String,
}

impl EncodedAttributes {
    /// Reads the attributes. `None` if they are not readable here, for want of the codec that
    /// encrypted them: the outer message then stands.
    pub(crate) fn read(payload: &Payload) -> Option<Self> {
        Self::from_payload(payload).ok()
    }
}

/// Moves message and stack trace into a payload, unless they are in one.
pub(super) fn hide_attributes(failure: &mut Failure) {
    if failure.encoded_attributes.is_some() {
        return;
    }
    let attributes = EncodedAttributes {
        message: std::mem::replace(&mut failure.message, MESSAGE.to_owned()),
        stack_trace: std::mem::take(&mut failure.stack_trace),
    };
    let payload = attributes.to_payload();
    let payload = payload.expect("two texts have a JSON form");
    failure.encoded_attributes = Some(Box::new(payload));
}
