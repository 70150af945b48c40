//! protobuf-JSON: what the generated code needs, and the well-known types, whose JSON form is a text.

mod base64;
mod duration;
mod null;
mod number;
pub(crate) mod read;
mod timestamp;

pub(crate) use base64::{Base64, encode_base64};
pub(crate) use null::NextValueOrDefault;
pub(crate) use number::Number;
