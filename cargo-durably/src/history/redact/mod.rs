//! Histories without what users put into them, which still replay as far as types allow.
//!
//! Replays compare what code asks for (types, names, ids, order), not what is in payloads. So a
//! redacted history replays if the code does not decide by values: see the README for what cannot.

mod shape;

use clap::ValueEnum;
use durably_protos::temporal::api::history::v1::History;
use serde_json::Value;

pub(crate) use self::shape::{decode, encode};
use super::payloads::{Object, PayloadPlace, change_event, for_each_payload, is_payload};

/// What is left of a payload's data.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Redaction {
    /// The structure of JSON with its keys: texts become empty, numbers 0, flags false. Types can
    /// still be read, mostly.
    Shape,
    /// `null` for JSON, nothing for other encodings.
    Null,
}

/// What is taken out of histories.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Redact {
    pub(crate) payloads: Redaction,
    /// Also messages and stack traces of failures, and reasons that people gave.
    pub(crate) failures: bool,
}

impl Redact {
    /// Redacts each event of a history.
    ///
    /// # Errors
    /// A time of an event is out of the range of its JSON form.
    pub(crate) fn apply(self, history: &mut History) -> Result<(), serde_json::Error> {
        let events = &mut history.events;
        events
            .iter_mut()
            .try_for_each(|event| change_event(event, |event| self.redact_event(event)))
    }

    fn redact_event(self, event: &mut Value) {
        for_each_payload(event, &mut |place, payload| {
            if !is_kept(place) {
                redact_payload(payload, self.payloads);
            }
        });
        redact_texts(event, self.failures);
    }
}

/// What SDKs wrote into markers for themselves. It holds no values of users, and no replay can do
/// without it.
const KEPT: &[(&str, &[&str])] = &[
    ("core_patch", &["patch-data", "patch_id", "deprecated"]),
    ("core_local_activity", &["data"]),
    (
        "Version",
        &[
            "change-id",
            "version",
            "changeId",
            "versionSearchAttributeUpdated",
        ],
    ),
    ("SideEffect", &["side-effect-id"]),
    (
        "MutableSideEffect",
        &["side-effect-id", "mutable-side-effect-call-counter"],
    ),
    // Of the Go SDK `data`, of the Java SDK the others.
    (
        "LocalActivity",
        &["data", "activityId", "type", "time", "meta"],
    ),
];

fn is_kept(place: PayloadPlace<'_>) -> bool {
    let Some((name, key)) = place.marker else {
        return false;
    };
    let mut kept = KEPT.iter();
    kept.any(|(marker, keys)| *marker == name && keys.contains(&key))
}

/// The metadata by which SDKs know a payload's type. What else is there is the user's.
const KEPT_METADATA: [&str; 3] = ["encoding", "messageType", "type"];

fn redact_payload(payload: &mut Object, redaction: Redaction) {
    payload.remove("externalPayloads");
    let mut encoding = Vec::new();
    if let Some(Value::Object(metadata)) = payload.get_mut("metadata") {
        metadata.retain(|key, _| KEPT_METADATA.contains(&key.as_str()));
        encoding = metadata
            .get("encoding")
            .map(shape::decode)
            .unwrap_or_default();
    }
    let Some(data) = payload.get_mut("data") else {
        return;
    };
    let content = match (&encoding[..], redaction) {
        (b"json/plain" | b"json/protobuf", Redaction::Shape) => {
            shape::of_json(&shape::decode(data))
        }
        (b"json/plain" | b"json/protobuf", Redaction::Null) => b"null".to_vec(),
        _ => Vec::new(),
    };
    *data = shape::encode(&content);
}

/// Texts of users outside of payloads: credentials in headers and addresses of Nexus always, what
/// failures and people say if asked for.
fn redact_texts(value: &mut Value, failures: bool) {
    match value {
        Value::Array(items) => items
            .iter_mut()
            .for_each(|item| redact_texts(item, failures)),
        Value::Object(object) => {
            for (key, value) in object.iter_mut() {
                // A memo may have any key.
                if value.as_object().is_some_and(is_payload) {
                    continue;
                }
                match key.as_str() {
                    "nexusHeader" => blank(value),
                    "completionCallbacks" => redact_callbacks(value),
                    "failure" | "continuedFailure" | "lastFailure" if failures => {
                        redact_failure(value);
                    }
                    // Of terminations and requests to cancel.
                    "reason" if failures => blank(value),
                    "workflowExecutionCancelRequestedEventAttributes" if failures => {
                        if let Some(cause) = value.get_mut("cause") {
                            blank(cause);
                        }
                    }
                    _ => redact_texts(value, failures),
                }
            }
        }
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
    }
}

/// Addresses and headers of callbacks; links and kinds stay.
fn redact_callbacks(value: &mut Value) {
    match value {
        Value::Array(items) => items.iter_mut().for_each(redact_callbacks),
        Value::Object(object) => {
            for (key, value) in object.iter_mut() {
                match key.as_str() {
                    "url" | "header" | "data" => blank(value),
                    _ => redact_callbacks(value),
                }
            }
        }
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
    }
}

