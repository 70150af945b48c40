//! Values to payloads and back: the two traits, and their implementation for every serde type.

use std::any::Any;

use bytes::Bytes;
use durably_protos::temporal::api::common::v1::Payload;
use serde::Serialize;
use serde::de::DeserializeOwned;

use super::PayloadError;
use super::encoding::{BINARY_NULL, BINARY_PLAIN, JSON_PLAIN, JSON_PROTOBUF, encoding_of, payload};

/// A value that can be sent.
///
/// Every `Serialize` type is one: `Vec<u8>`, [`Bytes`] and `Option` of either are sent as
/// `binary/plain`, what serde writes as `null` as `binary/null`, everything else as `json/plain`.
/// [`Binary`](super::Binary), [`Protobuf`](super::Protobuf) and [`RawPayload`](super::RawPayload)
/// choose another encoding.
///
/// ```
/// use durably::payload::ToPayload;
///
/// let payload = vec!["a", "b"].to_payload()?;
/// assert_eq!(payload.metadata["encoding"], "json/plain");
/// assert_eq!(payload.data, r#"["a","b"]"#);
/// # Ok::<(), durably::payload::PayloadError>(())
/// ```
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be sent as a Temporal payload",
    note = "derive `serde::Serialize` for it, or use `Binary`, `Protobuf` or `RawPayload`"
)]
pub trait ToPayload {
    /// Encodes the value.
    ///
    /// # Errors
    /// The value cannot be written in its encoding.
    fn to_payload(&self) -> Result<Payload, PayloadError>;
}

/// A value that can be received.
///
/// Every `DeserializeOwned` type is one. The payload's `encoding` decides how it is read.
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be read from a Temporal payload",
    note = "derive `serde::Deserialize` for it, or use `Binary`, `Protobuf` or `RawPayload`"
)]
pub trait FromPayload: Sized {
    /// Decodes the value.
    ///
    /// # Errors
    /// The payload's encoding cannot give this type, or its data do not have this type's form.
    fn from_payload(payload: &Payload) -> Result<Self, PayloadError>;

    /// The value that stands for no payload at all: a trailing argument the caller left out, or the
    /// result of something that returns nothing. `Option` gives `None`, unit gives `()`.
    ///
    /// # Errors
    /// The type has no such value.
    fn from_missing() -> Result<Self, PayloadError> {
        Err(PayloadError::missing::<Self>())
    }
}

#[diagnostic::do_not_recommend]
impl<T: Serialize + 'static> ToPayload for T {
    fn to_payload(&self) -> Result<Payload, PayloadError> {
        if let Some(data) = bytes_of(self) {
            return Ok(payload(BINARY_PLAIN, data));
        }
        let json = serde_json::to_vec(self).map_err(PayloadError::encode::<T>)?;
        if json == b"null" {
            return Ok(payload(BINARY_NULL, Bytes::new()));
        }
        Ok(payload(JSON_PLAIN, Bytes::from(json)))
    }
}

#[diagnostic::do_not_recommend]
impl<T: DeserializeOwned + 'static> FromPayload for T {
    fn from_payload(payload: &Payload) -> Result<Self, PayloadError> {
        match encoding_of::<T>(payload)? {
            encoding @ (JSON_PLAIN | JSON_PROTOBUF) => serde_json::from_slice(&payload.data)
                .map_err(|error| PayloadError::decode::<T>(encoding, error)),
            encoding @ BINARY_NULL => {
                from_null().ok_or_else(|| PayloadError::unsuited::<T>(encoding))
            }
            encoding @ BINARY_PLAIN => {
                from_bytes(&payload.data).ok_or_else(|| PayloadError::unsuited::<T>(encoding))
            }
            other => Err(PayloadError::unsuited::<T>(other)),
        }
    }

    fn from_missing() -> Result<Self, PayloadError> {
        from_null().ok_or_else(PayloadError::missing::<T>)
    }
}

/// The payload of a result: none for unit, as the SDKs that share Temporal's core do.
///
/// # Errors
/// The value cannot be encoded.
pub fn result_payload<T: ToPayload + 'static>(value: &T) -> Result<Option<Payload>, PayloadError> {
    if (value as &dyn Any).is::<()>() {
        return Ok(None);
    }
    value.to_payload().map(Some)
}

/// The value of a result, whether or not there is a payload: SDKs differ in what they write for a
/// result that has no value.
///
/// # Errors
/// The payload cannot be read as this type, or there is none and the type needs one.
pub fn value_from_result<T: FromPayload>(payload: Option<&Payload>) -> Result<T, PayloadError> {
    payload.map_or_else(T::from_missing, T::from_payload)
}

/// The bytes of a value whose type stands for bytes. The type tests are resolved at compile time.
fn bytes_of<T: 'static>(value: &T) -> Option<Bytes> {
    let value = value as &dyn Any;
    if let Some(bytes) = value.downcast_ref::<Vec<u8>>() {
        Some(Bytes::copy_from_slice(bytes))
    } else if let Some(bytes) = value.downcast_ref::<Bytes>() {
        Some(bytes.clone())
    } else if let Some(bytes) = value.downcast_ref::<Option<Vec<u8>>>() {
        bytes.as_deref().map(Bytes::copy_from_slice)
    } else if let Some(bytes) = value.downcast_ref::<Option<Bytes>>() {
        bytes.clone()
    } else {
        None
    }
}

