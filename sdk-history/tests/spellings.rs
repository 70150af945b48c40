//! The spellings of names, enums, integers and payloads.

mod common;

use durably_history::{ReadError, read_bytes, to_json};
use durably_protos::temporal::api::common::v1::Payload;
use durably_protos::temporal::api::enums::v1::EventType;
use durably_protos::temporal::api::history::v1::History;
use durably_protos::temporal::api::history::v1::history_event::Attributes;
use serde_json::{Map, Value, json};

use common::{ORDER, RECORDED, order, recorded};

fn read(value: &Value) -> History {
    read_bytes(value.to_string().as_bytes()).unwrap().history
}

/// `WORKFLOW_TASK` -> `WorkflowTask`
fn camel(name: &str) -> String {
    let words = name.split('_');
    let word = |word: &str| word[..1].to_owned() + &word[1..].to_lowercase();
    words.map(word).collect()
}

/// An event of every type, with the names that the types have today.
fn every_event() -> Vec<(EventType, Value)> {
    let types = (1..200).filter_map(|number| EventType::try_from(number).ok());
    let event = |kind: EventType| {
        let name = kind.as_str_name();
        let attributes = camel(name.strip_prefix("EVENT_TYPE_").unwrap());
        let attributes = attributes[..1].to_lowercase() + &attributes[1..] + "EventAttributes";
        let mut event = json!({"eventId": "12", "eventType": name, "version": "-1", "taskId": "77",
            "eventTime": "2024-05-01T12:00:00.250Z", "links": [{"workflowEvent": {"workflowId": "w",
            "eventRef": {"eventId": "1", "eventType": "EVENT_TYPE_TIMER_STARTED"}}}]});
        event[attributes] = json!({});
        (kind, event)
    };
    types.map(event).collect()
}

#[test]
fn events_of_every_type_are_read_in_every_spelling() {
    let events = every_event();
    assert!(events.len() >= 58, "{}", events.len());
    for (kind, event) in events {
        let expected: History = serde_json::from_value(json!({"events": [event]})).unwrap();
        assert_eq!(expected.events[0].event_type(), kind);
        assert!(expected.events[0].attributes.is_some(), "{kind:?}");
        let mut old = event.clone();
        let name = kind.as_str_name().strip_prefix("EVENT_TYPE_").unwrap();
        old["eventType"] = camel(name).into();
        let mut short = event.clone();
        short["eventType"] = name.into();
        let mut numbers = event.clone();
        numbers["eventType"] = i32::from(kind).into();
        for field in ["eventId", "version", "taskId"] {
            numbers[field] = event[field]
                .as_str()
                .unwrap()
                .parse::<i64>()
                .unwrap()
                .into();
        }
        numbers["eventTime"] = json!({"seconds": "1714564800", "nanos": 250_000_000});
        for spelling in [&event, &old, &short, &numbers, &snake(&event)] {
            assert_eq!(read(&json!([spelling])), expected, "{spelling}");
        }
        assert_eq!(
            read_bytes(to_json(&expected).unwrap().as_bytes())
                .unwrap()
                .history,
            expected
        );
    }
}

/// The same with `snake_case` names of fields.
fn snake(value: &Value) -> Value {
    let name = |name: &str| {
        let mut snake = String::new();
        for c in name.chars() {
            if c.is_uppercase() {
                snake.push('_');
            }
            snake.extend(c.to_lowercase());
        }
        snake
    };
    match value {
        Value::Object(fields) => fields
            .iter()
            .map(|(key, value)| (name(key), snake(value)))
            .collect::<Map<_, _>>()
            .into(),
        Value::Array(items) => items.iter().map(snake).collect(),
        other => other.clone(),
    }
}

/// The enums of recorded histories as older tools wrote them, and integers as numbers.
fn old(value: &Value) -> Value {
    const PREFIXES: [&str; 6] = [
        "EVENT_TYPE_",
        "TASK_QUEUE_KIND_",
        "TIMEOUT_TYPE_",
        "RETRY_STATE_",
        "WORKFLOW_ID_REUSE_POLICY_",
        "CONTINUE_AS_NEW_INITIATOR_",
    ];
    match value {
        Value::Object(fields) => fields
            .iter()
            .map(|(key, value)| {
                let is_integer = key.ends_with("Id")
                    && value.as_str().is_some_and(|it| it.parse::<i64>().is_ok());
                // `activityId` and `timerId` are texts.
                match is_integer && !matches!(key.as_str(), "activityId" | "timerId") {
                    true => (
                        key.clone(),
                        value.as_str().unwrap().parse::<i64>().unwrap().into(),
                    ),
                    false => (key.clone(), old(value)),
                }
            })
            .collect::<Map<_, _>>()
            .into(),
        Value::Array(items) => items.iter().map(old).collect(),
        Value::String(text) => match PREFIXES.iter().find_map(|prefix| text.strip_prefix(prefix)) {
            Some(name) => camel(name).into(),
            None => value.clone(),
        },
        other => other.clone(),
    }
}

