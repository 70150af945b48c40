//! Payloads, which are written in three forms.
//!
//! | form | example |
//! |---|---|
//! | protobuf's | `{"metadata":{"encoding":"anNvbi9wbGFpbg=="},"data":"NDI="}` |
//! | shorthand of Temporal's HTTP API | `42`, `null`, `{"_protoMessageType":"a.B","field":1}` |
//! | decoded, of the web UI's download | `{"metadata":{"encoding":"json/plain"},"data":42}` |
//!
//! `Payloads` is `{"payloads":[..]}`, or the array itself.

use std::borrow::Cow;

use bytes::Bytes;

use super::reader::DEEPEST;
use super::scalar::push;
use super::{JsonError, JsonReader, ReadJson};
use crate::json::base64::decode_base64;
use crate::temporal::api::common::v1::{Payload, Payloads};

/// Encodings in base64, as nearly every payload has one of them; they need no memory of their own.
const ENCODINGS: [(&str, &str); 4] = [
    ("anNvbi9wbGFpbg==", "json/plain"),
    ("YmluYXJ5L251bGw=", "binary/null"),
    ("anNvbi9wcm90b2J1Zg==", "json/protobuf"),
    ("YmluYXJ5L3BsYWlu", "binary/plain"),
];

impl ReadJson for Payloads {
    fn read_json(&mut self, json: &mut JsonReader<'_>) -> Result<(), JsonError> {
        self.payloads.clear();
        match json.peek()? {
            b'n' => self.payloads.read_json(json),
            b'[' => json.elements(|_, json| {
                let payload = match json.empty_object()? {
                    // No server writes a payload without an encoding, but many a value is `{}`.
                    true => encoded("json/plain", b"{}".to_vec()),
                    false => read(json)?,
                };
                push(&mut self.payloads, payload);
                Ok(())
            }),
            _ => json.message(self, |payloads, name, json| match name {
                "payloads" => payloads.payloads.read_json(json).map(|()| true),
                _ => Ok(false),
            }),
        }
    }
}

impl ReadJson for Payload {
    fn read_json(&mut self, json: &mut JsonReader<'_>) -> Result<(), JsonError> {
        *self = read(json)?;
        Ok(())
    }
}

fn read(json: &mut JsonReader<'_>) -> Result<Payload, JsonError> {
    match json.peek()? {
        b'{' => {}
        b'n' => {
            json.null()?;
            return Ok(encoded("binary/null", Vec::new()));
        }
        _ => return Ok(encoded("json/plain", json.compact()?)),
    }
    let (start, depth) = (json.offset(), json.depth());
    if let Some(payload) = usual_payload(json) {
        return Ok(payload);
    }
    json.go_to(start, depth);
    match payload_object(json)? {
        Some(payload) => Ok(payload),
        None => {
            json.go_to(start, depth);
            shorthand_object(json)
        }
    }
}

/// `{"metadata":{"encoding":".."},"data":".."}`, both in base64, as nearly all payloads are written; none
/// for any other form, and for one that is wrong.
fn usual_payload(json: &mut JsonReader<'_>) -> Option<Payload> {
    // Two levels of objects.
    if json.depth() + 2 > DEEPEST {
        return None;
    }
    json.pass_all(&["{", "\"metadata\"", ":", "{", "\"encoding\"", ":"])?;
    let encoding = json.plain_string_here()?;
    if is_plain_encoding(encoding) {
        return None;
    }
    let mut payload = Payload::default();
    payload
        .metadata
        .insert("encoding", metadata_value(encoding).ok()?);
    json.pass_all(&["}"])?;
    if json.pass_all(&[","]).is_some() {
        json.pass_all(&["\"data\"", ":"])?;
        payload.data = decode_base64(json.plain_string_here()?).ok()?;
    }
    json.pass_all(&["}"])?;
    // Last, as it would count again what is read in another way.
    json.count_element().ok()?;
    Some(payload)
}

/// A value among the metadata, and where it is.
type Text<'a> = (usize, Cow<'a, str>);

