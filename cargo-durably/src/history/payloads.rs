//! Where in an event's JSON form payloads are.
//!
//! The JSON form is walked, not the messages: it reaches every payload of every event, those of later
//! versions of the API too.

use durably_protos::temporal::api::history::v1::HistoryEvent;
use serde_json::{Map, Value};

/// An object of JSON.
pub(crate) type Object = Map<String, Value>;

/// Where a payload is, as far as it matters.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct PayloadPlace<'a> {
    /// In a marker: its name, and the key of the detail.
    pub(crate) marker: Option<(&'a str, &'a str)>,
    /// A search attribute's value, which the server reads and codecs leave alone.
    pub(crate) is_search_attribute: bool,
}

/// Changes an event in its JSON form.
///
/// # Errors
/// A time of the event is out of the range of its JSON form.
pub(crate) fn change_event(
    event: &mut HistoryEvent,
    change: impl FnOnce(&mut Value),
) -> Result<(), serde_json::Error> {
    let mut value = serde_json::to_value(&*event)?;
    change(&mut value);
    *event = serde_json::from_value(value)?;
    Ok(())
}

/// Hands each payload of an event to `visit`.
pub(crate) fn for_each_payload(
    event: &mut Value,
    visit: &mut dyn FnMut(PayloadPlace<'_>, &mut Object),
) {
    walk(event, PayloadPlace::default(), visit);
}

fn walk(
    value: &mut Value,
    place: PayloadPlace<'_>,
    visit: &mut dyn FnMut(PayloadPlace<'_>, &mut Object),
) {
    match value {
        Value::Array(items) => items.iter_mut().for_each(|item| walk(item, place, visit)),
        Value::Object(object) if is_payload(object) => visit(place, object),
        Value::Object(object) => {
            for (key, value) in object {
                match key.as_str() {
                    "markerRecordedEventAttributes" => walk_marker(value, visit),
                    "searchAttributes" => {
                        let place = PayloadPlace {
                            is_search_attribute: true,
                            ..place
                        };
                        walk(value, place, visit);
                    }
                    _ => walk(value, place, visit),
                }
            }
        }
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
    }
}

fn walk_marker(marker: &mut Value, visit: &mut dyn FnMut(PayloadPlace<'_>, &mut Object)) {
    let name = marker["markerName"].as_str().unwrap_or_default().to_owned();
    if let Some(Value::Object(details)) = marker.get_mut("details") {
        for (key, value) in details {
            let place = PayloadPlace {
                marker: Some((&name, key)),
                ..PayloadPlace::default()
            };
            walk(value, place, visit);
        }
    }
    for part in ["header", "failure"] {
        if let Some(value) = marker.get_mut(part) {
            walk(value, PayloadPlace::default(), visit);
        }
    }
}

/// Whether it is a payload: `metadata` is a map of texts, and `data` is text. No other message in a
/// history has these two.
pub(crate) fn is_payload(object: &Object) -> bool {
    !object.is_empty()
        && object.iter().all(|(key, value)| match key.as_str() {
            "metadata" => value
                .as_object()
                .is_some_and(|metadata| metadata.values().all(Value::is_string)),
            "data" => value.is_string(),
            "externalPayloads" => true,
            _ => false,
        })
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn payloads_wherever_they_are() {
        let payload = |text: &str| json!({"metadata": {"encoding": "x"}, "data": text});
        let mut event = json!({
            "eventId": "1",
            "markerRecordedEventAttributes": {
                "markerName": "SideEffect",
                "details": {"data": {"payloads": [payload("a")]}, "metadata": {"payloads": [payload("b")]}},
                "header": {"fields": {"data": payload("c"), "metadata": {"data": "d"}}},
                "failure": {"message": "no", "applicationFailureInfo": {"details": {"payloads": [payload("e")]}}},
            },
            "started": {
                "memo": {"fields": {"m": payload("f")}},
                "searchAttributes": {"indexedFields": {"s": payload("g")}},
                "input": {"payloads": [{}, payload("h")]},
            },
        });
        let mut found = Vec::new();
        for_each_payload(&mut event, &mut |place, payload| {
            let data = payload["data"].as_str().unwrap();
            let marker = place.marker.map_or("", |(_, key)| key);
            let mark = if place.is_search_attribute { "s" } else { "" };
            found.push(format!("{data}{marker}{mark}"));
        });
        found.sort();
        let expected = ["adata", "bmetadata", "c", "d", "e", "f", "gs", "h"];
        assert_eq!(found, expected);
    }
}