/// The value, if its type stands for bytes: the reverse of [`bytes_of`].
fn from_bytes<T: 'static>(data: &Bytes) -> Option<T> {
    let mut value: Option<T> = None;
    let slot = &mut value as &mut dyn Any;
    if let Some(slot) = slot.downcast_mut::<Option<Vec<u8>>>() {
        *slot = Some(data.to_vec());
    } else if let Some(slot) = slot.downcast_mut::<Option<Bytes>>() {
        *slot = Some(data.clone());
    } else if let Some(slot) = slot.downcast_mut::<Option<Option<Vec<u8>>>>() {
        *slot = Some(Some(data.to_vec()));
    } else if let Some(slot) = slot.downcast_mut::<Option<Option<Bytes>>>() {
        *slot = Some(Some(data.clone()));
    }
    value
}

/// The value that serde reads from `null`, if the type has one.
fn from_null<T: DeserializeOwned>() -> Option<T> {
    serde_json::from_value(serde_json::Value::Null).ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::payload::encoding::{BINARY_PROTOBUF, ENCODING};

    fn round_trip<T>(value: &T, encoding: &str)
    where
        T: ToPayload + FromPayload + PartialEq + std::fmt::Debug,
    {
        let payload = value.to_payload().unwrap();
        assert_eq!(payload.metadata[ENCODING], encoding);
        assert_eq!(&T::from_payload(&payload).unwrap(), value);
    }

    #[test]
    fn each_type_has_its_encoding() {
        round_trip(&"text".to_owned(), JSON_PLAIN);
        round_trip(&vec![1_u16, 2], JSON_PLAIN);
        round_trip(&Some(7), JSON_PLAIN);
        round_trip(&None::<i32>, BINARY_NULL);
        round_trip(&(), BINARY_NULL);
        round_trip(&vec![0_u8, 255], BINARY_PLAIN);
        round_trip(&Vec::<u8>::new(), BINARY_PLAIN);
        round_trip(&Bytes::from_static(b"raw"), BINARY_PLAIN);
        round_trip(&Some(vec![1_u8]), BINARY_PLAIN);
        round_trip(&Some(Bytes::from_static(b"raw")), BINARY_PLAIN);
        round_trip(&None::<Vec<u8>>, BINARY_NULL);
    }

    #[test]
    fn what_other_sdks_write_is_read_too() {
        let json = |text: &'static str| payload(JSON_PLAIN, Bytes::from_static(text.as_bytes()));
        assert_eq!(Option::<i32>::from_payload(&json("null")).unwrap(), None);
        assert_eq!(<()>::from_payload(&json("null")).unwrap(), ());
        assert_eq!(Vec::<u8>::from_payload(&json("[1,2]")).unwrap(), [1, 2]);
        let message = payload(JSON_PROTOBUF, Bytes::from_static(br#"{"a":1}"#));
        let value = serde_json::Value::from_payload(&message).unwrap();
        assert_eq!(value, serde_json::json!({"a": 1}));
    }

    #[test]
    fn extra_metadata_is_ignored() {
        let mut payload = 5.to_payload().unwrap();
        payload.metadata.insert("trace", Bytes::from_static(b"x"));
        assert_eq!(i32::from_payload(&payload).unwrap(), 5);
    }

    #[test]
    fn a_missing_payload_is_null_where_the_type_allows() {
        assert_eq!(Option::<String>::from_missing().unwrap(), None);
        assert_eq!(value_from_result::<()>(None).unwrap(), ());
        let error = value_from_result::<String>(None).unwrap_err();
        assert!(
            error.to_string().contains("Option<alloc::string::String>"),
            "{error}"
        );
    }

    #[test]
    fn errors_name_the_encoding_the_type_and_the_remedy() {
        let error = |encoding| {
            let payload = payload(encoding, Bytes::from_static(b"x"));
            u64::from_payload(&payload).unwrap_err().to_string()
        };
        assert_eq!(
            error("binary/encrypted"),
            "unknown payload encoding `binary/encrypted`, wanted `u64`: configure the payload codec that \
             wrote it, or take a `RawPayload` and decode it yourself"
        );
        assert!(error(BINARY_PLAIN).contains("take a `Vec<u8>`"));
        assert!(error(BINARY_NULL).contains("take an `Option`"));
        assert!(error(BINARY_PROTOBUF).contains("take a `Protobuf<M>`"));
        assert!(
            error(JSON_PLAIN)
                .starts_with("cannot read a `u64` from a payload of encoding `json/plain`")
        );
        let none = u64::from_payload(&Payload::default()).unwrap_err();
        assert!(none.to_string().contains("no `encoding`"));
    }

    #[test]
    fn a_unit_result_has_no_payload() {
        assert!(result_payload(&()).unwrap().is_none());
        assert!(result_payload(&None::<i32>).unwrap().is_some());
    }

    #[test]
    fn a_value_without_json_form_is_an_error() {
        let value = std::collections::HashMap::from([(vec![1], 1)]);
        let error = value.to_payload().unwrap_err().to_string();
        assert!(
            error.starts_with("cannot encode a `std::collections::hash"),
            "{error}"
        );
    }
}
