//! One history in every form that there is.

mod common;

use std::io::Write as _;

use durably_history::{HistoryReader, RecordedHistory, read, read_bytes, to_json};
use durably_protos::temporal::api::export::v1::{WorkflowExecution, WorkflowExecutions};
use durably_protos::temporal::api::history::v1::History;
use durably_protos::temporal::api::workflowservice::v1::GetWorkflowExecutionHistoryResponse;
use flate2::Compression;
use flate2::write::GzEncoder;
use prost::Message as _;
use serde_json::{Value, json};

use common::{ORDER, ORDER_LINES, RECORDED, order, recorded, recorded_json};

fn all(bytes: &[u8]) -> Vec<RecordedHistory> {
    let histories = HistoryReader::new("test", bytes).unwrap();
    histories.map(|it| it.unwrap()).collect()
}

fn histories(bytes: &[u8]) -> Vec<History> {
    all(bytes).into_iter().map(|it| it.history).collect()
}

fn zip(bytes: &[u8]) -> Vec<u8> {
    let mut zip = GzEncoder::new(Vec::new(), Compression::fast());
    zip.write_all(bytes).unwrap();
    zip.finish().unwrap()
}

#[test]
fn a_history_without_events_is_written_so_that_it_is_read() {
    let recorded = read_bytes(br#"{"events": []}"#).unwrap();
    let text = to_json(&recorded.history).unwrap();
    assert_eq!(text, "{\n  \"events\": []\n}\n");
    assert_eq!(read_bytes(text.as_bytes()).unwrap().history.events.len(), 0);
}

#[test]
fn what_the_command_prints_is_read_and_written() {
    let order = order();
    assert_eq!(order.events.len(), 4);
    assert_eq!(
        histories(ORDER_LINES.as_bytes()),
        std::slice::from_ref(&order)
    );
    assert_eq!(to_json(&order).unwrap(), ORDER);
    for name in RECORDED {
        let json = recorded_json(name);
        let history = recorded(name);
        assert_eq!(
            histories(json.as_bytes()),
            std::slice::from_ref(&history),
            "{name}"
        );
        let [ours, theirs] = [&to_json(&history).unwrap(), &json].map(|text| {
            let value: Value = serde_json::from_str(text).unwrap();
            value
        });
        assert_eq!(ours, theirs, "{name}");
    }
}

#[test]
fn what_is_known_of_the_workflow_is_said() {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/histories/order-1.json");
    let recorded = read(path).unwrap();
    assert_eq!(recorded.workflow_id(), "order-1");
    assert_eq!(recorded.workflow_type(), "order");
    assert_eq!(recorded.run_id(), "01a2063d-16b9-74f7-825f-e03181c8e7f5");
    assert_eq!(recorded.place.to_string(), path);
}

#[test]
fn binary_forms_are_read() {
    let order = order();
    let binary = order.encode_to_vec();
    assert_eq!(histories(&binary), std::slice::from_ref(&order));
    assert_eq!(histories(&zip(&binary)), std::slice::from_ref(&order));
    let response = GetWorkflowExecutionHistoryResponse {
        history: Some(order.clone()),
        ..Default::default()
    };
    assert_eq!(
        histories(&response.encode_to_vec()),
        std::slice::from_ref(&order)
    );
    let item = WorkflowExecution {
        history: Some(order.clone()),
    };
    let items = vec![item; 3];
    let export = all(&WorkflowExecutions { items }.encode_to_vec());
    assert!(export.iter().all(|it| it.history == order));
    assert_eq!(export[2].place.to_string(), "test, history 3");
}

#[test]
fn wrappers_and_arrays_are_read() {
    let order = order();
    let value: Value = serde_json::from_str(ORDER).unwrap();
    let events = value["events"].clone();
    let execution = json!({"workflowId": "w", "runId": "r"});
    for (count, value) in [
        (1, events.clone()),
        (1, json!({"history": value})),
        (
            1,
            json!({"nextPageToken": "", "rawHistory": [], "archived": false, "history": value}),
        ),
        (
            1,
            json!({"workflowExecution": execution, "events": events, "x": [{}]}),
        ),
        (2, json!([value, value])),
        (2, json!([events, events])),
        (
            3,
            json!({"items": [{"history": value}, value, value], "more": 1}),
        ),
        (0, json!([])),
    ] {
        for text in [value.to_string(), format!("\u{feff}\n\n{value:#}\n")] {
            let found = histories(text.as_bytes());
            assert_eq!(found, vec![order.clone(); count], "{text}");
        }
        let found = histories(&zip(value.to_string().as_bytes()));
        assert_eq!(found.len(), count);
    }
    let named = json!({"events": events, "workflowExecution": execution});
    let named = read_bytes(named.to_string().as_bytes()).unwrap();
    assert_eq!((named.workflow_id(), named.run_id()), ("w", "r"));
}

#[test]
fn lines_of_histories_and_of_events_are_read_with_their_places() {
    let order = order();
    let value: Value = serde_json::from_str(ORDER).unwrap();
    let events: Vec<String> = value["events"]
        .as_array()
        .unwrap()
        .iter()
        .map(Value::to_string)
        .collect();
    let events = format!("{}\n", events.join("\n"));
    let text = format!("{ORDER_LINES}\n{events}{events}{ORDER}{ORDER_LINES}");
    let found = all(text.as_bytes());
    assert!(found.iter().all(|it| it.history == order));
    let places: Vec<_> = found.iter().map(|it| it.place.to_string()).collect();
    let lines = |number: usize, line: usize| format!("test, history {number} (line {line})");
    let first = ORDER_LINES.lines().count() + 2;
    assert_eq!(places[..2], ["test".to_owned(), lines(2, first)]);
    assert_eq!(places.len(), 5);
    assert!(
        read_bytes(text.as_bytes())
            .unwrap_err()
            .to_string()
            .contains("more than one history")
    );
}

#[test]
fn a_text_that_comes_in_bits_is_read_as_a_whole() {
    struct Bits<'a>(&'a [u8]);
    impl std::io::Read for Bits<'_> {
        fn read(&mut self, buffer: &mut [u8]) -> std::io::Result<usize> {
            let length = self.0.len().min(701).min(buffer.len());
            buffer[..length].copy_from_slice(&self.0[..length]);
            self.0 = &self.0[length..];
            Ok(length)
        }
    }
    let large = "tea und Kekse äöü ".repeat(10_000);
    let mut history = order();
    for _ in 0..3 {
        let mut event = history.events[2].clone();
        event.event_id = history.events.len() as i64 + 1;
        let Some(durably_protos::temporal::api::history::v1::history_event::Attributes::WorkflowExecutionSignaledEventAttributes(signaled)) = &mut event.attributes else {
            panic!("event 3 is a signal");
        };
        signaled.identity.clone_from(&large);
        history.events.push(event);
    }
    let text = to_json(&history).unwrap();
    let mut found = HistoryReader::new("test", Bits(text.as_bytes())).unwrap();
    assert_eq!(found.next().unwrap().unwrap().history, history);
    assert!(found.next().is_none());
    assert_eq!(histories(text.as_bytes()), std::slice::from_ref(&history));
    let binary = history.encode_to_vec();
    let mut found = HistoryReader::new("test", Bits(&binary)).unwrap();
    assert_eq!(found.next().unwrap().unwrap().history, history);
}
