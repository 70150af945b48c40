//! Messages in words, for the report of a failure.

use std::fmt::Write;

use super::schema::{Kind, Schema};
use super::wire::{Value, decode};

/// The fields of a message, by their names.
pub(crate) fn show(schema: &Schema, path: &str, bytes: &[u8]) -> String {
    let Some(parts) = decode(bytes) else {
        return format!("{bytes:?}");
    };
    let mut text = String::from("{");
    for part in parts {
        let mut fields = schema.message(path).all();
        let field = fields.find(|field| field.tag == part.tag);
        let name = field.map_or_else(|| part.tag.to_string(), |field| field.name.clone());
        let value = match (field.map(|field| &field.kind), &part.value) {
            (Some(Kind::Message(path)), Value::Bytes(inner)) => show(schema, path, inner),
            (_, Value::Bytes(inner)) => match std::str::from_utf8(inner) {
                Ok(inner) => format!("{inner:?}"),
                Err(_) => format!("{inner:?}"),
            },
            (_, Value::Varint(number)) => number.cast_signed().to_string(),
            (_, other) => format!("{other:?}"),
        };
        let _ = write!(text, " {name}: {value}");
    }
    text + " }"
}
