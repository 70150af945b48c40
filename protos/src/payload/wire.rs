//! A payload as protobuf.

use std::borrow::Cow;

use bytes::{Buf, BufMut, Bytes};
use prost::encoding::{self, DecodeContext, WireType};
use prost::{DecodeError, Message, Name};

use super::external::ExternalPayloadDetails;
use super::metadata::ENCODING;
use super::{PACKAGE, Payload, type_url};

const NAME: &str = "Payload";
const METADATA: u32 = 1;
const DATA: u32 = 2;
const EXTERNAL_PAYLOADS: u32 = 3;
/// The fields of an entry of a map.
const ENTRY_NAME: u32 = 1;
const ENTRY_VALUE: u32 = 2;

/// Values of `encoding` that all SDKs write: they need no part of the buffer that they came in.
const ENCODINGS: [&str; 4] = ["json/plain", "binary/null", "binary/plain", "json/protobuf"];

impl Message for Payload {
    fn encode_raw(&self, buffer: &mut impl BufMut) {
        for (name, value) in &self.metadata {
            encoding::encode_key(METADATA, WireType::LengthDelimited, buffer);
            encoding::encode_varint(entry_len(name, value) as u64, buffer);
            encode_entry(name, value, buffer);
        }
        if !self.data.is_empty() {
            encoding::bytes::encode(DATA, &self.data, buffer);
        }
        encoding::message::encode_repeated(EXTERNAL_PAYLOADS, &self.external_payloads, buffer);
    }

    fn merge_field(
        &mut self,
        tag: u32,
        wire_type: WireType,
        buffer: &mut impl Buf,
        context: DecodeContext,
    ) -> Result<(), DecodeError> {
        let (field, merged) = match tag {
            METADATA => {
                let mut entry = Entry::default();
                let merged = encoding::message::merge(wire_type, &mut entry, buffer, context);
                // The last of equal names counts.
                self.metadata.insert(entry.name, entry.value);
                ("metadata", merged)
            }
            DATA => (
                "data",
                encoding::bytes::merge(wire_type, &mut self.data, buffer, context),
            ),
            EXTERNAL_PAYLOADS => {
                let details = &mut self.external_payloads;
                let merged = encoding::message::merge_repeated(wire_type, details, buffer, context);
                ("external_payloads", merged)
            }
            _ => return encoding::skip_field(wire_type, tag, buffer, context),
        };
        merged.map_err(|mut error| {
            error.push(NAME, field);
            error
        })
    }

    fn encoded_len(&self) -> usize {
        let entries = self.metadata.iter().map(|(name, value)| {
            let length = entry_len(name, value);
            encoding::key_len(METADATA) + encoding::encoded_len_varint(length as u64) + length
        });
        let data = match self.data.is_empty() {
            true => 0,
            false => encoding::bytes::encoded_len(DATA, &self.data),
        };
        let details = &self.external_payloads;
        entries.sum::<usize>()
            + data
            + encoding::message::encoded_len_repeated(EXTERNAL_PAYLOADS, details)
    }

    fn clear(&mut self) {
        *self = Self::default();
    }
}

/// An entry of the metadata, as it is read.
#[derive(Debug, Default)]
struct Entry {
    name: Cow<'static, str>,
    value: Bytes,
}

impl Message for Entry {
    fn encode_raw(&self, buffer: &mut impl BufMut) {
        encode_entry(&self.name, &self.value, buffer);
    }

    fn merge_field(
        &mut self,
        tag: u32,
        wire_type: WireType,
        buffer: &mut impl Buf,
        context: DecodeContext,
    ) -> Result<(), DecodeError> {
        match tag {
            ENTRY_NAME => merge_name(wire_type, &mut self.name, buffer, context),
            ENTRY_VALUE => merge_value(wire_type, &mut self.value, buffer, context),
            _ => encoding::skip_field(wire_type, tag, buffer, context),
        }
    }

    fn encoded_len(&self) -> usize {
        entry_len(&self.name, &self.value)
    }

    fn clear(&mut self) {
        *self = Self::default();
    }
}

