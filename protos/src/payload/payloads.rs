//! `temporal.api.common.v1.Payloads`: the arguments of a call, or its result.

use bytes::{Buf, BufMut};
use prost::encoding::{self, DecodeContext, WireType};
use prost::{DecodeError, Message, Name};

use super::{PACKAGE, Payload, type_url};

const PAYLOADS: u32 = 1;

/// The arguments of a call, or its result: one payload each.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Payloads {
    /// Field 1.
    pub payloads: Vec<Payload>,
}

impl Message for Payloads {
    fn encode_raw(&self, buffer: &mut impl BufMut) {
        encoding::message::encode_repeated(PAYLOADS, &self.payloads, buffer);
    }

    fn merge_field(
        &mut self,
        tag: u32,
        wire_type: WireType,
        buffer: &mut impl Buf,
        context: DecodeContext,
    ) -> Result<(), DecodeError> {
        if tag != PAYLOADS {
            return encoding::skip_field(wire_type, tag, buffer, context);
        }
        if self.payloads.is_empty() {
            // Most calls have one argument. A vector would make room for four.
            self.payloads.reserve_exact(1);
        }
        let payloads = &mut self.payloads;
        encoding::message::merge_repeated(wire_type, payloads, buffer, context).map_err(
            |mut error| {
                error.push("Payloads", "payloads");
                error
            },
        )
    }

    fn encoded_len(&self) -> usize {
        encoding::message::encoded_len_repeated(PAYLOADS, &self.payloads)
    }

    fn clear(&mut self) {
        self.payloads.clear();
    }
}

impl Name for Payloads {
    const NAME: &'static str = "Payloads";
    const PACKAGE: &'static str = PACKAGE;

    fn type_url() -> String {
        type_url::<Self>()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Clone, PartialEq, Message)]
    struct Generated {
        #[prost(message, repeated, tag = "1")]
        payloads: Vec<Payload>,
    }

    #[test]
    fn their_bytes_are_those_of_prost() {
        for count in 0..6 {
            let payload = |place: usize| Payload {
                data: place.to_string().into(),
                ..Payload::default()
            };
            let payloads: Vec<Payload> = (0..count).map(payload).collect();
            let bytes = Generated {
                payloads: payloads.clone(),
            }
            .encode_to_vec();
            let payloads = Payloads { payloads };
            assert_eq!(payloads.encode_to_vec(), bytes);
            assert_eq!(payloads.encoded_len(), bytes.len());
            assert_eq!(Payloads::decode(bytes.as_slice()).unwrap(), payloads);
            for end in 0..bytes.len() {
                let ours = Payloads::decode(&bytes[..end]).map(|decoded| decoded.payloads);
                let prosts = Generated::decode(&bytes[..end]).map(|decoded| decoded.payloads);
                let text = |error: DecodeError| error.to_string().replace("Generated", "Payloads");
                assert_eq!(ours.map_err(text), prosts.map_err(text));
            }
        }
    }
}
