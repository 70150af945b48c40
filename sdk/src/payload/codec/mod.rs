//! Codecs: what is done with payloads at the edge of the process, to encrypt or to compress them.
//!
//! Between a value and the server stand its encoding ([`ToPayload`](super::ToPayload)) and then, for all
//! values alike, the client's codec: [`payload_codec`](crate::client::ConnectOptions::payload_codec).
//! Workers use that of their client.

mod bytes;
mod error;
mod failure;
mod message;

use std::error::Error;
use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;

pub use bytes::{payload_from_bytes, payload_to_bytes};
pub use error::PayloadCodecError;
pub(crate) use failure::EncodedAttributes;

use super::Payload;

/// What a codec gives: as many payloads as it was given, in the same order.
pub type CodecResult = Result<Vec<Payload>, Box<dyn Error + Send + Sync>>;

/// Changes payloads on their way to the server, and back.
///
/// By convention an encoded payload has the original one in its data ([`payload_to_bytes`]), and an
/// `encoding` of its own in its metadata, by which [`decode`](Self::decode) knows it: payloads of other
/// encodings are given back as they are, for workflows that were started before there was a codec, or by
/// clients without one.
///
/// ```
/// use durably::payload::codec::{CodecResult, PayloadCodec, payload_from_bytes, payload_to_bytes};
/// use durably::payload::Payload;
///
/// /// No encryption, but the shape of one.
/// struct Mirrored;
///
/// fn mirrored(bytes: impl AsRef<[u8]>) -> Vec<u8> {
///     bytes.as_ref().iter().rev().copied().collect()
/// }
///
/// impl PayloadCodec for Mirrored {
///     async fn encode(&self, payloads: Vec<Payload>) -> CodecResult {
///         let encoded = payloads.iter().map(|payload| Payload {
///             metadata: [("encoding", "binary/mirrored".into())].into(),
///             data: mirrored(payload_to_bytes(payload)).into(),
///             ..Payload::default()
///         });
///         Ok(encoded.collect())
///     }
///
///     async fn decode(&self, payloads: Vec<Payload>) -> CodecResult {
///         let decoded = payloads.into_iter().map(|payload| {
///             match payload.metadata.get("encoding").map(AsRef::as_ref) {
///                 Some(b"binary/mirrored") => Ok(payload_from_bytes(mirrored(payload.data))?),
///                 _ => Ok(payload),
///             }
///         });
///         decoded.collect()
///     }
/// }
/// ```
///
/// # What is encoded
/// Arguments, results, heartbeats, details of failures, memos, summaries, what side effects and local
/// activities recorded. Not: search attributes, which the server reads; the bookkeeping of patches and
/// other markers; headers and the messages of failures, unless the client says so.
///
/// # Determinism
/// Workflow code never sees encoded payloads, and nothing waits for a codec within a workflow's step: a
/// task is decoded before its code runs, and encoded after. A codec may therefore give other bytes at each
/// call, and may wait, for a key of a key service, say.
///
/// # Errors
/// What cannot be decoded or encoded fails the workflow task or the activity's attempt, which the server
/// retries; a call of a client fails with
/// [`RpcError::is_payload_codec`](crate::client::RpcError::is_payload_codec). Codecs do not retry by
/// themselves here: one that calls a service must.
pub trait PayloadCodec: Send + Sync + 'static {
    /// Encodes payloads that go to the server.
    fn encode(&self, payloads: Vec<Payload>) -> impl Future<Output = CodecResult> + Send;

    /// Decodes payloads that come from the server, those of other encodings left as they are.
    fn decode(&self, payloads: Vec<Payload>) -> impl Future<Output = CodecResult> + Send;
}

type Coding<'a> = Pin<Box<dyn Future<Output = CodecResult> + Send + 'a>>;

/// A codec of any type.
trait AnyCodec: Send + Sync {
    fn encode(&self, payloads: Vec<Payload>) -> Coding<'_>;
    fn decode(&self, payloads: Vec<Payload>) -> Coding<'_>;
}

impl<C: PayloadCodec> AnyCodec for C {
    fn encode(&self, payloads: Vec<Payload>) -> Coding<'_> {
        Box::pin(PayloadCodec::encode(self, payloads))
    }

    fn decode(&self, payloads: Vec<Payload>) -> Coding<'_> {
        Box::pin(PayloadCodec::decode(self, payloads))
    }
}

/// What is done with messages on their way to the server, and back. By default nothing.
#[derive(Clone, Default)]
pub(crate) struct Edge {
    codec: Option<Arc<dyn AnyCodec>>,
    /// Headers are encoded too.
    headers: bool,
    /// Messages and stack traces of failures are encoded too.
    failures: bool,
}

impl Edge {
    pub(crate) fn set_codec(&mut self, codec: impl PayloadCodec) {
        self.codec = Some(Arc::new(codec));
    }

    pub(crate) fn has_codec(&self) -> bool {
        self.codec.is_some()
    }

    pub(crate) fn encode_headers(&mut self) {
        self.headers = true;
    }

    pub(crate) fn encode_failures(&mut self) {
        self.failures = true;
    }
}

impl fmt::Debug for Edge {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("Edge")
            .field("codec", &self.codec.is_some())
            .field("headers", &self.headers)
            .field("failures", &self.failures)
            .finish()
    }
}