fn merge_name(
    wire_type: WireType,
    name: &mut Cow<'static, str>,
    buffer: &mut impl Buf,
    context: DecodeContext,
) -> Result<(), DecodeError> {
    if wire_type == WireType::LengthDelimited && take(ENCODING, buffer) {
        *name = Cow::Borrowed(ENCODING);
        return Ok(());
    }
    let mut other = String::new();
    encoding::string::merge(wire_type, &mut other, buffer, context)?;
    *name = Cow::Owned(other);
    Ok(())
}

fn merge_value(
    wire_type: WireType,
    value: &mut Bytes,
    buffer: &mut impl Buf,
    context: DecodeContext,
) -> Result<(), DecodeError> {
    if wire_type == WireType::LengthDelimited {
        for encoding in ENCODINGS {
            if take(encoding, buffer) {
                *value = Bytes::from_static(encoding.as_bytes());
                return Ok(());
            }
        }
    }
    encoding::bytes::merge(wire_type, value, buffer, context)
}

/// Passes a short text with its length, if the next bytes are these.
fn take(text: &'static str, buffer: &mut impl Buf) -> bool {
    let found = match buffer.chunk().split_first() {
        Some((length, rest)) => {
            usize::from(*length) == text.len() && rest.starts_with(text.as_bytes())
        }
        None => false,
    };
    if found {
        buffer.advance(1 + text.len());
    }
    found
}

/// Writes an entry: what is empty is not written.
fn encode_entry(name: &str, value: &Bytes, buffer: &mut impl BufMut) {
    if !name.is_empty() {
        encoding::encode_key(ENTRY_NAME, WireType::LengthDelimited, buffer);
        encoding::encode_varint(name.len() as u64, buffer);
        buffer.put_slice(name.as_bytes());
    }
    if !value.is_empty() {
        encoding::bytes::encode(ENTRY_VALUE, value, buffer);
    }
}

/// The length of an entry.
fn entry_len(name: &str, value: &Bytes) -> usize {
    let field = |tag: u32, length: usize| match length {
        0 => 0,
        _ => encoding::key_len(tag) + encoding::encoded_len_varint(length as u64) + length,
    };
    field(ENTRY_NAME, name.len()) + field(ENTRY_VALUE, value.len())
}

impl Name for Payload {
    const NAME: &'static str = NAME;
    const PACKAGE: &'static str = PACKAGE;

    fn type_url() -> String {
        type_url::<Self>()
    }
}

impl Name for ExternalPayloadDetails {
    const NAME: &'static str = "ExternalPayloadDetails";
    const PACKAGE: &'static str = PACKAGE;

    fn full_name() -> String {
        format!("{}.{}", Payload::full_name(), Self::NAME)
    }

