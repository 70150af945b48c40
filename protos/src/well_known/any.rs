//! `google.protobuf.Any`: a message of any type, with the name of its type.

use std::fmt;

use prost::{DecodeError, Message, Name};

use crate::google::protobuf::Any;

/// Why an [`Any`] does not give the wanted message.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub enum UnpackError {
    /// It holds a message of another type.
    OtherType {
        /// The full name of the wanted type.
        wanted: String,
        /// The type that it names, as written.
        type_url: String,
    },
    /// It names the wanted type, but its bytes are not such a message.
    Malformed {
        /// The type that it names, as written.
        type_url: String,
        /// What is wrong with the bytes.
        error: DecodeError,
    },
}

impl fmt::Display for UnpackError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::OtherType { wanted, type_url } => {
                write!(
                    f,
                    "a message of type {wanted} is wanted, and there is {type_url:?}"
                )
            }
            Self::Malformed { type_url, error } => {
                write!(f, "bytes said to be {type_url:?} are malformed: {error}")
            }
        }
    }
}

impl std::error::Error for UnpackError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            Self::OtherType { .. } => None,
            Self::Malformed { error, .. } => Some(error),
        }
    }
}

impl Any {
    /// Packs a message, under the type URL `type.googleapis.com/<full name>`.
    ///
    /// ```
    /// use durably_protos::google::protobuf::Any;
    /// use durably_protos::temporal::api::update::v1::Acceptance;
    ///
    /// let any = Any::pack(&Acceptance::default());
    /// assert_eq!(any.type_url, "type.googleapis.com/temporal.api.update.v1.Acceptance");
    /// assert!(any.is::<Acceptance>());
    /// ```
    pub fn pack<M: Message + Name>(message: &M) -> Self {
        Self {
            type_url: M::type_url(),
            value: message.encode_to_vec().into(),
        }
    }

    /// Whether it names this type. Only what follows the last slash of the type URL counts.
    pub fn is<M: Name>(&self) -> bool {
        let name = self.type_url.rsplit('/').next().unwrap_or_default();
        // `full_name` allocates: compare its two parts instead.
        name.strip_suffix(M::NAME)
            .and_then(|package| package.strip_suffix('.'))
            .is_some_and(|package| package == M::PACKAGE)
    }

    /// Unpacks the message that it holds.
    ///
    /// # Errors
    ///
    /// It holds another type, or malformed bytes.
    pub fn unpack<M: Message + Name + Default>(&self) -> Result<M, UnpackError> {
        if !self.is::<M>() {
            return Err(UnpackError::OtherType {
                wanted: M::full_name(),
                type_url: self.type_url.clone(),
            });
        }
        // From `Bytes`, so that payloads inside share the buffer.
        M::decode(self.value.clone()).map_err(|error| UnpackError::Malformed {
            type_url: self.type_url.clone(),
            error,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::temporal::api::update::v1::{Acceptance, Rejection, Response};

    #[test]
    fn a_packed_message_unpacks_whatever_the_url_prefix() {
        let message = Acceptance {
            accepted_request_message_id: "id/request".to_owned(),
            ..Acceptance::default()
        };
        let mut any = Any::pack(&message);
        assert_eq!(any.unpack(), Ok(message.clone()));
        any.type_url = "temporal.api.update.v1.Acceptance".to_owned();
        assert_eq!(any.unpack(), Ok(message));
    }

    #[test]
    fn another_type_is_refused_by_name() {
        let any = Any::pack(&Response::default());
        let error = any.unpack::<Rejection>().unwrap_err();
        assert_eq!(
            error.to_string(),
            "a message of type temporal.api.update.v1.Rejection is wanted, and there is \
             \"type.googleapis.com/temporal.api.update.v1.Response\""
        );
        let nested = Any {
            type_url: "x/other.temporal.api.update.v1.Rejection".to_owned(),
            ..any
        };
        assert!(!nested.is::<Rejection>());
    }

    #[test]
    fn malformed_bytes_are_an_error() {
        let mut any = Any::pack(&Acceptance::default());
        any.value = vec![0xff].into();
        assert!(matches!(
            any.unpack::<Acceptance>(),
            Err(UnpackError::Malformed { .. })
        ));
    }
}
