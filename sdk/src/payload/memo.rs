//! The memo of a workflow: values that are stored with it and shown in listings, not indexed.

use std::collections::BTreeMap;

use durably_protos::temporal::api::common::v1;
use durably_protos::temporal::api::common::v1::Payload;

use super::{FromPayload, PayloadError, ToPayload};

/// Memo fields by name.
///
/// ```
/// use durably::payload::Memo;
///
/// let memo = Memo::new().set("note", &"handle with care".to_owned())?.set("weight", &7)?;
/// assert_eq!(memo.get::<u32>("weight")?, Some(7));
/// # Ok::<(), durably::payload::PayloadError>(())
/// ```
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Memo {
    fields: BTreeMap<String, Payload>,
}

impl Memo {
    /// No fields.
    pub fn new() -> Self {
        Self::default()
    }

    /// Sets a field, replacing an earlier value. In an upsert, a value that is written as null
    /// (`None`, `()`) removes the field.
    ///
    /// # Errors
    /// The value cannot be encoded; the error names the field.
    pub fn set<T: ToPayload>(
        mut self,
        name: impl Into<String>,
        value: &T,
    ) -> Result<Self, PayloadError> {
        self.insert(name, value)?;
        Ok(self)
    }

    /// As [`set`](Self::set), in place.
    ///
    /// # Errors
    /// As for [`set`](Self::set).
    pub fn insert<T: ToPayload>(
        &mut self,
        name: impl Into<String>,
        value: &T,
    ) -> Result<(), PayloadError> {
        let name = name.into();
        let payload = value.to_payload().map_err(|error| error.named(&name))?;
        self.fields.insert(name, payload);
        Ok(())
    }

    /// Reads a field; `None` if it is not there.
    ///
    /// # Errors
    /// The field cannot be read as this type.
    pub fn get<T: FromPayload>(&self, name: &str) -> Result<Option<T>, PayloadError> {
        let payload = self.fields.get(name);
        payload
            .map(T::from_payload)
            .transpose()
            .map_err(|error| error.named(name))
    }

    /// The names, in order.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.fields.keys().map(String::as_str)
    }

    /// The fields as they are on the wire.
    pub fn payloads(&self) -> &BTreeMap<String, Payload> {
        &self.fields
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.fields.is_empty()
    }

    /// How many there are.
    pub fn len(&self) -> usize {
        self.fields.len()
    }
}

impl Memo {
    pub(crate) fn from_fields(fields: BTreeMap<String, Payload>) -> Self {
        Self { fields }
    }
}

impl From<v1::Memo> for Memo {
    fn from(proto: v1::Memo) -> Self {
        Self {
            fields: proto.fields,
        }
    }
}

impl From<Memo> for v1::Memo {
    fn from(memo: Memo) -> Self {
        Self {
            fields: memo.fields,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fields_round_trip() {
        let memo = Memo::new()
            .set("a", &1)
            .unwrap()
            .set("b", &vec![1_u8])
            .unwrap();
        let memo = Memo::from(v1::Memo::from(memo));
        assert_eq!(memo.get::<i32>("a").unwrap(), Some(1));
        assert_eq!(memo.get::<Vec<u8>>("b").unwrap(), Some(vec![1]));
        assert_eq!(memo.get::<i32>("c").unwrap(), None);
        assert_eq!(memo.names().collect::<Vec<_>>(), ["a", "b"]);
    }

    #[test]
    fn an_error_names_the_field() {
        let memo = Memo::new().set("a", &1).unwrap();
        let error = memo.get::<String>("a").unwrap_err().to_string();
        assert!(
            error.starts_with("`a`: cannot read a `alloc::string::String`"),
            "{error}"
        );
    }
}