    fn type_url() -> String {
        type_url::<Self>()
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;

    /// The message as prost generates it.
    #[derive(Clone, PartialEq, Message)]
    struct Generated {
        #[prost(btree_map = "string, bytes", tag = "1")]
        metadata: BTreeMap<String, Bytes>,
        #[prost(bytes = "bytes", tag = "2")]
        data: Bytes,
        #[prost(message, repeated, tag = "3")]
        external_payloads: Vec<ExternalPayloadDetails>,
    }

    fn metadata() -> Vec<Vec<(&'static str, &'static str)>> {
        vec![
            vec![],
            vec![("encoding", "json/plain")],
            vec![("encoding", "json/plai")],
            vec![("encoding", "json/plainer")],
            vec![("encoding", "")],
            vec![("", "binary/null")],
            vec![("", "")],
            vec![("encodin", "x"), ("encoding", "y"), ("encodings", "z")],
            vec![("encoding", "json/protobuf"), ("messageType", "a.B")],
        ]
    }

    #[test]
    fn its_bytes_are_those_of_prost() {
        let many = "x".repeat(300);
        for entries in metadata() {
            for (data, details) in [("", 0), ("42", 1), (many.as_str(), 2)] {
                let entry = |(name, value): &(&str, &'static str)| {
                    ((*name).to_owned(), Bytes::from_static(value.as_bytes()))
                };
                let external_payloads = vec![ExternalPayloadDetails { size_bytes: 7 }; details];
                let generated = Generated {
                    metadata: entries.iter().map(entry).collect(),
                    data: data.to_owned().into(),
                    external_payloads: external_payloads.clone(),
                };
                let payload = Payload {
                    metadata: entries.iter().map(entry).collect(),
                    data: data.to_owned().into(),
                    external_payloads,
                };
                let bytes = generated.encode_to_vec();
                assert_eq!(payload.encode_to_vec(), bytes);
                assert_eq!(payload.encoded_len(), bytes.len());
                assert_eq!(Payload::decode(bytes.as_slice()).unwrap(), payload);
                let shown = format!("{generated:?}").replace("Generated", "Payload");
                assert_eq!(format!("{payload:?}"), shown);
                // In a buffer of two parts, whatever lies where they meet.
                for middle in 0..=bytes.len() {
                    let parts = Buf::chain(&bytes[..middle], &bytes[middle..]);
                    assert_eq!(Payload::decode(parts).unwrap(), payload, "{middle}");
                }
            }
        }
    }

    #[test]
    fn it_may_be_nested_as_deep_as_prost_lets_it() {
        /// A list of lists, with a payload at its end.
        #[derive(Clone, PartialEq, Message)]
        struct Nested<P: Message + Default + std::fmt::Debug> {
            #[prost(message, optional, boxed, tag = "1")]
            nested: Option<Box<Self>>,
            #[prost(message, optional, tag = "2")]
            payload: Option<P>,
        }
        let payload = Payload {
            metadata: [("encoding", "json/plain".into())].into(),
            ..Payload::default()
        };
        let mut nested = Nested {
            nested: None,
            payload: Some(payload),
        };
        let mut refused = 0;
        for _ in 0..110 {
            let bytes = nested.encode_to_vec();
            let ours = Nested::<Payload>::decode(bytes.as_slice()).is_err();
            let prosts = Nested::<Generated>::decode(bytes.as_slice()).is_err();
            assert_eq!(ours, prosts);
            refused += usize::from(ours);
            nested = Nested {
                nested: Some(Box::new(nested)),
                payload: None,
            };
        }
        assert!((5..100).contains(&refused));
    }

    #[test]
    fn its_names_are_those_of_the_definitions() {
        assert_eq!(
            [Payload::type_url(), ExternalPayloadDetails::type_url()],
            [
                "type.googleapis.com/temporal.api.common.v1.Payload",
                "type.googleapis.com/temporal.api.common.v1.Payload.ExternalPayloadDetails",
            ]
        );
    }

    #[test]
    fn what_is_damaged_is_refused_as_by_prost() {
        let whole = Payload {
            metadata: [("encoding", "json/plain".into()), ("b", "c".into())].into(),
            data: "42".into(),
            external_payloads: vec![ExternalPayloadDetails { size_bytes: 300 }],
        }
        .encode_to_vec();
        let check = |bytes: &[u8]| match (Payload::decode(bytes), Generated::decode(bytes)) {
            (Ok(payload), Ok(generated)) => {
                let map: BTreeMap<String, Bytes> = payload
                    .metadata
                    .iter()
                    .map(|(name, value)| (name.to_owned(), value.clone()))
                    .collect();
                assert_eq!(
                    (map, payload.data, payload.external_payloads),
                    (
                        generated.metadata,
                        generated.data,
                        generated.external_payloads
                    )
                );
            }
            (Err(ours), Err(prosts)) => {
                let prosts = prosts.to_string().replace("Generated.", "Payload.");
                assert_eq!(ours.to_string(), prosts, "{bytes:?}");
            }
            (ours, prosts) => panic!("{bytes:?}: {ours:?}, but prost: {prosts:?}"),
        };
        for end in 0..whole.len() {
            check(&whole[..end]);
        }
        for place in 0..whole.len() {
            for bit in 0..8 {
                let mut damaged = whole.clone();
                damaged[place] ^= 1 << bit;
                check(&damaged);
            }
        }
    }
}
