//! The search attributes of a workflow: typed values that visibility queries can filter by.

use std::collections::BTreeMap;

use bytes::Bytes;
use durably_protos::temporal::api::common::v1;
use durably_protos::temporal::api::common::v1::Payload;

use super::encoding::{BINARY_NULL, JSON_PLAIN, payload};
use super::{PayloadError, SearchAttributeKey, SearchAttributeValue};

/// Metadata key under which an attribute's type travels.
const TYPE: &str = "type";

/// Search attributes by name.
///
/// Written as `json/plain` with the attribute's type in the metadata, whatever converter or codec
/// the client has: the server must be able to read them.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct SearchAttributes {
    fields: BTreeMap<String, Payload>,
}

impl SearchAttributes {
    /// No attributes.
    pub fn new() -> Self {
        Self::default()
    }

    /// Sets an attribute, replacing an earlier value.
    ///
    /// # Errors
    /// The value has no wire form: a `Double` that is not a number, a `Datetime` outside the years
    /// 0 to 9999.
    pub fn set<T: SearchAttributeValue>(
        mut self,
        key: &SearchAttributeKey<T>,
        value: T,
    ) -> Result<Self, PayloadError> {
        self.insert(key, value)?;
        Ok(self)
    }

    /// As [`set`](Self::set), in place.
    ///
    /// # Errors
    /// As for [`set`](Self::set).
    #[expect(
        clippy::needless_pass_by_value,
        reason = "callers mostly have the value at hand"
    )]
    pub fn insert<T: SearchAttributeValue>(
        &mut self,
        key: &SearchAttributeKey<T>,
        value: T,
    ) -> Result<(), PayloadError> {
        let json = value
            .to_json()
            .map_err(|error| PayloadError::encode::<T>(error).named(key.name()))?;
        self.put(key, payload(JSON_PLAIN, Bytes::from(json.to_string())));
        Ok(())
    }

    /// Marks an attribute as to be removed, when these attributes are upserted on a workflow.
    #[must_use]
    pub fn unset<T>(mut self, key: &SearchAttributeKey<T>) -> Self {
        self.put(key, payload(BINARY_NULL, Bytes::new()));
        self
    }

    fn put<T>(&mut self, key: &SearchAttributeKey<T>, mut payload: Payload) {
        let name = key.value_type().name();
        payload
            .metadata
            .insert(TYPE, Bytes::from_static(name.as_bytes()));
        self.fields.insert(key.name().to_owned(), payload);
    }

    /// Reads an attribute; `None` if it is not there, or unset.
    ///
    /// # Errors
    /// The attribute has another type than the key.
    pub fn get<T: SearchAttributeValue>(
        &self,
        key: &SearchAttributeKey<T>,
    ) -> Result<Option<T>, PayloadError> {
        let Some(payload) = self.fields.get(key.name()) else {
            return Ok(None);
        };
        check_type(key, payload)?;
        if payload.data.is_empty() || payload.data == "null" {
            return Ok(None);
        }
        // Whatever the metadata say, the server writes search attributes as JSON.
        serde_json::from_slice(&payload.data)
            .map_err(Into::into)
            .and_then(T::from_json)
            .map(Some)
            .map_err(|error| PayloadError::decode::<T>(JSON_PLAIN, error).named(key.name()))
    }

    /// Whether there is an attribute of that name, set or marked as to be removed.
    pub fn contains(&self, name: &str) -> bool {
        self.fields.contains_key(name)
    }

    /// The names, in order.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.fields.keys().map(String::as_str)
    }

    /// The attributes as they are on the wire.
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

    /// Takes the attributes of `updates`, as an upsert does on the server: values are replaced, and
    /// attributes marked as to be removed go.
    pub fn apply(&mut self, updates: &Self) {
        for (name, payload) in &updates.fields {
            if payload.data.is_empty() || payload.data == "null" {
                self.fields.remove(name);
            } else {
                self.fields.insert(name.clone(), payload.clone());
            }
        }
    }
}

/// The server fills the type in on reads; where it is absent there is nothing to compare.
fn check_type<T>(key: &SearchAttributeKey<T>, payload: &Payload) -> Result<(), PayloadError> {
    let wanted = key.value_type().name();
    match payload.metadata.get(TYPE) {
        Some(found) if *found != wanted => Err(PayloadError::SearchAttributeType {
            name: key.name().to_owned(),
            wanted,
            found: String::from_utf8_lossy(found).into_owned(),
        }),
        _ => Ok(()),
    }
}

