//! Markers of the Go SDK: versions, side effects, local activities. The histories
//! (`tests/corpus/go`) were written by hand, after those that the SDK records. Activities have ids of
//! their own: without, Go calls them by the number of their event, and such histories do not replay.

mod workflow;

use std::path::Path;

use durably::replay::{ReplayError, Replayed, Replayer};
use durably_protos::temporal::api::history::v1::History;
use durably_protos::temporal::api::history::v1::history_event::Attributes;
use serde_json::Value;

use workflow::{RESULT, go_markers};

fn history(name: &str) -> History {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/corpus/go");
    let text = std::fs::read_to_string(folder.join(format!("{name}.json"))).expect(name);
    serde_json::from_str(&text).expect(name)
}

fn replay(history: History) -> Result<Replayed, ReplayError> {
    Replayer::new()
        .workflow(go_markers)
        .expect("it is alone")
        .replay(history)
}

#[test]
fn markers_of_the_go_sdk_are_followed() {
    let names = [
        "versions-newest",
        "versions-before",
        "versions-none",
        "side_effects",
        "mutable_side_effects",
        "local_activities",
        "mixed",
    ];
    for name in names {
        let history = history(name);
        let last = history.events.last().expect("events");
        let Some(Attributes::WorkflowExecutionCompletedEventAttributes(end)) = &last.attributes
        else {
            panic!("{name} completes");
        };
        let recorded = end.result.as_ref().expect("a result").payloads[0]
            .data
            .clone();
        let (length, recorded) = (
            last.event_id,
            serde_json::from_slice::<Value>(&recorded).expect("JSON"),
        );
        let replayed = replay(history).unwrap_or_else(|error| panic!("{name}: {error}"));
        assert_eq!(replayed.events, length, "{name}");
        assert_eq!(RESULT.take(), recorded, "{name}");
    }
}

#[test]
fn other_markers_are_refused() {
    for (name, marker) in [
        ("side_effects", "SideEffect"),
        ("local_activities", "LocalActivity"),
    ] {
        let mut history = history(name);
        // The first marker is gone, and its event is another one.
        let event = history
            .events
            .iter_mut()
            .find_map(|event| match &mut event.attributes {
                Some(Attributes::MarkerRecordedEventAttributes(one))
                    if one.marker_name == marker =>
                {
                    Some(one)
                }
                _ => None,
            });
        event.expect("a marker").marker_name = "Unheard".to_owned();
        assert!(replay(history).is_err(), "{name}");
    }
}
