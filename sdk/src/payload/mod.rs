//! Values and the bytes that stand for them.
//!
//! A [`Payload`] is what Temporal stores and passes around: a map of metadata and some bytes. Its
//! `encoding` says how the bytes are to be read:
//!
//! | encoding | what it holds | Rust side |
//! |---|---|---|
//! | `json/plain` | JSON | every serde type |
//! | `binary/null` | nothing | `None`, `()`, and everything else that serde writes as `null` |
//! | `binary/plain` | bytes as they are | `Vec<u8>`, `bytes::Bytes`, and `Option` of either; [`Binary`] |
//! | `binary/protobuf` | a protobuf message | [`Protobuf`] |
//! | `json/protobuf` | a protobuf message as JSON | read into serde types, as plain JSON |
//! | any | | [`RawPayload`]: the payload itself, untouched |
//!
//! Every serde type is a value already, through the blanket implementations of [`ToPayload`] and
//! [`FromPayload`]. What is written depends on the type alone; what can be read does not: a reader
//! accepts each encoding that can give its type, whichever SDK wrote it.
//!
//! The parameters of workflows, activities and handlers are tuples ([`Parameters`]); what a caller
//! may pass for them is [`Arguments`].

mod argument;
pub mod codec;
mod convert;
mod datetime;
mod encoding;
mod error;
mod headers;
mod memo;
mod parameters;
mod search_attribute_key;
mod search_attributes;
mod wrappers;

pub use argument::{Argument, Arguments};
pub use convert::{FromPayload, ToPayload, result_payload, value_from_result};
pub use durably_protos::temporal::api::common::v1::Payload;
pub use durably_protos::{Metadata, MetadataIter};
pub use error::PayloadError;
pub use headers::{HeaderKey, Headers};
pub use memo::Memo;
pub use parameters::Parameters;
pub use search_attribute_key::{SearchAttributeKey, SearchAttributeType, SearchAttributeValue};
pub use search_attributes::SearchAttributes;
pub use wrappers::{Binary, Protobuf, RawPayload};

pub(crate) use encoding::{payloads, payloads_ref};
pub(crate) use parameters::parameter;
