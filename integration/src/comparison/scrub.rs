//! Events without what differs from run to run: ids, times, identities, sizes.

use base64::Engine;
use serde_json::Value;

/// Fields that differ from run to run.
const FIELDS: [&str; 15] = [
    "eventTime",
    "taskId",
    "identity",
    "historySizeBytes",
    "requestId",
    "namespaceId",
    "parentWorkflowNamespaceId",
    "stackTrace",
    "workflowExecutionExpirationTime",
    "endpointId",
    "operationToken",
    "operationId",
    "prevAutoResetPoints",
    "activation_index",
    // Of a worker, in what a session tells its workflow.
    "HostName",
];

/// An event's JSON without what differs from run to run.
pub(super) fn scrubbed(value: Value) -> Value {
    match value {
        Value::Object(fields) => {
            let kept = fields
                .into_iter()
                .filter(|(name, _)| !FIELDS.contains(&name.as_str()));
            let scrub = |(name, value): (String, Value)| match value {
                Value::String(data) if name == "data" => {
                    let content = content(&data);
                    (name, content)
                }
                // A sticky queue is named by the worker's process.
                Value::String(queue) if name == "name" && queue.contains('@') => {
                    (name, Value::String("<sticky>".to_owned()))
                }
                value => (name, scrubbed(value)),
            };
            Value::Object(kept.map(scrub).collect())
        }
        Value::Array(values) => Value::Array(values.into_iter().map(scrubbed).collect()),
        Value::String(text) => Value::String(without_ids(&text)),
        other => other,
    }
}

/// The content of a payload, without ids, and without times where it is JSON.
fn content(data: &str) -> Value {
    let bytes = base64::engine::general_purpose::STANDARD
        .decode(data)
        .unwrap_or_default();
    match serde_json::from_slice(&bytes) {
        Ok(content) => without_times(scrubbed(content)),
        Err(_) => Value::String(without_ids(&String::from_utf8_lossy(&bytes))),
    }
}

fn without_times(value: Value) -> Value {
    match value {
        Value::Object(fields) => {
            let kept = fields
                .into_iter()
                .filter(|(name, _)| !name.ends_with("_time"));
            Value::Object(
                kept.map(|(name, value)| (name, without_times(value)))
                    .collect(),
            )
        }
        other => other,
    }
}

/// The text with each UUID in it as `<id>`.
fn without_ids(text: &str) -> String {
    let mut scrubbed = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(first) = rest.chars().next() {
        match rest
            .get(..36)
            .filter(|part| uuid::Uuid::try_parse(part).is_ok())
        {
            Some(_) => {
                scrubbed.push_str("<id>");
                rest = &rest[36..];
            }
            None => {
                scrubbed.push(first);
                rest = &rest[first.len_utf8()..];
            }
        }
    }
    scrubbed
}
