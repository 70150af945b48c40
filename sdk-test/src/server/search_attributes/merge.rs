//! How an upsert changes the attributes of a run.

use durably_protos::temporal::api::common::v1::{Payload, SearchAttributes};

/// Applies an upsert: a null or an empty list unsets its attribute, any other value replaces the former one.
pub(crate) fn merge(attributes: &mut SearchAttributes, upserted: &SearchAttributes) {
    for (name, payload) in &upserted.indexed_fields {
        if unsets(payload) {
            attributes.indexed_fields.remove(name);
        } else {
            attributes
                .indexed_fields
                .insert(name.clone(), payload.clone());
        }
    }
}

fn unsets(payload: &Payload) -> bool {
    match payload.metadata.get("encoding").map(|text| &text[..]) {
        Some(b"binary/null") => true,
        Some(b"json/plain") => {
            let text = payload.data.trim_ascii();
            text == b"null"
                || text
                    .strip_prefix(b"[")
                    .and_then(|rest| rest.strip_suffix(b"]"))
                    .is_some_and(|inner| inner.trim_ascii().is_empty())
        }
        _ => false,
    }
}