/// A failure and its causes. Its kind and its type stay: code decides by them.
fn redact_failure(failure: &mut Value) {
    let mut next = Some(failure);
    while let Some(Value::Object(failure)) = next {
        for text in ["message", "stackTrace"] {
            if let Some(text) = failure.get_mut(text) {
                blank(text);
            }
        }
        next = failure.get_mut("cause");
    }
}

/// Empties all texts in it.
fn blank(value: &mut Value) {
    match value {
        Value::String(text) => text.clear(),
        Value::Array(items) => items.iter_mut().for_each(blank),
        Value::Object(object) => object.values_mut().for_each(blank),
        Value::Null | Value::Bool(_) | Value::Number(_) => {}
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn payload(encoding: &str, data: &str) -> Value {
        json!({
            "metadata": {"encoding": shape::encode(encoding.as_bytes()), "key-id": shape::encode(b"k1")},
            "data": shape::encode(data.as_bytes()),
        })
    }

    fn data(payload: &Value) -> String {
        String::from_utf8(shape::decode(&payload["data"])).unwrap()
    }

    fn redacted(mut event: Value, failures: bool) -> Value {
        let payloads = Redaction::Shape;
        Redact { payloads, failures }.redact_event(&mut event);
        event
    }

    #[test]
    fn payloads_keep_encoding_and_shape() {
        let event = redacted(
            json!({"input": {"payloads": [
                payload("json/plain", r#"{"name":"Ada","age":36,"tags":["x"]}"#),
                payload("binary/plain", "secret"),
                payload("binary/null", ""),
            ]}}),
            false,
        );
        let payloads = &event["input"]["payloads"];
        assert_eq!(data(&payloads[0]), r#"{"age":0,"name":"","tags":[""]}"#);
        assert_eq!(
            shape::decode(&payloads[0]["metadata"]["encoding"]),
            b"json/plain"
        );
        assert!(payloads[0]["metadata"].get("key-id").is_none());
        assert_eq!(data(&payloads[1]), "");
        assert_eq!(data(&payloads[2]), "");
    }

    #[test]
    fn markers_stay_readable() {
        let marker = |name: &str, key: &str| {
            let details = json!({key: {"payloads": [payload("json/plain", r#"{"id":"fee"}"#)]}});
            let attributes = json!({"markerName": name, "details": details});
            let event = redacted(json!({"markerRecordedEventAttributes": attributes}), false);
            data(&event["markerRecordedEventAttributes"]["details"][key]["payloads"][0])
        };
        let (kept, redacted) = (r#"{"id":"fee"}"#, r#"{"id":""}"#);
        assert_eq!(marker("core_patch", "patch-data"), kept);
        assert_eq!(marker("core_local_activity", "data"), kept);
        assert_eq!(marker("core_local_activity", "result"), redacted);
        assert_eq!(marker("SideEffect", "side-effect-id"), kept);
        assert_eq!(marker("SideEffect", "data"), redacted);
        assert_eq!(marker("mine", "data"), redacted);
    }

    #[test]
    fn failures_are_redacted_if_asked_for() {
        let failed = json!({
            "failure": {"message": "no money", "source": "RustSDK", "cause": {"message": "card 1", "stackTrace": "at"},
                "applicationFailureInfo": {"type": "Declined"}},
            "reason": "fraud",
            "nexusHeader": {"authorization": "secret"},
        });
        let kept = redacted(failed.clone(), false);
        assert_eq!(kept["failure"], failed["failure"]);
        assert_eq!(kept["nexusHeader"]["authorization"], "");
        let redacted = redacted(failed, true);
        let expected = json!({"message": "", "source": "RustSDK", "cause": {"message": "", "stackTrace": ""},
            "applicationFailureInfo": {"type": "Declined"}});
        assert_eq!(redacted["failure"], expected);
        assert_eq!(redacted["reason"], "");
    }

    #[test]
    fn callbacks_lose_addresses_and_keep_links() {
        let event = json!({"completionCallbacks": [{
            "nexus": {"url": "https://secret", "header": {"token": "secret"}},
            "links": [{"workflowEvent": {"eventRef": {"eventType": "EVENT_TYPE_NEXUS_OPERATION_SCHEDULED"}}}],
        }]});
        let redacted = redacted(event.clone(), false);
        let callback = &redacted["completionCallbacks"][0];
        let expected = json!({"url": "", "header": {"token": ""}});
        assert_eq!(callback["nexus"], expected);
        assert_eq!(callback["links"], event["completionCallbacks"][0]["links"]);
    }

    #[test]
    fn keys_of_a_memo_may_be_anything() {
        let fields = json!({"reason": payload("json/plain", "1"), "nexusHeader": payload("json/plain", "2")});
        let redacted = redacted(json!({"memo": {"fields": fields}}), true);
        for key in ["reason", "nexusHeader"] {
            let payload = &redacted["memo"]["fields"][key];
            assert_eq!(data(payload), "0");
            assert_eq!(
                shape::decode(&payload["metadata"]["encoding"]),
                b"json/plain"
            );
        }
    }

    #[test]
    fn causes_that_are_enums_stay() {
        let failed = json!({"startChildWorkflowExecutionFailedEventAttributes": {"cause": "WORKFLOW_ALREADY_EXISTS"}});
        assert_eq!(redacted(failed.clone(), true), failed);
    }
}
