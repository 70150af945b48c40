//! gRPC messages as they lie in the body of a call.

use bytes::{BufMut, Bytes, BytesMut};
use prost::Message;

/// A byte for compression, four for the length.
const HEADER: usize = 5;

/// Changes the one message of a body; one that is compressed, or not of this type, stays as it is.
pub(in crate::env) fn change<M: Message + Default>(
    body: Bytes,
    change: impl FnOnce(&mut M),
) -> Bytes {
    let Some((&[compressed, ..], message)) = body.split_first_chunk::<HEADER>() else {
        return body;
    };
    let Ok(mut message) = M::decode(message) else {
        return body;
    };
    if compressed != 0 {
        return body;
    }
    change(&mut message);
    let length = message.encoded_len();
    let Ok(frame_length) = u32::try_from(length) else {
        return body;
    };
    let mut changed = BytesMut::with_capacity(HEADER + length);
    changed.put_u8(0);
    changed.put_u32(frame_length);
    changed.put_slice(&message.encode_to_vec());
    changed.freeze()
}
