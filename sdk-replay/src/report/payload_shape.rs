//! What a payload holds, without or with its values.
//!
//! Histories hold data of customers, and reports are read where those do not belong: in logs of CI,
//! in comments. So values are left out unless somebody asks for them; the shape says what is needed
//! to see why a value cannot be read.

use durably_protos::temporal::api::common::v1::{Payload, Payloads};
use serde_json::Value;

/// How much of a value is shown.
const LONGEST: usize = 100;
/// How many fields of an object are named.
const FIELDS: usize = 8;

/// Whether values of payloads are shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) enum Values {
    #[default]
    Hidden,
    Shown,
}

/// Payloads in a few words.
pub(super) fn payloads(it: Option<&Payloads>, values: Values) -> String {
    let shown: Vec<_> = it
        .iter()
        .flat_map(|it| &it.payloads)
        .map(|it| payload(it, values))
        .collect();
    shorten(&shown.join(", "))
}

/// A payload in a few words.
pub(super) fn payload(it: &Payload, values: Values) -> String {
    let encoding = it.metadata.get("encoding").map_or(&b""[..], |it| it);
    match encoding {
        b"binary/null" => return "null".to_owned(),
        b"json/plain" | b"json/protobuf" => {}
        _ => {
            let encoding = String::from_utf8_lossy(encoding);
            return format!("{} bytes of {encoding}", it.data.len());
        }
    }
    match (serde_json::from_slice::<Value>(&it.data), values) {
        (Ok(value), Values::Hidden) => shape(&value, 2),
        (_, Values::Shown) => shorten(&String::from_utf8_lossy(&it.data)),
        (Err(_), Values::Hidden) => format!("{} bytes that are no JSON", it.data.len()),
    }
}

/// The shape of a value: `{"cents": number, "order": string}`.
fn shape(value: &Value, depth: usize) -> String {
    match value {
        Value::Null => "null".to_owned(),
        Value::Bool(_) => "boolean".to_owned(),
        Value::Number(_) => "number".to_owned(),
        Value::String(_) => "string".to_owned(),
        Value::Array(items) => match items.first() {
            Some(first) if depth > 0 => {
                format!("[{}; {}]", shape(first, depth - 1), items.len())
            }
            _ => format!("array of {}", items.len()),
        },
        Value::Object(_) if depth == 0 => "object".to_owned(),
        Value::Object(fields) => {
            let mut shown: Vec<_> = fields
                .iter()
                .take(FIELDS)
                .map(|(name, value)| format!("{:?}: {}", shorten(name), shape(value, depth - 1)))
                .collect();
            if fields.len() > FIELDS {
                shown.push("...".to_owned());
            }
            format!("{{{}}}", shown.join(", "))
        }
    }
}

/// A message of a value that cannot be read, without the value: serde quotes it,
/// `invalid type: string "4111..", expected u64 at line 1 column 18`.
pub(super) fn without_value(message: &str) -> String {
    let Some((before, encoding)) = message.split_once(" of encoding `") else {
        return message.to_owned();
    };
    let Some((encoding, why)) = encoding.split_once("`: ") else {
        return message.to_owned();
    };
    let names_a_field = ["missing field", "unknown field", "duplicate field"];
    let why = match names_a_field.iter().any(|it| why.starts_with(it)) {
        true => why.to_owned(),
        false => {
            // The value may hold these words too: the last ones are serde's.
            let (value, rest) = why.split_at(why.rfind(", expected").unwrap_or(why.len()));
            match value.find(['"', '`']) {
                Some(quote) => format!("{}..{rest}", &value[..quote]),
                None => why.to_owned(),
            }
        }
    };
    format!("{before} of encoding `{encoding}`: {why}")
}

pub(super) fn shorten(text: &str) -> String {
    match text.char_indices().nth(LONGEST) {
        Some((end, _)) => format!("{}...", &text[..end]),
        None => text.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn json(text: &str) -> Payload {
        Payload {
            metadata: [("encoding", b"json/plain"[..].into())].into(),
            data: text.as_bytes().to_vec().into(),
            ..Payload::default()
        }
    }

    #[test]
    fn values_are_hidden_unless_asked_for() {
        let order = json(r#"{"card": "4111111111111111", "lines": [{"sku": 7}], "cents": 5}"#);
        assert_eq!(
            payload(&order, Values::Hidden),
            r#"{"card": string, "cents": number, "lines": [object; 1]}"#
        );
        assert!(payload(&order, Values::Shown).contains("4111"));
        assert_eq!(
            payload(&json("{"), Values::Hidden),
            "1 bytes that are no JSON"
        );
    }

    #[test]
    fn messages_do_not_quote_values() {
        let message = |why: &str| {
            format!("cannot read a `u64` from a payload of encoding `json/plain`: {why}")
        };
        let hidden = |why: &str| without_value(&message(why));
        assert_eq!(
            hidden("invalid type: string \"4111, expected x\", expected u64 at line 1 column 9"),
            message("invalid type: string .., expected u64 at line 1 column 9")
        );
        assert_eq!(
            hidden("unknown variant `secret`, expected `a` or `b`"),
            message("unknown variant .., expected `a` or `b`")
        );
        let field = "missing field `cents` at line 1 column 2";
        assert_eq!(hidden(field), message(field));
        assert_eq!(without_value("anything `else`"), "anything `else`");
    }

    #[test]
    fn long_values_are_cut() {
        let long = json(&format!("\"{}\"", "ä".repeat(500)));
        assert_eq!(payload(&long, Values::Shown).chars().count(), LONGEST + 3);
    }
}
