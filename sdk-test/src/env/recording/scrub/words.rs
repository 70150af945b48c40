//! What says only which process did something.

use serde_json::Value;

/// Server's and workers' own words, which no workflow code is given.
const REMOVED: [&str; 7] = [
    "binaryChecksum",
    "buildId",
    "identity",
    "lastWorkerIdentity",
    "prevAutoResetPoints",
    "stackTrace",
    "taskId",
];

/// What the size of a history is rounded to: names of processes count in it.
const SIZE_STEP: u64 = 4096;

/// Removes what says only which process did something.
pub(super) fn remove(value: &mut Value) {
    match value {
        Value::Array(items) => items.iter_mut().for_each(remove),
        Value::Object(object) => {
            if super::payload::is_payload(object) {
                return;
            }
            object.retain(|key, _| !REMOVED.contains(&key.as_str()));
            let kind = object.get("kind").and_then(Value::as_str);
            if kind == Some("TASK_QUEUE_KIND_STICKY") {
                object.insert("name".to_owned(), "sticky".into());
            }
            if let Some(size) = object.get_mut("historySizeBytes") {
                round(size);
            }
            object.values_mut().for_each(remove);
        }
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
    }
}

/// 64-bit numbers are text in this form.
fn round(size: &mut Value) {
    let bytes = size.as_str().and_then(|text| text.parse::<u64>().ok());
    if let Some(bytes) = bytes {
        *size = (bytes / SIZE_STEP * SIZE_STEP).to_string().into();
    }
}