impl From<v1::SearchAttributes> for SearchAttributes {
    fn from(proto: v1::SearchAttributes) -> Self {
        Self {
            fields: proto.indexed_fields,
        }
    }
}

impl From<SearchAttributes> for v1::SearchAttributes {
    fn from(attributes: SearchAttributes) -> Self {
        Self {
            indexed_fields: attributes.fields,
        }
    }
}

#[cfg(test)]
mod tests {
    use std::time::{Duration, UNIX_EPOCH};

    use super::*;

    fn wire<T: SearchAttributeValue>(key: &SearchAttributeKey<T>, value: T) -> (String, String) {
        let attributes = SearchAttributes::new().set(key, value).unwrap();
        let payload = &attributes.payloads()[key.name()];
        assert_eq!(payload.metadata["encoding"], "json/plain");
        let text = |bytes: &Bytes| String::from_utf8(bytes.to_vec()).unwrap();
        (text(&payload.metadata["type"]), text(&payload.data))
    }

    #[test]
    fn the_seven_types_on_the_wire() {
        let time = UNIX_EPOCH + Duration::from_millis(1500);
        let pair = |a: &str, b: &str| (a.to_owned(), b.to_owned());
        assert_eq!(
            wire(&SearchAttributeKey::text("a"), "x y".into()),
            pair("Text", r#""x y""#)
        );
        assert_eq!(
            wire(&SearchAttributeKey::keyword("a"), "x".into()),
            pair("Keyword", r#""x""#)
        );
        assert_eq!(wire(&SearchAttributeKey::int("a"), -3), pair("Int", "-3"));
        assert_eq!(
            wire(&SearchAttributeKey::double("a"), 0.5),
            pair("Double", "0.5")
        );
        assert_eq!(
            wire(&SearchAttributeKey::bool("a"), true),
            pair("Bool", "true")
        );
        assert_eq!(
            wire(&SearchAttributeKey::datetime("a"), time),
            pair("Datetime", r#""1970-01-01T00:00:01.5Z""#)
        );
        assert_eq!(
            wire(
                &SearchAttributeKey::keyword_list("a"),
                vec!["x".into(), "y".into()]
            ),
            pair("KeywordList", r#"["x","y"]"#)
        );
    }

    #[test]
    fn values_round_trip_and_unset_is_none() {
        let when = SearchAttributeKey::datetime("when");
        let time = UNIX_EPOCH + Duration::new(1_700_000_000, 123_456_789);
        let attributes = SearchAttributes::new().set(&when, time).unwrap();
        let attributes = SearchAttributes::from(v1::SearchAttributes::from(attributes));
        assert_eq!(attributes.get(&when).unwrap(), Some(time));
        assert_eq!(
            attributes.get(&SearchAttributeKey::int("other")).unwrap(),
            None
        );

        let removal = SearchAttributes::new().unset(&when);
        assert_eq!(removal.get(&when).unwrap(), None);
        let mut applied = attributes.clone();
        applied.apply(&removal);
        assert!(applied.is_empty());
    }

    #[test]
    fn errors_name_the_attribute() {
        let attributes = SearchAttributes::new()
            .set(&SearchAttributeKey::int("n"), 1)
            .unwrap();
        let error = attributes
            .get(&SearchAttributeKey::keyword("n"))
            .unwrap_err();
        assert_eq!(
            error.to_string(),
            "search attribute `n` has the type Int, the key says Keyword"
        );
        let error = SearchAttributes::new().set(&SearchAttributeKey::double("d"), f64::NAN);
        let error = error.unwrap_err().to_string();
        assert_eq!(error, "`d`: cannot encode a `f64`: NaN has no JSON form");
    }

    #[test]
    fn names_may_be_known_at_run_time_only() {
        let key = SearchAttributeKey::int("").with_name(format!("Attribute{}", 1));
        let attributes = SearchAttributes::new().set(&key, 1).unwrap();
        assert_eq!(attributes.names().collect::<Vec<_>>(), ["Attribute1"]);
    }
}
