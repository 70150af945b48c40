//! Requests on the wire without a copy of the message: attempts share it.

use std::marker::PhantomData;
use std::sync::Arc;

use prost::Message;
use tonic::Status;
use tonic::codec::{BufferSettings, Codec, DecodeBuf, Decoder, EncodeBuf, Encoder};

/// The size of buffers, which grow where a message needs more. Tonic's own are of 8 KiB: most calls of a
/// worker need an eighth.
const BUFFER_BYTES: usize = 1024;
/// Tonic's own: how much is encoded before it goes on its way.
const YIELD_BYTES: usize = 32 * 1024;

fn settings() -> BufferSettings {
    BufferSettings::new(BUFFER_BYTES, YIELD_BYTES)
}

/// Encodes a shared request, decodes a response.
pub(super) struct SharedCodec<Q, R> {
    types: PhantomData<fn(Q) -> R>,
}

impl<Q, R> SharedCodec<Q, R> {
    pub(super) fn new() -> Self {
        Self { types: PhantomData }
    }
}

impl<Q, R> Codec for SharedCodec<Q, R>
where
    Q: Message + 'static,
    R: Message + Default + 'static,
{
    type Encode = Arc<Q>;
    type Decode = R;
    type Encoder = SharedEncoder<Q>;
    type Decoder = ResponseDecoder<R>;

    fn encoder(&mut self) -> Self::Encoder {
        SharedEncoder {
            request: PhantomData,
        }
    }

    fn decoder(&mut self) -> Self::Decoder {
        ResponseDecoder {
            response: PhantomData,
        }
    }
}

pub(super) struct SharedEncoder<Q> {
    request: PhantomData<fn(Q)>,
}

impl<Q: Message + 'static> Encoder for SharedEncoder<Q> {
    type Item = Arc<Q>;
    type Error = Status;

    fn encode(&mut self, item: Arc<Q>, buffer: &mut EncodeBuf<'_>) -> Result<(), Status> {
        item.encode(buffer)
            .map_err(|error| Status::internal(format!("cannot encode the request: {error}")))
    }

    fn buffer_settings(&self) -> BufferSettings {
        settings()
    }
}

pub(super) struct ResponseDecoder<R> {
    response: PhantomData<fn() -> R>,
}

impl<R: Message + Default + 'static> Decoder for ResponseDecoder<R> {
    type Item = R;
    type Error = Status;

    fn decode(&mut self, buffer: &mut DecodeBuf<'_>) -> Result<Option<R>, Status> {
        R::decode(buffer)
            .map(Some)
            .map_err(|error| Status::internal(format!("cannot decode the response: {error}")))
    }

    fn buffer_settings(&self) -> BufferSettings {
        settings()
    }
}
