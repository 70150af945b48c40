//! `bytes` fields: base64 text.

use std::fmt;

use base64::alphabet;
use base64::engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig, general_purpose};
use base64::{DecodeError, DecodeSliceError, Engine};
use bytes::Bytes;
use serde::de::{Deserialize, Deserializer, Visitor};

/// protobuf-JSON is read in both alphabets, with or without padding.
const LENIENT: GeneralPurposeConfig =
    GeneralPurposeConfig::new().with_decode_padding_mode(DecodePaddingMode::Indifferent);
const STANDARD: GeneralPurpose = GeneralPurpose::new(&alphabet::STANDARD, LENIENT);
const URL_SAFE: GeneralPurpose = GeneralPurpose::new(&alphabet::URL_SAFE, LENIENT);

/// The bytes as protobuf-JSON writes them: the standard alphabet, padded.
pub(crate) fn encode_base64(bytes: impl AsRef<[u8]>) -> String {
    general_purpose::STANDARD.encode(bytes)
}

/// The bytes of base64 in either alphabet.
pub(crate) fn decode_base64(text: &str) -> Result<Bytes, DecodeError> {
    let is_url_safe = text.bytes().any(|byte| matches!(byte, b'-' | b'_'));
    let engine = if is_url_safe { URL_SAFE } else { STANDARD };
    let padding = text.bytes().rev().take_while(|byte| *byte == b'=').count();
    // With room for more, `Bytes` would take an allocation more to remember it.
    let mut bytes = vec![0; (text.len() - padding) * 3 / 4];
    let decoded = engine.decode_slice(text, &mut bytes);
    let length = decoded.map_err(|error| match error {
        DecodeSliceError::DecodeError(error) => error,
        // There is room for what the text holds, but for padding where none may be.
        DecodeSliceError::OutputSliceTooSmall => DecodeError::InvalidPadding,
    })?;
    bytes.truncate(length);
    Ok(bytes.into())
}

/// Bytes read from base64.
#[derive(Default)]
pub(crate) struct Base64(pub(crate) Bytes);

impl<'de> Deserialize<'de> for Base64 {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_str(Text)
    }
}

struct Text;

impl Visitor<'_> for Text {
    type Value = Base64;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("bytes in base64")
    }

    fn visit_str<E: serde::de::Error>(self, text: &str) -> Result<Base64, E> {
        match decode_base64(text) {
            Ok(bytes) => Ok(Base64(bytes)),
            Err(error) => Err(E::custom(format_args!("bytes are not in base64: {error}"))),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_alphabets_are_read_with_or_without_padding() {
        for text in ["\"+/8=\"", "\"+/8\"", "\"-_8=\"", "\"-_8\""] {
            let Base64(bytes) = serde_json::from_str(text).unwrap();
            assert_eq!(bytes, [0xfb, 0xff].as_slice(), "{text}");
        }
        assert_eq!(encode_base64([0xfb, 0xff]), "+/8=");
    }

    #[test]
    fn bytes_of_every_length_are_read() {
        for length in 0..200_u8 {
            let bytes: Vec<u8> = (0..length).map(|place| place.wrapping_mul(37)).collect();
            let text = encode_base64(&bytes);
            assert_eq!(decode_base64(&text).unwrap(), bytes);
            assert_eq!(decode_base64(text.trim_end_matches('=')).unwrap(), bytes);
        }
        for text in ["=", "==", "A===", "AA=A", "AAAA=", "AB==", "AAAA====="] {
            let error = decode_base64(text).unwrap_err().to_string();
            assert!(!error.contains("slice"), "{text}: {error}");
        }
    }

    #[test]
    fn what_is_not_base64_is_an_error_that_says_so() {
        for text in ["\"*\"", "\"a\"", "\"é\"", "\"+_8=\"", "7"] {
            let error = serde_json::from_str::<Base64>(text)
                .map(|_| ())
                .unwrap_err();
            assert!(error.to_string().contains("in base64"), "{text}: {error}");
        }
    }
}
