//! What is done with each history, and what must hold whatever is in it.

use std::time::Duration;

use durably::replay::{ReplayError, Replayed, Replayer};
use durably_history::Timeline;
use durably_protos::temporal::api::history::v1::History;
use durably_replay::report::{Examination, FindingKind, Report, TextStyle};

/// The work of a replay from every task grows with the square of the length.
const SHORT: usize = 60;

/// Whether a panic at this place is one of the workflows', which may panic.
pub(crate) fn is_of_workflows(file: &str) -> bool {
    file.contains("python_corpus") || file.contains("go_markers")
}

/// Replays a history in every way and writes every report of it.
pub(crate) fn replay_in_every_way(replayer: &Replayer, history: &History) {
    let traced = replayer.replay_traced(history.clone());
    let again = replayer.replay_traced(history.clone());
    let end = end_of(&traced.result);
    assert_eq!(end, end_of(&again.result), "two replays end differently");
    let untraced = replayer.replay(history.clone());
    assert_eq!(end, end_of(&untraced), "a trace changes the replay");
    if history.events.len() <= SHORT {
        // Any answer will do.
        drop(replayer.replay_from_every_task(history));
    }

    let types: Vec<_> = replayer.workflow_types().collect();
    let mut report = Report::new();
    let examination = Examination::new("mutated.json", history, &traced)
        .repeated(&again)
        .known_workflow_types(&types);
    for examination in [examination, examination.show_payloads()] {
        report.add(examination.outcome(), Duration::ZERO);
    }
    for finding in report.findings() {
        assert_ne!(finding.kind, FindingKind::NotDeterministic, "{finding:?}");
    }
    write_in_every_form(&report);
    drop(Timeline::of(history).to_string());
}

/// How a replay ended, in words: without the stack traces of failures.
fn end_of(result: &Result<Replayed, ReplayError>) -> Result<i64, String> {
    match result {
        Ok(replayed) => Ok(replayed.events),
        Err(error) => Err(error.to_string()),
    }
}

fn write_in_every_form(report: &Report) {
    drop(report.to_text_with(TextStyle::default()));
    drop(report.to_github());
    drop(report.to_junit());
    drop(report.to_html());
    let json = report.to_json();
    let read: Result<serde_json::Value, _> = serde_json::from_str(&json);
    assert!(read.is_ok(), "the report is no JSON: {json}");
}
