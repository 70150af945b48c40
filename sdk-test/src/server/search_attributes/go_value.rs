//! A refused value as the real server quotes it, which is how Go prints it.

use durably_protos::temporal::api::common::v1::Payload;
use serde_json::Value;

use super::value::json;
use crate::server::text::float_text;

/// The value of a payload, or the payload where it holds none.
pub(super) fn quoted(payload: &Payload) -> String {
    let value = match payload.metadata.get("encoding").map(|text| &text[..]) {
        Some(b"json/plain") => json(payload).map(|value| printed(&value)),
        Some(b"binary/plain") => Some(bytes(&payload.data)),
        _ => None,
    };
    value.unwrap_or_else(|| format!("value from <{}>", message(payload)))
}

fn printed(value: &Value) -> String {
    match value {
        Value::Null => "<nil>".to_owned(),
        Value::Bool(value) => value.to_string(),
        Value::Number(number) => number.as_f64().map_or_else(String::new, float_text),
        Value::String(text) => text.clone(),
        Value::Array(items) => {
            let items: Vec<String> = items.iter().map(printed).collect();
            format!("[{}]", items.join(" "))
        }
        Value::Object(fields) => {
            let mut fields: Vec<String> = fields
                .iter()
                .map(|(name, value)| format!("{name}:{}", printed(value)))
                .collect();
            fields.sort();
            format!("map[{}]", fields.join(" "))
        }
    }
}

fn bytes(data: &[u8]) -> String {
    let numbers: Vec<String> = data.iter().map(ToString::to_string).collect();
    format!("[{}]", numbers.join(" "))
}

fn message(payload: &Payload) -> String {
    let text = |bytes: &[u8]| format!("\"{}\"", bytes.escape_ascii());
    let mut fields: Vec<String> = payload
        .metadata
        .iter()
        .map(|(key, value)| format!("metadata:{{key:{key:?}  value:{}}}", text(value)))
        .collect();
    if !payload.data.is_empty() {
        fields.push(format!("data:{}", text(&payload.data)));
    }
    fields.join("  ")
}
