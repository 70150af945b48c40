//! JSON of the same shape, without its values.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde_json::Value;

/// The bytes that a text of protobuf-JSON stands for. What is no base64 holds none.
pub(crate) fn decode(text: &Value) -> Vec<u8> {
    let text = text.as_str().unwrap_or_default();
    STANDARD.decode(text).unwrap_or_default()
}

/// Bytes as a text of protobuf-JSON.
pub(crate) fn encode(bytes: &[u8]) -> Value {
    Value::String(STANDARD.encode(bytes))
}

/// The JSON with its structure and its keys alone; `null` for what is no JSON.
pub(crate) fn of_json(json: &[u8]) -> Vec<u8> {
    let mut value = serde_json::from_slice(json).unwrap_or(Value::Null);
    redact(&mut value);
    value.to_string().into_bytes()
}

fn redact(value: &mut Value) {
    match value {
        Value::Null => {}
        Value::Bool(flag) => *flag = false,
        Value::Number(number) => *number = 0.into(),
        Value::String(text) => *text = of_text(text).to_owned(),
        Value::Array(items) => items.iter_mut().for_each(redact),
        Value::Object(object) => object.values_mut().for_each(redact),
    }
}

/// A text that parses as what the text parses as: types that are written as texts can be read then.
fn of_text(text: &str) -> &'static str {
    if is_number(text) {
        "0"
    } else if is_uuid(text) {
        "00000000-0000-0000-0000-000000000000"
    } else if is_time(text) {
        "1970-01-01T00:00:00Z"
    } else {
        ""
    }
}

fn is_number(text: &str) -> bool {
    let digits = text.strip_prefix('-').unwrap_or(text);
    !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit())
}

fn is_uuid(text: &str) -> bool {
    text.len() == 36
        && text.bytes().enumerate().all(|(place, byte)| match place {
            8 | 13 | 18 | 23 => byte == b'-',
            _ => byte.is_ascii_hexdigit(),
        })
}

/// `2024-05-01T12:00:00..`
fn is_time(text: &str) -> bool {
    let pattern = b"0000-00-00T00:00:00";
    text.len() >= pattern.len()
        && text
            .bytes()
            .zip(pattern)
            .all(|(byte, pattern)| match pattern {
                b'0' => byte.is_ascii_digit(),
                pattern => byte == *pattern,
            })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_go_and_types_stay() {
        let json = r#"{"a":[1.5,true,null],"at":"2024-05-01T12:00:00.5+02:00","cents":"-420",
            "id":"6f0d9e5a-2b1c-4e43-9b39-0a1c3c2b7f10","name":"Ada"}"#;
        let expected = r#"{"a":[0,false,null],"at":"1970-01-01T00:00:00Z","cents":"0","id":"00000000-0000-0000-0000-000000000000","name":""}"#;
        assert_eq!(of_json(json.as_bytes()), expected.as_bytes());
        assert_eq!(of_json(b"\xff"), b"null");
    }
}
