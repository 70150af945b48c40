//! Markers as text, the same for commands and events.

use std::collections::BTreeMap;

use durably_protos::temporal::api::common::v1::Payloads;
use durably_protos::temporal::api::failure::v1::Failure;
use serde_json::Value;

use super::fixture::text_of;

type Details = BTreeMap<String, Payloads>;

fn part(details: &Details, key: &str) -> String {
    details
        .get(key)
        .map_or_else(String::new, |part| text_of(&part.payloads))
}

pub(super) fn local_activity_data(details: &Details) -> Value {
    serde_json::from_str(&part(details, "data")).expect("the marker has data")
}

/// Which marker it is.
pub(super) fn marker_key(name: &str, details: &Details) -> String {
    let unquoted = |key| part(details, key).trim_matches('"').to_owned();
    match name {
        "core_patch" => {
            let data: Value =
                serde_json::from_str(&part(details, "patch-data")).expect("the marker has data");
            format!("patch {}", data["id"].as_str().expect("an id"))
        }
        "Version" => format!(
            "version {} {}",
            unquoted("change-id"),
            part(details, "version")
        ),
        "SideEffect" => format!("side effect {}", part(details, "side-effect-id")),
        "MutableSideEffect" => format!(
            "mutable side effect {} {}",
            unquoted("side-effect-id"),
            part(details, "mutable-side-effect-call-counter")
        ),
        "core_local_activity" => {
            let data = local_activity_data(details);
            format!(
                "local activity {} {}",
                data["seq"],
                data["activity_type"].as_str().expect("a type")
            )
        }
        other => other.to_owned(),
    }
}

/// What else it says.
pub(super) fn marker_detail(name: &str, details: &Details, failure: Option<&Failure>) -> String {
    match name {
        "core_patch" if part(details, "patch-data").contains("true") => "deprecated".to_owned(),
        "SideEffect" | "MutableSideEffect" => part(details, "data"),
        "core_local_activity" => {
            let data = local_activity_data(details);
            let mut text = format!(
                "index={} attempt={}",
                data["activation_index"], data["attempt"]
            );
            if let Some(seconds) = data["complete_time"]["seconds"].as_i64() {
                text += &format!(" at={seconds}");
            }
            if details.contains_key("result") {
                text += &format!(" result={}", part(details, "result"));
            }
            if details.contains_key("input") {
                text += &format!(" input={}", part(details, "input"));
            }
            if let Some(failure) = failure {
                text += &format!(" failed={}", failure.message);
            }
            if let Some(seconds) = data["backoff"]["seconds"].as_i64() {
                text += &format!(" backoff={seconds}");
            }
            text
        }
        _ => String::new(),
    }
}
