//! Times in the markers of local activities, which are in a payload.

use jiff::Timestamp;
use serde_json::{Map, Value};

use super::payload::{set_text, text};

/// The marker, the detail in it, and what in that is a time: `{"seconds":..,"nanos":..}`.
const MARKER: &str = "core_local_activity";
const DETAIL: &str = "data";
const TIMES: [&str; 2] = ["complete_time", "original_schedule_time"];

/// Calls back with each time of an event's attributes, and puts in its place what is given back.
pub(super) fn change_times(
    attributes: &mut Map<String, Value>,
    change: &mut dyn FnMut(Timestamp) -> Timestamp,
) {
    if attributes.get("markerName").and_then(Value::as_str) != Some(MARKER) {
        return;
    }
    let details = attributes.get_mut("details");
    let data = details.and_then(|details| details.get_mut(DETAIL));
    let payloads = data.and_then(|data| data.get_mut("payloads"));
    let payload = payloads.and_then(|payloads| payloads.get_mut(0));
    let Some(payload) = payload.and_then(Value::as_object_mut) else {
        return;
    };
    let content = text(payload).and_then(|text| serde_json::from_str(&text).ok());
    let Some(Value::Object(mut content)) = content else {
        return;
    };
    for key in TIMES {
        let time = content.get(key).and_then(read);
        if let Some(time) = time {
            let time = change(time);
            let time = serde_json::json!({
                "seconds": time.as_second(),
                "nanos": time.subsec_nanosecond(),
            });
            content.insert(key.to_owned(), time);
        }
    }
    set_text(payload, &Value::Object(content).to_string());
}

fn read(time: &Value) -> Option<Timestamp> {
    let seconds = time.get("seconds")?.as_i64()?;
    let nanos = time.get("nanos").map_or(Some(0), Value::as_i64)?;
    Timestamp::new(seconds, i32::try_from(nanos).ok()?).ok()
}
