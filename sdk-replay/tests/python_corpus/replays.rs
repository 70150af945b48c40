//! Every history is followed, to its end and from every task.

use durably::replay::Replayer;
use durably_protos::temporal::api::enums::v1::EventType;
use durably_protos::temporal::api::history::v1::{History, HistoryEvent};

use crate::corpus::{histories, replayer};
use crate::pass_on::{PassOn, PutAround};
use crate::signals::AnySignal;

/// Knows the workflow of a history.
fn replayer_of(name: &str) -> Replayer {
    if name.starts_with("signals-dynamic") {
        return Replayer::new()
            .workflow(AnySignal::run)
            .expect("it is alone");
    }
    replayer()
}

/// `CORPUS=local-` in the environment replays only what begins so.
fn check(replay: impl Fn(&str, History) -> Option<String>) {
    let only = std::env::var("CORPUS").unwrap_or_default();
    let mut failed = Vec::new();
    for (name, history) in histories() {
        if name.starts_with(&only) {
            failed.extend(replay(&name, history).map(|why| format!("{name}: {why}")));
        }
    }
    assert!(
        failed.is_empty(),
        "{} histories are not followed:\n{}",
        failed.len(),
        failed.join("\n")
    );
}

/// The last event that is the code's; what the server does later does not concern it.
fn last_of_code(events: &[HistoryEvent]) -> i64 {
    let mut completed = events
        .iter()
        .filter(|event| event.event_type() == EventType::WorkflowTaskCompleted);
    completed.next_back().map_or(0, |event| event.event_id)
}

#[test]
fn every_history_is_followed_to_its_end() {
    check(|name, history| {
        let last = last_of_code(&history.events);
        match replayer_of(name).replay(history) {
            Ok(replayed) if replayed.events >= last => None,
            Ok(replayed) => Some(format!("only {} of {last} events", replayed.events)),
            Err(error) => Some(error.to_string()),
        }
    });
}

#[test]
fn every_history_is_followed_from_every_task() {
    check(|name, history| {
        replayer_of(name)
            .replay_from_every_task(&history)
            .err()
            .map(|error| error.to_string())
    });
}

#[test]
fn interceptors_that_change_nothing_make_no_difference() {
    check(|name, history| {
        let replayer = replayer_of(name).workflow_interceptor(|_| PassOn);
        let replayer = replayer.workflow_interceptor(|_| PutAround);
        let every_task = replayer.replay_from_every_task(&history);
        every_task.err().map(|error| error.to_string())
    });
}
