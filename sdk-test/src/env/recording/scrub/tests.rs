//! What stays, and what goes.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};

use super::DrawnId;
use super::ids::Ids;
use super::times::Times;
use super::words;

const RUN: &str = "0192f3a0-1111-7222-8333-444455556666";
const OTHER: &str = "0192f3a0-aaaa-7bbb-8ccc-ddddeeeeffff";

fn payload(data: &str) -> Value {
    let encoding = STANDARD.encode("json/plain");
    json!({"metadata": {"encoding": encoding}, "data": STANDARD.encode(data)})
}

fn data(payload: &Value) -> String {
    let data = STANDARD.decode(payload["data"].as_str().unwrap());
    String::from_utf8(data.unwrap()).unwrap()
}

#[test]
fn ids_are_numbered_also_where_they_are_part_of_a_text_or_of_a_payload() {
    let constant = "11111111-1111-4111-8111-111111111111";
    let mut values = [json!([
        {"runId": RUN, "parent": format!("{OTHER}_5"), "name": "grüße-an-die-ganze-welt-da-draußen-heute"},
        payload(&format!(r#"{{"run":"{RUN}","tenant":"{constant}"}}"#)),
    ])];
    let ids = Ids::of(&values);
    ids.replace(&mut values[0]);
    let replaced = &values[0];
    let text = replaced.to_string();
    assert!(!text.contains(RUN) && !text.contains(OTHER), "{text}");
    let run = replaced[0]["runId"].as_str().unwrap();
    assert!(run.starts_with("00000000-0000-4000-8000-0000"), "{run}");
    assert!(replaced[0]["parent"].as_str().unwrap().ends_with("_5"));
    let expected = format!(r#"{{"run":"{run}","tenant":"{constant}"}}"#);
    assert_eq!(data(&replaced[1]), expected);
}

#[test]
fn ids_that_code_draws_are_taken_once_and_only_if_nothing_else_differs() {
    let drawn = |history: &str, code: &str| DrawnId {
        history: history.to_owned(),
        code: code.to_owned(),
    };
    let mut ids = Ids::of(&[json!({"workflowId": format!("order-{RUN}")})]);
    let fixed = "order-00000000-0000-4000-8000-000000000001";
    assert!(!ids.adopt(&drawn(fixed, &format!("parcel-{OTHER}"))));
    assert!(!ids.adopt(&drawn(fixed, "order-7")));
    let other = format!("order-{OTHER}");
    assert!(ids.adopt(&drawn(fixed, &other)));
    assert!(!ids.adopt(&drawn(&other, fixed)));
    let mut value = json!({"workflowId": format!("order-{RUN}")});
    ids.replace(&mut value);
    assert_eq!(value["workflowId"], *other);
}

#[test]
fn times_begin_in_2020_and_lie_whole_seconds_apart() {
    let marker =
        r#"{"seq":1,"complete_time":{"seconds":1790000000,"nanos":400000000},"backoff":null}"#;
    let mut values = [json!([
        {"eventTime": "2026-09-21T14:13:20Z", "workflowTaskTimeout": "10s"},
        {"eventTime": "2026-09-21T14:13:20.300Z", "note": "2026-09-21T14:13:20.300Z"},
        {"markerName": "core_local_activity", "details": {"data": {"payloads": [payload(marker)]}}},
        {"eventTime": "2026-09-21T14:14:20.412Z", "expireTime": "0001-01-01T00:00:00Z"},
    ])];
    let times = Times::of(&values);
    times.replace(&mut values[0]);
    let replaced = &values[0];
    assert_eq!(replaced[0]["eventTime"], "2020-01-01T00:00:00Z");
    assert_eq!(replaced[0]["workflowTaskTimeout"], "10s");
    assert_eq!(replaced[1]["eventTime"], "2020-01-01T00:00:00Z");
    assert_eq!(replaced[1]["note"], "2026-09-21T14:13:20.300Z");
    assert_eq!(replaced[3]["eventTime"], "2020-01-01T00:01:00Z");
    assert_eq!(replaced[3]["expireTime"], "0001-01-01T00:00:00Z");
    let marker: Value =
        serde_json::from_str(&data(&replaced[2]["details"]["data"]["payloads"][0])).unwrap();
    assert_eq!(
        marker["complete_time"],
        json!({"seconds": 1_577_836_800, "nanos": 0})
    );
    assert_eq!(marker["seq"], 1);
}

#[test]
fn names_of_processes_go() {
    let mut value = json!({
        "taskId": "1048587",
        "attributes": {
            "identity": "7@host", "historySizeBytes": "5000",
            "taskQueue": {"name": "7@host-1", "kind": "TASK_QUEUE_KIND_STICKY", "normalName": "q"},
            "input": payload(r#"{"identity":"mine"}"#),
        },
    });
    words::remove(&mut value);
    let attributes = &value["attributes"];
    assert!(value.get("taskId").is_none() && attributes.get("identity").is_none());
    assert_eq!(attributes["historySizeBytes"], "4096");
    assert_eq!(attributes["taskQueue"]["name"], "sticky");
    assert_eq!(attributes["taskQueue"]["normalName"], "q");
    assert_eq!(data(&attributes["input"]), r#"{"identity":"mine"}"#);
}
