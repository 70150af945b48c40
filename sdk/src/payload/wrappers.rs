//! Types that choose an encoding other than the one serde types get.

use bytes::Bytes;
use durably_protos::temporal::api::common::v1::Payload;
use prost::{Message, Name};

use super::encoding::{
    BINARY_NULL, BINARY_PLAIN, BINARY_PROTOBUF, MESSAGE_TYPE, encoding_of, payload,
};
use super::{FromPayload, PayloadError, ToPayload};

/// Bytes, sent as they are (`binary/plain`) and received without a copy.
#[derive(Debug, Clone, Default, PartialEq, Eq, Hash)]
pub struct Binary(pub Bytes);

impl ToPayload for Binary {
    fn to_payload(&self) -> Result<Payload, PayloadError> {
        Ok(payload(BINARY_PLAIN, self.0.clone()))
    }
}

impl FromPayload for Binary {
    fn from_payload(payload: &Payload) -> Result<Self, PayloadError> {
        match encoding_of::<Self>(payload)? {
            BINARY_PLAIN => Ok(Self(payload.data.clone())),
            other => Err(PayloadError::unsuited::<Self>(other)),
        }
    }
}

/// The payload itself, sent and received verbatim whatever its encoding.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct RawPayload(pub Payload);

impl ToPayload for RawPayload {
    fn to_payload(&self) -> Result<Payload, PayloadError> {
        Ok(self.0.clone())
    }
}

impl FromPayload for RawPayload {
    fn from_payload(payload: &Payload) -> Result<Self, PayloadError> {
        Ok(Self(payload.clone()))
    }

    /// Nothing and null mean the same to all SDKs.
    fn from_missing() -> Result<Self, PayloadError> {
        Ok(Self(payload(BINARY_NULL, Bytes::new())))
    }
}

/// A protobuf message, sent as `binary/protobuf` with its full name in the metadata.
///
/// Receiving checks that name where the sender gave one. `json/protobuf`, which other SDKs prefer,
/// cannot be read into a prost message without generated JSON code: take a serde type of that shape
/// instead, or let the sender use the binary form.
#[derive(Debug, Clone, Default, PartialEq, Eq, Hash)]
pub struct Protobuf<M>(pub M);

impl<M: Message + Name + Default> ToPayload for Protobuf<M> {
    fn to_payload(&self) -> Result<Payload, PayloadError> {
        let mut payload = payload(BINARY_PROTOBUF, Bytes::from(self.0.encode_to_vec()));
        payload
            .metadata
            .insert(MESSAGE_TYPE, Bytes::from(M::full_name()));
        Ok(payload)
    }
}

impl<M: Message + Name + Default> FromPayload for Protobuf<M> {
    fn from_payload(payload: &Payload) -> Result<Self, PayloadError> {
        let encoding = encoding_of::<Self>(payload)?;
        if encoding != BINARY_PROTOBUF {
            return Err(PayloadError::unsuited::<Self>(encoding));
        }
        let wanted = M::full_name();
        if let Some(found) = payload.metadata.get(MESSAGE_TYPE)
            && *found != wanted
        {
            let found = String::from_utf8_lossy(found).into_owned();
            return Err(PayloadError::MessageType { wanted, found });
        }
        M::decode(payload.data.clone())
            .map(Self)
            .map_err(|error| PayloadError::decode::<Self>(encoding, error))
    }
}

#[cfg(test)]
mod tests {
    use durably_protos::temporal::api::common::v1::{ActivityType, WorkflowExecution};

    use super::*;

    #[test]
    fn protobuf_round_trip_checks_the_message_name() {
        let message = Protobuf(WorkflowExecution {
            workflow_id: "w".into(),
            run_id: "r".into(),
        });
        let payload = message.to_payload().unwrap();
        assert_eq!(
            payload.metadata[MESSAGE_TYPE],
            "temporal.api.common.v1.WorkflowExecution"
        );
        assert_eq!(Protobuf::from_payload(&payload).unwrap(), message);
        let error = Protobuf::<ActivityType>::from_payload(&payload).unwrap_err();
        assert_eq!(
            error.to_string(),
            "the payload holds the protobuf message `temporal.api.common.v1.WorkflowExecution`, \
             wanted `temporal.api.common.v1.ActivityType`"
        );
    }

    #[test]
    fn raw_payloads_pass_unchanged() {
        let payload = Payload {
            data: Bytes::from_static(b"secret"),
            ..Payload::default()
        };
        let raw = RawPayload::from_payload(&payload).unwrap();
        assert_eq!(raw.to_payload().unwrap(), payload);
    }

    #[test]
    fn binary_is_not_copied() {
        let data = Bytes::from(vec![1, 2, 3]);
        let payload = Binary(data.clone()).to_payload().unwrap();
        let back = Binary::from_payload(&payload).unwrap();
        assert_eq!(back.0.as_ptr(), data.as_ptr());
        let error = Binary::from_payload(&5.to_payload().unwrap()).unwrap_err();
        assert!(error.to_string().contains("it holds JSON"), "{error}");
    }
}
