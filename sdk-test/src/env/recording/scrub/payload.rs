//! Payloads in the JSON form of histories.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Map, Value};

/// A payload has metadata with its encoding.
pub(super) fn is_payload(object: &Map<String, Value>) -> bool {
    let metadata = object.get("metadata");
    metadata.is_some_and(|metadata| metadata.get("encoding").is_some_and(Value::is_string))
}

/// The content of a JSON payload.
pub(super) fn text(payload: &Map<String, Value>) -> Option<String> {
    let encoding = decoded(payload.get("metadata")?.get("encoding")?)?;
    if !encoding.starts_with("json/") {
        return None;
    }
    decoded(payload.get("data")?)
}

pub(super) fn set_text(payload: &mut Map<String, Value>, text: &str) {
    payload.insert("data".to_owned(), STANDARD.encode(text).into());
}

fn decoded(value: &Value) -> Option<String> {
    let bytes = STANDARD.decode(value.as_str()?).ok()?;
    String::from_utf8(bytes).ok()
}
