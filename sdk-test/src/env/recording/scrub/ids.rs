//! UUIDs, numbered in the order in which they come up.

use std::collections::BTreeMap;

use serde_json::Value;

use super::DrawnId;
use super::payload::{is_payload, set_text, text};

/// What fixed ids begin with.
const FIXED: &str = "00000000-0000-4000-8000-";

/// The UUIDs outside of payloads, and what stands for each.
#[derive(Debug, Default)]
pub(super) struct Ids(BTreeMap<String, String>);

impl Ids {
    pub(super) fn of(values: &[Value]) -> Self {
        let mut ids = Self::default();
        values.iter().for_each(|value| ids.collect(value));
        ids
    }

    fn collect(&mut self, value: &Value) {
        match value {
            Value::Array(items) => items.iter().for_each(|item| self.collect(item)),
            Value::Object(object) if is_payload(object) => {}
            Value::Object(object) => object.values().for_each(|value| self.collect(value)),
            Value::String(text) => {
                for id in uuids(text) {
                    let number = self.0.len() + 1;
                    let fixed = || format!("{FIXED}{number:012}");
                    self.0.entry(id.to_owned()).or_insert_with(fixed);
                }
            }
            Value::Null | Value::Bool(_) | Value::Number(_) => {}
        }
    }

    /// Takes the UUIDs that the code has for those that stand for the recorded ones; false if the two ids
    /// differ in more than these. Each is taken once.
    pub(super) fn adopt(&mut self, drawn: &DrawnId) -> bool {
        let (fixed, code) = (uuids(&drawn.history), uuids(&drawn.code));
        let pairs = || fixed.iter().zip(&code);
        let mut made_equal = drawn.history.clone();
        for (fixed, code) in pairs() {
            made_equal = made_equal.replace(fixed, code);
        }
        if made_equal != drawn.code {
            return false;
        }
        let mut is_adopted = false;
        for (fixed, code) in pairs().filter(|(fixed, _)| fixed.starts_with(FIXED)) {
            for replacement in self.0.values_mut().filter(|it| it == fixed) {
                (*code).clone_into(replacement);
                is_adopted = true;
            }
        }
        is_adopted
    }

    /// Replaces them, in JSON payloads too.
    pub(super) fn replace(&self, value: &mut Value) {
        match value {
            Value::Array(items) => items.iter_mut().for_each(|item| self.replace(item)),
            Value::Object(object) if is_payload(object) => {
                let content = text(object);
                let replaced = content.and_then(|content| self.replaced(&content));
                if let Some(replaced) = replaced {
                    set_text(object, &replaced);
                }
            }
            Value::Object(object) => object.values_mut().for_each(|value| self.replace(value)),
            Value::String(text) => {
                if let Some(replaced) = self.replaced(text) {
                    *text = replaced;
                }
            }
            Value::Null | Value::Bool(_) | Value::Number(_) => {}
        }
    }

    /// None if there is nothing to replace.
    fn replaced(&self, text: &str) -> Option<String> {
        let mut replaced = text.to_owned();
        for id in uuids(text) {
            if let Some(fixed) = self.0.get(id) {
                replaced = replaced.replace(id, fixed);
            }
        }
        (replaced != text).then_some(replaced)
    }
}

const LENGTH: usize = 36;

/// The UUIDs in a text.
fn uuids(text: &str) -> Vec<&str> {
    let mut found = Vec::new();
    let mut start = 0;
    while start + LENGTH <= text.len() {
        match text.get(start..start + LENGTH) {
            Some(part) if is_uuid(part) => {
                found.push(part);
                start += LENGTH;
            }
            _ => start += 1,
        }
    }
    found
}

fn is_uuid(text: &str) -> bool {
    text.bytes()
        .enumerate()
        .all(|(position, byte)| match position {
            8 | 13 | 18 | 23 => byte == b'-',
            _ => byte.is_ascii_digit() || (b'a'..=b'f').contains(&byte),
        })
}