/// An object that is a payload; none if it is a value that has other members.
fn payload_object(json: &mut JsonReader<'_>) -> Result<Option<Payload>, JsonError> {
    let mut payload = Payload::default();
    let mut encoding: Option<Text<'_>> = None;
    let mut others: Vec<(String, Text<'_>)> = Vec::new();
    let mut has_metadata = false;
    let mut data = None;
    let mut is_value = false;
    json.members(|name, json| {
        match name {
            "metadata" if json.peek()? == b'{' => {
                has_metadata = true;
                json.members(|key, json| {
                    if json.peek()? != b'"' {
                        is_value = true;
                        return json.skip();
                    }
                    json.count_element()?;
                    let text = (json.offset(), json.string("text")?);
                    match key {
                        "encoding" => encoding = Some(text),
                        _ => others.push((key.to_owned(), text)),
                    }
                    Ok(())
                })?;
            }
            "data" => {
                let place = (json.offset(), json.depth());
                let text = match json.peek()? {
                    b'"' => Some(json.string("text")?),
                    _ => json.skip().map(|()| None)?,
                };
                data = Some((place, text));
            }
            "externalPayloads" | "external_payloads" => {
                payload.external_payloads.read_json(json)?;
            }
            _ => {
                is_value = true;
                json.skip()?;
            }
        }
        Ok(())
    })?;
    if is_value || (data.is_some() && !has_metadata) {
        return Ok(None);
    }
    let end = (json.offset(), json.depth());
    let encoding_text = encoding.as_ref().map_or("", |(_, text)| text.as_ref());
    let is_decoded = is_plain_encoding(encoding_text);
    if let Some(((offset, depth), text)) = data {
        let within = |error: JsonError| error.within("data");
        match (text, is_decoded, encoding_text) {
            (_, true, "binary/null") => {}
            (Some(text), false, _) => {
                let bytes = decode_base64(&text);
                let bytes = bytes.map_err(|_| json.unexpected_at(offset, "bytes in base64"));
                payload.data = bytes.map_err(within)?;
            }
            (_, true, _) => {
                json.go_to(offset, depth);
                payload.data = json.compact().map_err(within)?.into();
            }
            (None, false, _) => {
                json.go_to(offset, depth);
                payload.data.read_json(json).map_err(within)?;
            }
        }
        json.go_to(end.0, end.1);
    }
    let value = |name: &str, (offset, text): Text<'_>| {
        let value = match is_decoded {
            true => Ok(Bytes::copy_from_slice(text.as_bytes())),
            false => metadata_value(&text),
        };
        value.map_err(|()| {
            let error = json.unexpected_at(offset, "bytes in base64");
            error.within(name).within("metadata")
        })
    };
    if let Some(text) = encoding {
        payload
            .metadata
            .insert("encoding", value("encoding", text)?);
    }
    for (name, text) in others {
        let value = value(&name, text)?;
        payload.metadata.insert(name, value);
    }
    Ok(Some(payload))
}

/// Whether it is an encoding's name as it is, and not in base64: no name in base64 begins so.
fn is_plain_encoding(encoding: &str) -> bool {
    encoding.starts_with("json/") || encoding.starts_with("binary/")
}

fn metadata_value(text: &str) -> Result<Bytes, ()> {
    for (encoded, plain) in ENCODINGS {
        if text == encoded {
            return Ok(Bytes::from_static(plain.as_bytes()));
        }
    }
    decode_base64(text).map_err(drop)
}

/// An object that is a value: a message of protobuf if it says so, and plain JSON if it does not.
fn shorthand_object(json: &mut JsonReader<'_>) -> Result<Payload, JsonError> {
    let mut message_type = None;
    let mut text = Some(b"{".to_vec());
    let whole = json.offset();
    let depth = json.depth();
    json.members(|name, json| {
        if name == "_protoMessageType" && json.peek()? == b'"' {
            message_type = Some(json.string("text")?.into_owned());
            return Ok(());
        }
        if let Some(text) = &mut text {
            if text.len() > 1 {
                text.push(b',');
            }
            let name = quoted(name);
            text.extend_from_slice(name.as_bytes());
            text.push(b':');
        }
        json.value(&mut text)
    })?;
    let Some(message_type) = message_type else {
        json.go_to(whole, depth);
        return Ok(encoded("json/plain", json.compact()?));
    };
    let mut text = text.unwrap_or_default();
    text.push(b'}');
    let mut payload = encoded("json/protobuf", text);
    payload.metadata.insert("messageType", message_type.into());
    Ok(payload)
}

/// A name in quotes. The names of protobuf's fields need no escapes; those of maps may.
fn quoted(name: &str) -> String {
    let mut text = String::from("\"");
    for c in name.chars() {
        match c {
            '"' | '\\' => text.extend(['\\', c]),
            '\0'..' ' => text.push_str(&format!("\\u{:04x}", u32::from(c))),
            _ => text.push(c),
        }
    }
    text.push('"');
    text
}

