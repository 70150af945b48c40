//! `encoded_attributes`: message and stack trace inside a payload, so that a codec can encrypt them.

use durably_protos::temporal::api::common::v1::Payload;

/// What a failure with encoded attributes looked like on the wire, to send it on unchanged.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Encoded {
    pub(super) attributes: Payload,
    pub(super) outer_message: String,
    pub(super) outer_stack_trace: String,
}
