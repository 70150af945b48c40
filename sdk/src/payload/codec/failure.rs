//! Messages and stack traces of failures as a payload of their own, which a codec encrypts
//! (`encoded_attributes`, protocol 7.3).

use durably_protos::temporal::api::failure::v1::Failure;
use serde::Serialize;

use crate::payload::ToPayload;

/// What the failure says instead.
const MESSAGE: &str = "Encoded failure";

#[derive(Serialize)]
struct Attributes {
    message: String,
    stack_trace: String,
}

/// Moves message and stack trace into a payload, unless they are in one.
pub(super) fn hide_attributes(failure: &mut Failure) {
    if failure.encoded_attributes.is_some() {
        return;
    }
    let attributes = Attributes {
        message: std::mem::replace(&mut failure.message, MESSAGE.to_owned()),
        stack_trace: std::mem::take(&mut failure.stack_trace),
    };
    let payload = attributes.to_payload();
    failure.encoded_attributes = Some(payload.expect("two texts have a JSON form"));
}
