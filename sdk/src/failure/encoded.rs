//! `encoded_attributes`: message and stack trace inside a payload, so that a codec can encrypt them.

use durably_protos::temporal::api::common::v1::Payload;
use serde::Deserialize;

use crate::payload::FromPayload;

/// What a failure with encoded attributes looked like on the wire, to send it on unchanged.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Encoded {
    pub(super) attributes: Payload,
    pub(super) outer_message: String,
    pub(super) outer_stack_trace: String,
}

/// The content of the payload, as all SDKs write it.
#[derive(Debug, Deserialize)]
pub(super) struct Attributes {
    #[serde(default)]
    pub(super) message: String,
    #[serde(default)]
    pub(super) stack_trace: String,
}

impl Attributes {
    /// Reads the attributes. `None` if they are not readable here, for want of the codec that
    /// encrypted them: the outer message then stands.
    pub(super) fn read(payload: &Payload) -> Option<Self> {
        Self::from_payload(payload).ok()
    }
}
