//! Decoding the payloads of recorded histories.

use durably_protos::temporal::api::history::v1::History;

use crate::payload::codec::{Edge, PayloadCodec, PayloadCodecError};

/// Decodes the payloads of histories that were recorded with a codec.
///
/// ```
/// use durably::payload::Payload;
/// use durably::payload::codec::{CodecResult, PayloadCodec};
/// use durably::replay::PayloadDecoder;
/// # use durably_protos::temporal::api::history::v1::History;
///
/// struct Encrypted;
///
/// impl PayloadCodec for Encrypted {
///     # /*
///     ..
///     # */
///     # async fn encode(&self, payloads: Vec<Payload>) -> CodecResult { Ok(payloads) }
///     # async fn decode(&self, payloads: Vec<Payload>) -> CodecResult { Ok(payloads) }
/// }
///
/// # fn example(mut history: History) -> Result<(), Box<dyn std::error::Error>> {
/// PayloadDecoder::new(Encrypted).decode(&mut history)?;
/// # Ok(())
/// # }
/// ```
#[derive(Debug, Clone)]
pub struct PayloadDecoder {
    edge: Edge,
}

impl PayloadDecoder {
    /// A decoder with the codec that the clients and workers of the workflows have.
    pub fn new(codec: impl PayloadCodec) -> Self {
        let mut edge = Edge::default();
        edge.set_codec(codec);
        Self { edge }
    }

    /// That of a client, if it has a codec.
    pub(crate) fn of(edge: &Edge) -> Option<Self> {
        let edge = edge.clone();
        edge.has_codec().then_some(Self { edge })
    }

    /// Decodes all payloads of a history, in one call of the codec: of a long history these can be tens
    /// of thousands.
    ///
    /// Blocks until the codec is done. It runs on a thread and a tokio runtime of its own, so that it may
    /// wait for whatever it needs, wherever this is called.
    ///
    /// # Errors
    /// The codec fails.
    pub fn decode(&self, history: &mut History) -> Result<(), PayloadCodecError> {
        let decode = || {
            let runtime = tokio::runtime::Builder::new_current_thread()
                .enable_all()
                .build()
                .map_err(PayloadCodecError::Runtime)?;
            runtime.block_on(self.edge.decode(history))
        };
        std::thread::scope(|scope| {
            let thread = std::thread::Builder::new().name("payload-codec".to_owned());
            let thread = thread.spawn_scoped(scope, decode);
            match thread.map_err(PayloadCodecError::Runtime)?.join() {
                Ok(decoded) => decoded,
                Err(panic) => std::panic::resume_unwind(panic),
            }
        })
    }
}
