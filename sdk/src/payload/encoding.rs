//! The metadata that names a payload's encoding, and the payloads of the fixed encodings.

use bytes::Bytes;
use durably_protos::temporal::api::common::v1::{Payload, Payloads};

use super::PayloadError;

/// Metadata key that every payload carries.
pub(crate) const ENCODING: &str = "encoding";
/// Metadata key of protobuf payloads: the full name of the message.
pub(crate) const MESSAGE_TYPE: &str = "messageType";

pub(crate) const BINARY_NULL: &str = "binary/null";
pub(crate) const BINARY_PLAIN: &str = "binary/plain";
pub(crate) const BINARY_PROTOBUF: &str = "binary/protobuf";
pub(crate) const JSON_PLAIN: &str = "json/plain";
pub(crate) const JSON_PROTOBUF: &str = "json/protobuf";

/// A payload of the given encoding.
pub(crate) fn payload(encoding: &'static str, data: Bytes) -> Payload {
    let mut payload = Payload {
        data,
        ..Payload::default()
    };
    let encoding = Bytes::from_static(encoding.as_bytes());
    payload.metadata.insert(ENCODING, encoding);
    payload
}

/// The payload's encoding, or an error that names the type that was to be read from it.
pub(crate) fn encoding_of<T>(payload: &Payload) -> Result<&str, PayloadError> {
    let Some(encoding) = payload.metadata.get(ENCODING) else {
        return Err(PayloadError::no_encoding::<T>());
    };
    str::from_utf8(encoding)
        .map_err(|_| PayloadError::unknown_encoding::<T>(&String::from_utf8_lossy(encoding)))
}

/// The wire form of a list of payloads: no list at all when there are none.
pub(crate) fn payloads(payloads: Vec<Payload>) -> Option<Payloads> {
    (!payloads.is_empty()).then_some(Payloads { payloads })
}

/// The payloads of an optional list.
pub(crate) fn payloads_ref(payloads: Option<&Payloads>) -> &[Payload] {
    payloads.map_or(&[], |list| &list.payloads)
}
