//! A payload as bytes, as all SDKs put it into the data of an encoded one: binary protobuf.

use prost::Message;

use super::Payload;

/// A whole payload, metadata and all, as bytes.
pub fn payload_to_bytes(payload: &Payload) -> Vec<u8> {
    payload.encode_to_vec()
}

/// The payload that [`payload_to_bytes`] made bytes of, here or in another SDK.
///
/// # Errors
/// The bytes are no payload: the key is another one, or they are damaged.
pub fn payload_from_bytes(
    bytes: impl Into<bytes::Bytes>,
) -> Result<Payload, Box<dyn std::error::Error + Send + Sync>> {
    Payload::decode(bytes.into()).map_err(|error| format!("no payload: {error}").into())
}
