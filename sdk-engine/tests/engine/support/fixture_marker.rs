//! The markers, by a word each for `MarkerRecorded`.
//!
//! ```text
//! MarkerRecorded change deprecated                    a patch
//! Version change 3
//! SideEffect 1 value | MutableSideEffect name 1 value
//! LocalActivity 1 charge index=1 at=7 result=paid     or failed=why, canceled, backoff=60
//! ```

use std::collections::BTreeMap;

use durably_protos::temporal::api::common::v1::Payloads;
use durably_protos::temporal::api::failure::v1::CanceledFailureInfo;
use durably_protos::temporal::api::failure::v1::failure::FailureInfo;
use durably_protos::temporal::api::history::v1::MarkerRecordedEventAttributes;

use super::fixture::{failure, payloads};

type Details = BTreeMap<String, Payloads>;

fn details<const N: usize>(parts: [(&str, String); N]) -> Details {
    let one = |(key, text): (&str, String)| {
        let text = payloads(Some(&text)).unwrap_or_default();
        (key.to_owned(), text)
    };
    parts.map(one).into()
}

fn quoted(text: &str) -> String {
    format!("\"{text}\"")
}

/// The marker of a line; none when the first word is no marker's.
pub(super) fn marker(
    name: &str,
    first: Option<&str>,
    second: Option<&str>,
) -> Option<MarkerRecordedEventAttributes> {
    let (word, rest) = (first.unwrap_or_default(), second.unwrap_or_default());
    let (marker_name, details) = match name {
        "MarkerRecorded" => {
            let data = format!(r#"{{"id":"{word}","deprecated":{}}}"#, second.is_some());
            ("core_patch", details([("patch-data", data)]))
        }
        "Version" => {
            let parts = [("change-id", quoted(word)), ("version", rest.to_owned())];
            (name, details(parts))
        }
        "SideEffect" => {
            let parts = [
                ("side-effect-id", word.to_owned()),
                ("data", rest.to_owned()),
            ];
            (name, details(parts))
        }
        "MutableSideEffect" => {
            let (call, value) = rest.split_once(' ').unwrap_or((rest, ""));
            let parts = [
                ("side-effect-id", quoted(word)),
                ("mutable-side-effect-call-counter", call.to_owned()),
                ("data", value.to_owned()),
            ];
            (name, details(parts))
        }
        "Marker" => (word, Details::default()),
        "LocalActivity" => return Some(local_activity(word, rest)),
        _ => return None,
    };
    Some(MarkerRecordedEventAttributes {
        marker_name: marker_name.to_owned(),
        details,
        ..Default::default()
    })
}

fn local_activity(seq: &str, rest: &str) -> MarkerRecordedEventAttributes {
    let mut words = rest.split_whitespace();
    let kind = words.next().unwrap_or_default();
    let options: BTreeMap<&str, &str> = words
        .map(|word| word.split_once('=').unwrap_or((word, "")))
        .collect();
    let number = |key: &str| options.get(key).copied().unwrap_or("null");
    let seconds = |key: &str| match options.get(key) {
        Some(seconds) => format!(r#"{{"seconds":{seconds},"nanos":0}}"#),
        None => "null".to_owned(),
    };
    let attempt = options.get("attempt").copied().unwrap_or("1");
    let data = format!(
        r#"{{"seq":{seq},"attempt":{attempt},"activity_id":"{}","activity_type":"{kind}","complete_time":{},
            "backoff":{},"original_schedule_time":{},"activation_index":{}}}"#,
        options.get("id").copied().unwrap_or(seq),
        seconds("at"),
        seconds("backoff"),
        seconds("scheduled"),
        number("index"),
    );
    let mut details = details([("data", data)]);
    if let Some(result) = options.get("result") {
        details.extend(payloads(Some(result)).map(|result| ("result".to_owned(), result)));
    }
    let mut failed = options.get("failed").map(|why| failure(why));
    if options.contains_key("canceled") {
        let mut canceled = failure("canceled");
        let info = CanceledFailureInfo::default();
        canceled.failure_info = Some(FailureInfo::CanceledFailureInfo(info));
        failed = Some(canceled);
    }
    MarkerRecordedEventAttributes {
        marker_name: "core_local_activity".to_owned(),
        details,
        failure: failed,
        ..Default::default()
    }
}