fn encoded(encoding: &'static str, data: Vec<u8>) -> Payload {
    Payload {
        metadata: [("encoding", Bytes::from_static(encoding.as_bytes()))].into(),
        data: data.into(),
        external_payloads: Vec::new(),
    }
}

impl<'a> JsonReader<'a> {
    /// Passes these texts, with white space before each; none if other text is there.
    #[inline]
    fn pass_all(&mut self, texts: &[&'static str]) -> Option<()> {
        for text in texts {
            self.skip_whitespace();
            if !self.text.as_bytes()[self.at..].starts_with(text.as_bytes()) {
                return None;
            }
            self.at += text.len();
        }
        Some(())
    }

    /// The next value, if it is a string without escapes.
    #[inline]
    fn plain_string_here(&mut self) -> Option<&'a str> {
        self.skip_whitespace();
        match self.text.as_bytes().get(self.at) {
            Some(b'"') => self.plain_string(),
            _ => None,
        }
    }

    /// Passes `{}`, if it is there.
    fn empty_object(&mut self) -> Result<bool, JsonError> {
        let (start, depth) = (self.offset(), self.depth());
        if self.peek()? == b'{' {
            self.open(b'{', "an object")?;
            if self.peek()? == b'}' {
                self.close();
                return Ok(true);
            }
            self.go_to(start, depth);
        }
        Ok(false)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const TEXTS: [&str; 11] = [
        r#"{"metadata":{"encoding":"anNvbi9wbGFpbg=="},"data":"NDI="}"#,
        r#"{"metadata":{"encoding":"YWVz"},"data":"NDI"}"#,
        r#"{"metadata":{"encoding":"anNvbi9wbGFpbg=="}}"#,
        r#"{"metadata":{"encoding":"anNvbi9wbGFpbg==","a":"YQ=="},"data":"NDI="}"#,
        r#"{"metadata":{"encoding":"anNvbi9wbGFpbg=="},"data":"NDI=","data":"NDM="}"#,
        r#"{"metadata":{"encoding":"json/plain"},"data":42}"#,
        r#"{"metadata":{"encoding":"json/plain"},"data":"42"}"#,
        r#"{"metadata":{"encoding":"*"},"data":"NDI="}"#,
        r#"{"metadata":{"encoding":"anNvbi9wbGFpbg=="},"data":"*"}"#,
        r#"{"metadata":{"encoding":"anNvbi9wbGFpbg=="},"data":"NDI=","other":1}"#,
        r#"{"metadata":{"encoding":"anNvbi9wbGFpbg=="},"data":null}"#,
    ];

    #[test]
    fn the_usual_form_is_read_as_any_other() {
        let mut usual = 0;
        for text in TEXTS {
            let spaced = text.replace(':', " :\t").replace('{', "{\r\n      ");
            let spaced = spaced.replace(',', "\n ,\n  ").replace('}', "\n}");
            for text in [text.to_owned(), text.replace(':', ": "), spaced] {
                // A string at the very end of a text is not read eight bytes at a time: the other way is taken.
                let text = format!("{text}        ");
                let whole = text.len();
                for end in 0..=whole {
                    let text = &text[..end];
                    let mut quick = JsonReader::new(text).with_elements(3);
                    let Some(payload) = usual_payload(&mut quick) else {
                        continue;
                    };
                    usual += usize::from(end == whole);
                    let mut thorough = JsonReader::new(text).with_elements(3);
                    let expected = payload_object(&mut thorough).unwrap().unwrap();
                    assert_eq!(payload, expected, "{text}");
                    assert_eq!(quick.offset(), thorough.offset(), "{text}");
                    assert_eq!(quick.elements_left(), thorough.elements_left(), "{text}");
                }
            }
        }
        // The first three texts, in three spellings.
        assert_eq!(usual, 9);
    }

    #[test]
    fn it_may_be_nested_as_deep_in_every_form() {
        for text in [TEXTS[0], TEXTS[3]] {
            for depth in DEEPEST - 4..=DEEPEST {
                let text = format!("{text}        ");
                let mut json = JsonReader::new(&text);
                json.go_to(0, depth);
                assert_eq!(read(&mut json).is_ok(), depth + 2 <= DEEPEST, "{depth}");
            }
        }
    }

    #[test]
    fn the_last_of_equal_names_counts() {
        let text =
            r#"{"metadata":{"encoding":"json/plain","encoding":"anNvbi9wbGFpbg=="},"data":"NDI="}"#;
        let payload = read(&mut JsonReader::new(text)).unwrap();
        assert_eq!(payload.metadata["encoding"], "json/plain");
        assert_eq!(payload.data, "42");
    }
}
