//! Histories as the `temporal` command line prints them, against their binary twins.
#![cfg(feature = "json")]

use std::io::Read as _;
use std::path::PathBuf;

use durably_protos::google::protobuf::{Duration, Timestamp};
use durably_protos::temporal::api::enums::v1::{EventType, ParentClosePolicy, TimeoutType};
use durably_protos::temporal::api::failure::v1::{
    ActivityFailureInfo, Failure, TimeoutFailureInfo, failure::FailureInfo,
};
use durably_protos::temporal::api::history::v1::history_event::Attributes;
use durably_protos::temporal::api::history::v1::{
    ActivityTaskFailedEventAttributes, History, HistoryEvent,
    StartChildWorkflowExecutionInitiatedEventAttributes,
};
use prost::Message as _;

const RECORDED: [&str; 5] = [
    "fanout-first-30",
    "local_seq-first-25",
    "seq-first-35",
    "signals-first-60",
    "timers-500",
];

#[test]
fn json_and_binary_recordings_are_the_same_history() {
    for name in RECORDED {
        let from_json: History = serde_json::from_str(&recorded_json(name)).unwrap();
        assert_eq!(from_json, recorded_binary(name), "{name}");
        assert!(from_json.events.len() >= 25, "{name}");
    }
}

#[test]
fn what_is_written_is_what_the_command_line_wrote() {
    for name in RECORDED {
        let ours = serde_json::to_value(recorded_binary(name)).unwrap();
        let theirs: serde_json::Value = serde_json::from_str(&recorded_json(name)).unwrap();
        assert_eq!(numbers_as_floats(ours), numbers_as_floats(theirs), "{name}");
    }
}

#[test]
fn failures_enums_and_boxed_fields_go_there_and_back() {
    let history = History {
        events: vec![
            event(Attributes::ActivityTaskFailedEventAttributes(Box::new(
                ActivityTaskFailedEventAttributes {
                    failure: Some(activity_failure()),
                    scheduled_event_id: i64::MAX,
                    ..Default::default()
                },
            ))),
            event(
                Attributes::StartChildWorkflowExecutionInitiatedEventAttributes(Box::new(
                    StartChildWorkflowExecutionInitiatedEventAttributes {
                        parent_close_policy: ParentClosePolicy::Abandon.into(),
                        workflow_run_timeout: Some(Duration {
                            seconds: 1,
                            nanos: 500_000_000,
                        }),
                        ..Default::default()
                    },
                )),
            ),
        ],
    };
    let json = serde_json::to_value(&history).unwrap();
    let failed = &json["events"][0]["activityTaskFailedEventAttributes"];
    assert_eq!(failed["scheduledEventId"], "9223372036854775807");
    assert_eq!(
        failed["failure"]["cause"]["timeoutFailureInfo"]["timeoutType"],
        "TIMEOUT_TYPE_HEARTBEAT"
    );
    let child = &json["events"][1]["startChildWorkflowExecutionInitiatedEventAttributes"];
    assert_eq!(child["parentClosePolicy"], "PARENT_CLOSE_POLICY_ABANDON");
    assert_eq!(child["workflowRunTimeout"], "1.500s");
    assert_eq!(serde_json::from_value::<History>(json).unwrap(), history);
}

#[test]
fn numbers_nulls_snake_case_and_unknown_fields_are_read() {
    let history: History = serde_json::from_str(
        r#"{"events": [{"event_id": 7, "eventType": 10, "fromTheFuture": {"a": [1, null]},
            "activityTaskScheduledEventAttributes": null, "eventTime": null, "version": null,
            "taskId": null, "workerMayIgnore": null, "links": null}]}"#,
    )
    .unwrap();
    let expected = HistoryEvent {
        event_id: 7,
        event_type: EventType::ActivityTaskScheduled.into(),
        ..Default::default()
    };
    assert_eq!(history.events, [expected]);
}

#[test]
fn what_cannot_be_read_is_named_in_the_error() {
    for (json, named) in [
        (
            r#"{"events": [{"eventType": "EVENT_TYPE_FROM_THE_FUTURE"}]}"#,
            "EVENT_TYPE_FROM_THE_FUTURE",
        ),
        (r#"{"events": [{"eventId": "seven"}]}"#, "seven"),
        (r#"{"events": [{"eventId": true}]}"#, "64-bit integer"),
        (r#"{"events": [{"eventTime": "at noon"}]}"#, "at noon"),
        (
            r#"{"events": [{"eventId": "1", "eventId": "2"}]}"#,
            "eventId",
        ),
    ] {
        let error = serde_json::from_str::<History>(json)
            .unwrap_err()
            .to_string();
        assert!(error.contains(named), "{error}");
        assert!(error.contains("line 1"), "{error}");
    }
}

#[test]
fn a_cause_nested_without_end_is_an_error() {
    let depth = 100_000;
    let json = format!(
        r#"{{"events":[{{"activityTaskFailedEventAttributes":{{"failure":{}{}}}}}]}}"#,
        r#"{"cause":"#.repeat(depth),
        "}".repeat(depth),
    );
    let error = serde_json::from_str::<History>(&json).unwrap_err();
    assert!(error.to_string().contains("recursion limit"), "{error}");
}

/// A `double` of two is written `2` by some and `2.0` by others: the same JSON number, not the same `Value`.
fn numbers_as_floats(value: serde_json::Value) -> serde_json::Value {
    use serde_json::Value;
    match value {
        Value::Number(number) => number.as_f64().into(),
        Value::Array(items) => items.into_iter().map(numbers_as_floats).collect(),
        Value::Object(fields) => fields
            .into_iter()
            .map(|(name, field)| (name, numbers_as_floats(field)))
            .collect(),
        other => other,
    }
}

fn event(attributes: Attributes) -> HistoryEvent {
    HistoryEvent {
        event_time: Some(Timestamp {
            seconds: 1_714_564_800,
            nanos: 1_000,
        }),
        attributes: Some(attributes),
        ..Default::default()
    }
}

fn activity_failure() -> Failure {
    let heartbeat_timeout = Failure {
        message: "no heartbeat".to_owned(),
        failure_info: Some(FailureInfo::TimeoutFailureInfo(TimeoutFailureInfo {
            timeout_type: TimeoutType::Heartbeat.into(),
            ..Default::default()
        })),
        ..Default::default()
    };
    Failure {
        cause: Some(Box::new(heartbeat_timeout)),
        failure_info: Some(FailureInfo::ActivityFailureInfo(ActivityFailureInfo {
            activity_id: "1".to_owned(),
            ..Default::default()
        })),
        ..Default::default()
    }
}

fn recorded_json(name: &str) -> String {
    String::from_utf8(unzip(&format!("{name}.json.gz"))).unwrap()
}

fn recorded_binary(name: &str) -> History {
    History::decode(bytes::Bytes::from(unzip(&format!("{name}.pb.gz")))).unwrap()
}

fn unzip(file: &str) -> Vec<u8> {
    let path = PathBuf::from(env!("CARGO_MANIFEST_DIR"))
        .join("tests/histories")
        .join(file);
    let mut content = Vec::new();
    flate2::read::GzDecoder::new(std::fs::File::open(path).unwrap())
        .read_to_end(&mut content)
        .unwrap();
    content
}
