//! Bytes of any kind, read as a file of histories: with limits, from JSON, protobuf and gzip.

#![no_main]

use durably_history::{HistoryReader, ReadLimits, RecordedHistory, Timeline, read_bytes, to_json};
use libfuzzer_sys::fuzz_target;

fn limits() -> ReadLimits {
    ReadLimits::default()
        .history_bytes(1 << 20)
        .history_events(2_000)
        .input_bytes(4 << 20)
}

fuzz_target!(|bytes: &[u8]| {
    let histories = match HistoryReader::with_limits("fuzz", bytes, limits()) {
        Ok(histories) => histories,
        Err(error) => return check_text(&error.to_string()),
    };
    for recorded in histories {
        match recorded {
            Ok(recorded) => check(&recorded),
            Err(error) => return check_text(&error.to_string()),
        }
    }
});

/// What was read can be shown, and is the same when it was written and read again.
fn check(recorded: &RecordedHistory) {
    drop(recorded.workflow_id().to_owned() + recorded.run_id() + recorded.workflow_type());
    drop(
        Timeline::of(&recorded.history)
            .without_workflow_tasks()
            .to_string(),
    );
    // Times out of their range have no text.
    let Ok(text) = to_json(&recorded.history) else {
        return;
    };
    let events = &recorded.history.events;
    match read_bytes(text.as_bytes()) {
        Ok(again) => {
            let second = to_json(&again.history).expect("it was written before");
            // Read as a value: `{"data":..}` may be the short form of one. Every SDK writes metadata.
            let lines = || text.lines().map(str::trim);
            let bare = lines()
                .zip(lines().skip(1))
                .any(|(before, line)| before.ends_with('{') && line.starts_with("\"data\":"));
            assert!(
                second == text || bare,
                "another text:\n{text}\n---\n{second}"
            );
        }
        // The binary form has events of unknown types by number, and ids of 0 in whole answers.
        Err(error) => {
            let odd = |event: &durably_protos::temporal::api::history::v1::HistoryEvent| {
                event.event_id == 0 || format!("{:?}", event.event_type()) == "Unspecified"
            };
            assert!(events.iter().any(odd), "{error}\n{text}");
        }
    }
}

/// Errors are read by people.
fn check_text(error: &str) {
    assert!(error.len() < 4_000, "an error of {} bytes", error.len());
}
