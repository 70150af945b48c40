//! Values of search attributes.

use durably_protos::temporal::api::common::v1::Payload;
use durably_protos::temporal::api::enums::v1::IndexedValueType;
use jiff::Timestamp;
use serde_json::Value;

use crate::server::text::parse_rfc3339;

/// A value of a search attribute, of the type that the attribute is registered with.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum SearchAttributeValue {
    Bool(bool),
    Int(i64),
    Double(f64),
    Datetime(Timestamp),
    Keyword(String),
    Text(String),
    KeywordList(Vec<String>),
}

/// A payload does not hold a value of the type.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct WrongType;

/// Reads the value of a payload; `None` is null, which unsets the attribute.
///
/// Beside its own values, a type takes a list of one; an empty list is null.
pub(super) fn decode(
    payload: &Payload,
    value_type: IndexedValueType,
) -> Result<Option<SearchAttributeValue>, WrongType> {
    let json = match payload.metadata.get("encoding").map(|text| &text[..]) {
        Some(b"binary/null") => return Ok(None),
        Some(b"json/plain") => json(payload).ok_or(WrongType)?,
        _ => return Err(WrongType),
    };
    if json.is_null() {
        return Ok(None);
    }
    if let Some(value) = of_type(&json, value_type) {
        let empty_list =
            matches!(&value, SearchAttributeValue::KeywordList(list) if list.is_empty());
        return Ok((!empty_list).then_some(value));
    }
    match json.as_array().map(Vec::as_slice) {
        Some([]) => Ok(None),
        Some([only]) => of_type(only, value_type).map(Some).ok_or(WrongType),
        _ => Err(WrongType),
    }
}

/// The JSON of a payload, with replacement characters for bytes that are not UTF-8, as Go reads it.
pub(super) fn json(payload: &Payload) -> Option<Value> {
    serde_json::from_str(&String::from_utf8_lossy(&payload.data)).ok()
}

fn of_type(json: &Value, value_type: IndexedValueType) -> Option<SearchAttributeValue> {
    Some(match value_type {
        IndexedValueType::Bool => SearchAttributeValue::Bool(json.as_bool()?),
        IndexedValueType::Int => SearchAttributeValue::Int(json.as_i64()?),
        IndexedValueType::Double => SearchAttributeValue::Double(json.as_f64()?),
        IndexedValueType::Datetime => {
            SearchAttributeValue::Datetime(parse_rfc3339(json.as_str()?)?)
        }
        IndexedValueType::Keyword => SearchAttributeValue::Keyword(json.as_str()?.to_owned()),
        IndexedValueType::Text => SearchAttributeValue::Text(json.as_str()?.to_owned()),
        IndexedValueType::KeywordList => {
            // Go reads a null in a list of strings as the empty string.
            let text = |item: &Value| match item {
                Value::Null => Some(String::new()),
                item => item.as_str().map(str::to_owned),
            };
            let list = json.as_array()?.iter().map(text).collect::<Option<_>>()?;
            SearchAttributeValue::KeywordList(list)
        }
        IndexedValueType::Unspecified => return None,
    })
}

/// The name of a type in metadata and in errors, such as `KeywordList`.
pub(crate) fn type_name(value_type: IndexedValueType) -> &'static str {
    match value_type {
        IndexedValueType::Unspecified => "Unspecified",
        IndexedValueType::Text => "Text",
        IndexedValueType::Keyword => "Keyword",
        IndexedValueType::Int => "Int",
        IndexedValueType::Double => "Double",
        IndexedValueType::Bool => "Bool",
        IndexedValueType::Datetime => "Datetime",
        IndexedValueType::KeywordList => "KeywordList",
    }
}

/// The metadata that names the type of a payload.
const TYPE: &str = "type";

/// The type that the metadata of a payload names, as `Keyword` or `INDEXED_VALUE_TYPE_KEYWORD`.
pub(super) fn metadata_type(payload: &Payload) -> Option<IndexedValueType> {
    let name = std::str::from_utf8(payload.metadata.get(TYPE)?).ok()?;
    [
        IndexedValueType::Text,
        IndexedValueType::Keyword,
        IndexedValueType::Int,
        IndexedValueType::Double,
        IndexedValueType::Bool,
        IndexedValueType::Datetime,
        IndexedValueType::KeywordList,
    ]
    .into_iter()
    .find(|known| type_name(*known) == name || known.as_str_name() == name)
}

/// Names the type in the metadata of a payload that names none.
pub(super) fn add_metadata_type(payload: &mut Payload, value_type: IndexedValueType) {
    if payload.metadata.get(TYPE).is_none() {
        let name = type_name(value_type).into();
        payload.metadata.insert(TYPE, name);
    }
}