#[test]
fn recorded_histories_are_read_in_older_spellings() {
    for name in RECORDED {
        let history = recorded(name);
        let value: Value = serde_json::from_str(&to_json(&history).unwrap()).unwrap();
        assert_ne!(old(&value), value);
        assert_eq!(read(&old(&value)), history, "{name}");
    }
}

fn payload(encoding: &str, data: &str) -> Payload {
    Payload {
        metadata: [("encoding".to_owned(), encoding.to_owned().into())].into(),
        data: data.to_owned().into(),
        ..Payload::default()
    }
}

fn input(value: Value) -> Vec<Payload> {
    let mut history: Value = serde_json::from_str(ORDER).unwrap();
    history["events"][2]["workflowExecutionSignaledEventAttributes"]["input"] = value;
    let history = read(&history);
    match history.events[2].attributes.clone().unwrap() {
        Attributes::WorkflowExecutionSignaledEventAttributes(it) => {
            it.input.map(|it| it.payloads).unwrap_or_default()
        }
        other => panic!("{other:?}"),
    }
}

#[test]
fn payloads_are_read_in_full_and_as_the_value_itself() {
    let plain = |data| payload("json/plain", data);
    let full = json!({"metadata": {"encoding": "anNvbi9wbGFpbg=="}, "data": "eyJhIjogWzFdfQ=="});
    let only_data =
        json!({"data": "eyJhIjogWzFdfQ==", "metadata": {"encoding": "anNvbi9wbGFpbg=="}});
    let custom = json!({"metadata": {"encoding": "YmluYXJ5L2VuY3J5cHRlZA==", "key": "a-8="}, "data": "/+8="});
    let mut encrypted = payload("binary/encrypted", "");
    encrypted
        .metadata
        .insert("key".to_owned(), vec![0x6b, 0xef].into());
    encrypted.data = vec![0xff, 0xef].into();
    for (value, expected) in [
        (
            json!({"payloads": [full, only_data]}),
            vec![plain("{\"a\": [1]}"); 2],
        ),
        (
            json!([{"a": [1, "x \"y\""]}, 7, "t", true, {}]),
            vec![
                plain("{\"a\":[1,\"x \\\"y\\\"\"]}"),
                plain("7"),
                plain("\"t\""),
                plain("true"),
                plain("{}"),
            ],
        ),
        (json!([null]), vec![payload("binary/null", "")]),
        (
            json!([{"data": "x"}, {"metadata": {"a": 1}, "b": 2}]),
            vec![
                plain("{\"data\":\"x\"}"),
                plain("{\"b\":2,\"metadata\":{\"a\":1}}"),
            ],
        ),
        (
            json!({"payloads": [{"metadata": {"encoding": "json/plain"}, "data": {"a": [1]}}]}),
            vec![plain("{\"a\":[1]}")],
        ),
        (
            json!({"payloads": [{"metadata": {"encoding": "binary/null"}, "data": null}]}),
            vec![payload("binary/null", "")],
        ),
        (json!([custom]), vec![encrypted]),
        (json!(null), vec![]),
    ] {
        let text = value.to_string();
        // The order of an object's fields does not count here.
        let read = input(value);
        let shown = |payloads: &[Payload]| -> Vec<Value> {
            payloads
                .iter()
                .map(|it| serde_json::from_slice(&it.data).unwrap_or(Value::Null))
                .collect()
        };
        assert_eq!(shown(&read), shown(&expected), "{text}");
        let metadata = |payloads: &[Payload]| -> Vec<_> {
            payloads.iter().map(|it| it.metadata.clone()).collect()
        };
        assert_eq!(metadata(&read), metadata(&expected), "{text}");
    }
    let message = &input(json!([{"_protoMessageType": "a.B", "x": [1], "y": null}]))[0];
    assert_eq!(message.metadata["messageType"], "a.B");
    assert_eq!(message.metadata["encoding"], "json/protobuf");
    assert_eq!(message.data, "{\"x\":[1],\"y\":null}");
}

#[test]
fn what_is_unknown_is_passed_over_as_the_protocol_says() {
    let order = order();
    let mut value: Value = serde_json::from_str(ORDER).unwrap();
    value["events"][0]["fromTheFuture"] = json!({"a": [1, {"b": null}]});
    value["events"][1]["workflowTaskScheduledEventAttributes"]["taskQueue"]["x"] = json!([]);
    value["events"][1]["task_Id"] = "7".into();
    assert_eq!(read(&value), order);

    let unknown = json!({"eventId": "5", "eventType": "EVENT_TYPE_FROM_THE_FUTURE",
        "fromTheFutureEventAttributes": {"x": 1}, "workerMayIgnore": true});
    value["events"].as_array_mut().unwrap().push(unknown);
    let event = read(&value).events[4].clone();
    assert!(event.worker_may_ignore && event.attributes.is_none());

    value["events"][4]["workerMayIgnore"] = false.into();
    let error = read_bytes(value.to_string().as_bytes()).unwrap_err();
    assert!(matches!(
        &error,
        ReadError::UnknownEvent { event_id: 5, .. }
    ));
    assert!(
        error.to_string().contains("EVENT_TYPE_FROM_THE_FUTURE"),
        "{error}"
    );
}
