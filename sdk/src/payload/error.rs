//! What can go wrong between a value and its payload.

use std::any::type_name;
use std::error::Error;

use super::encoding::{BINARY_NULL, BINARY_PLAIN, BINARY_PROTOBUF, JSON_PROTOBUF};

/// A value could not be turned into a payload, or a payload not into a value.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum PayloadError {
    /// The value's `Serialize` implementation failed, or the value has no JSON form (a map with
    /// keys that are not strings, for example).
    #[error("cannot encode a `{type_name}`: {source}")]
    Encode {
        /// The type of the value.
        type_name: &'static str,
        /// What the encoder said.
        source: Box<dyn Error + Send + Sync>,
    },

    /// The payload's data do not have the form of the wanted type.
    #[error("cannot read a `{type_name}` from a payload of encoding `{encoding}`: {source}")]
    Decode {
        /// The wanted type.
        type_name: &'static str,
        /// The payload's encoding.
        encoding: String,
        /// What the decoder said.
        source: Box<dyn Error + Send + Sync>,
    },

    /// The payload's encoding is known, but cannot give the wanted type.
    #[error("a payload of encoding `{encoding}` cannot be read as `{type_name}`: {remedy}")]
    UnsuitedEncoding {
        /// The wanted type.
        type_name: &'static str,
        /// The payload's encoding.
        encoding: String,
        /// What to do about it.
        remedy: &'static str,
    },

    /// The payload's encoding is not one that this SDK reads.
    #[error(
        "unknown payload encoding `{encoding}`, wanted `{type_name}`: configure the payload codec that \
         wrote it, or take a `RawPayload` and decode it yourself"
    )]
    UnknownEncoding {
        /// The wanted type.
        type_name: &'static str,
        /// The payload's encoding.
        encoding: String,
    },

    /// The payload has no `encoding` in its metadata.
    #[error(
        "the payload's metadata has no `encoding`, wanted `{type_name}`: its sender must set one, or take \
         a `RawPayload` and decode it yourself"
    )]
    NoEncoding {
        /// The wanted type.
        type_name: &'static str,
    },

    /// A protobuf payload holds another message than the wanted one.
    #[error("the payload holds the protobuf message `{found}`, wanted `{wanted}`")]
    MessageType {
        /// Full name of the wanted message.
        wanted: String,
        /// Full name of the message in the payload.
        found: String,
    },

    /// There is no payload where the type needs one.
    #[error("no value was given for a `{type_name}`: pass one, or take an `Option<{type_name}>`")]
    Missing {
        /// The wanted type.
        type_name: &'static str,
    },

    /// One parameter or argument of several; the source says what is wrong with it.
    #[error("parameter {position} of {count}: {source}")]
    Parameter {
        /// Which one, counted from 1.
        position: usize,
        /// How many the definition has.
        count: usize,
        /// What is wrong with it.
        source: Box<Self>,
    },

    /// A named value (a memo field or a search attribute); the source says what is wrong with it.
    #[error("`{name}`: {source}")]
    Named {
        /// The field's name.
        name: String,
        /// What is wrong with it.
        source: Box<Self>,
    },

    /// A search attribute has another type than the key that reads it.
    #[error("search attribute `{name}` has the type {found}, the key says {wanted}")]
    SearchAttributeType {
        /// The attribute's name.
        name: String,
        /// The key's type.
        wanted: &'static str,
        /// The type the server reports.
        found: String,
    },
}

impl PayloadError {
    pub(super) fn encode<T: ?Sized>(source: impl Into<Box<dyn Error + Send + Sync>>) -> Self {
        Self::Encode {
            type_name: type_name::<T>(),
            source: source.into(),
        }
    }

    pub(super) fn decode<T>(
        encoding: &str,
        source: impl Into<Box<dyn Error + Send + Sync>>,
    ) -> Self {
        Self::Decode {
            type_name: type_name::<T>(),
            encoding: encoding.to_owned(),
            source: source.into(),
        }
    }

    pub(super) fn missing<T>() -> Self {
        Self::Missing {
            type_name: type_name::<T>(),
        }
    }

    pub(super) fn no_encoding<T>() -> Self {
        Self::NoEncoding {
            type_name: type_name::<T>(),
        }
    }

    /// The encoding is not one of the table in [`crate::payload`].
    pub(super) fn unknown_encoding<T>(encoding: &str) -> Self {
        Self::UnknownEncoding {
            type_name: type_name::<T>(),
            encoding: encoding.to_owned(),
        }
    }

    /// The encoding is known, but not for this type; an encoding that is not known is said to be so.
    pub(super) fn unsuited<T>(encoding: &str) -> Self {
        let remedy = match encoding {
            BINARY_NULL => "there is no value in it; take an `Option`",
            BINARY_PLAIN => "it holds bytes; take a `Vec<u8>`, `bytes::Bytes` or `Binary`",
            BINARY_PROTOBUF => "it holds a protobuf message; take a `Protobuf<M>`",
            JSON_PROTOBUF => {
                "it holds a protobuf message as JSON; let the sender use binary/protobuf, \
                 or take a serde type of that shape"
            }
            super::encoding::JSON_PLAIN => "it holds JSON; take a serde type",
            unknown => return Self::unknown_encoding::<T>(unknown),
        };
        Self::UnsuitedEncoding {
            type_name: type_name::<T>(),
            encoding: encoding.to_owned(),
            remedy,
        }
    }

    pub(super) fn in_parameter(self, position: usize, count: usize) -> Self {
        Self::Parameter {
            position,
            count,
            source: Box::new(self),
        }
    }

    pub(crate) fn named(self, name: &str) -> Self {
        Self::Named {
            name: name.to_owned(),
            source: Box::new(self),
        }
    }
}
