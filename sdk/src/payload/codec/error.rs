//! What can go wrong in a codec.

use std::error::Error;

/// A message's payloads could not be encoded or decoded.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum PayloadCodecError {
    /// The codec could not encode.
    #[error("the payload codec cannot encode {payloads} payloads: {source}")]
    Encode {
        /// How many payloads it was given.
        payloads: usize,
        /// What it said.
        source: Box<dyn Error + Send + Sync>,
    },

    /// The codec could not decode.
    #[error("the payload codec cannot decode {payloads} payloads: {source}")]
    Decode {
        /// How many payloads it was given.
        payloads: usize,
        /// What it said.
        source: Box<dyn Error + Send + Sync>,
    },

    /// The codec gave more or fewer payloads than it was given.
    #[error(
        "the payload codec gave {given} payloads for {payloads}: it must give as many as it takes, in the same order"
    )]
    Count {
        /// How many payloads it was given.
        payloads: usize,
        /// How many it gave.
        given: usize,
    },

    /// A protocol message of an update is none.
    #[error("an update's message of type {type_url} cannot be read: {problem}")]
    UpdateMessage {
        /// The type that it says it is of.
        type_url: String,
        /// What is wrong.
        problem: String,
    },

    /// There is no runtime on which the codec could run.
    #[error("no thread can be started on which the payload codec runs: {0}")]
    Runtime(std::io::Error),
}
