//! Messages on the wire, in buffers of the size that most of them have.

use std::marker::PhantomData;

use prost::Message;
use tonic::codec::{BufferSettings, Codec};
use tonic_prost::{ProstDecoder, ProstEncoder};

/// The size of buffers, which grow where a message needs more. Tonic's own are of 8 KiB: most calls need
/// an eighth.
const BUFFER_BYTES: usize = 1024;
/// Tonic's own: how much is encoded before it goes on its way.
const YIELD_BYTES: usize = 32 * 1024;

/// Encodes an answer, decodes a request.
pub(super) struct MessageCodec<R, Q> {
    types: PhantomData<fn(Q) -> R>,
}

impl<R, Q> MessageCodec<R, Q> {
    pub(super) fn new() -> Self {
        Self { types: PhantomData }
    }
}

impl<R, Q> Codec for MessageCodec<R, Q>
where
    R: Message + 'static,
    Q: Message + Default + 'static,
{
    type Encode = R;
    type Decode = Q;
    type Encoder = ProstEncoder<R>;
    type Decoder = ProstDecoder<Q>;

    fn encoder(&mut self) -> Self::Encoder {
        ProstEncoder::new(settings())
    }

    fn decoder(&mut self) -> Self::Decoder {
        ProstDecoder::new(settings())
    }
}

fn settings() -> BufferSettings {
    BufferSettings::new(BUFFER_BYTES, YIELD_BYTES)
}
