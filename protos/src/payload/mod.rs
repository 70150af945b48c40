//! `Payload` and `Payloads` of `temporal.api.common.v1`: values of users, as bytes and what is said of them.
//!
//! Written by hand because events are full of them: prost would give each payload's metadata a map of its own,
//! with room for eleven entries, where nearly all have the one entry `encoding`, and each list of payloads room for
//! four, where most have one.

pub mod external;
mod metadata;
mod payloads;
mod wire;

use bytes::Bytes;
use prost::Name;

pub use metadata::{Metadata, MetadataIter};
pub use payloads::Payloads;

const PACKAGE: &str = "temporal.api.common.v1";

/// As all messages of this crate have it.
fn type_url<M: Name>() -> String {
    format!("type.googleapis.com/{}", M::full_name())
}

/// A value that workflows, activities and clients exchange: its bytes, and metadata that say how to read them.
///
/// ```
/// use durably_protos::temporal::api::common::v1::Payload;
/// use prost::Message as _;
///
/// let payload = Payload {
///     metadata: [("encoding", "json/plain".into())].into(),
///     data: "42".into(),
///     ..Payload::default()
/// };
/// assert_eq!(payload.metadata["encoding"], "json/plain");
/// assert_eq!(Payload::decode(payload.encode_to_vec().as_slice())?, payload);
/// # Ok::<(), prost::DecodeError>(())
/// ```
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Payload {
    /// Field 1: how `data` is encoded (`encoding`), and more that depends on it (`messageType`).
    pub metadata: Metadata,
    /// Field 2: the value.
    pub data: Bytes,
    /// Field 3: what of the value is stored elsewhere.
    pub external_payloads: Vec<external::ExternalPayloadDetails>,
}
