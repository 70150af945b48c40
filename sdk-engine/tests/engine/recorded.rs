//! Histories recorded on a real server by the official Rust SDK, and generated ones like them.

use std::rc::Rc;

use durably_engine::Workflow;
use durably_protos::temporal::api::history::v1::{History, HistoryEvent};
use prost::Message;

use crate::load::workflows::LoadWorkflow;
use crate::load::{histories, pages, replay};
use crate::support::check::{completed_tasks, execute, recorded_commands, run_of, task};
use crate::support::text::{command_key, completion_text};

fn recorded(name: &str) -> Vec<HistoryEvent> {
    let path = format!("{}/tests/data/{name}.pb", env!("CARGO_MANIFEST_DIR"));
    let bytes = std::fs::read(&path).unwrap_or_else(|error| panic!("{path}: {error}"));
    History::decode(&*bytes)
        .expect("the file is a history")
        .events
}

#[test]
fn histories_of_the_official_sdk_are_replayed() {
    for name in ["timers-500", "signals-500"] {
        let events = recorded(name);
        let last = events.len();
        let run = replay(pages(events)).unwrap_or_else(|error| panic!("{name}: {error}"));
        assert_eq!(usize::try_from(run.last_event_id()), Ok(last), "{name}");
        assert_eq!(run.task_count(), 0, "{name}");
    }
}

/// As in the checks of written histories: the code, executed at each point of the history, does
/// what was recorded.
#[test]
fn every_task_of_a_recorded_history_can_be_executed_anew() {
    for name in ["timers-500", "signals-500"] {
        let events = recorded(name);
        let workflow: Rc<dyn Workflow> =
            Rc::new(LoadWorkflow::of_history(&events).expect("a load workflow"));
        for length in completed_tasks(&events) {
            let started = events[length - 1].event_id;
            let mut run = run_of(&workflow);
            let completion = execute(&mut run, task(started), &events[..length], 256);
            let durably_engine::Completion::Completed(completed) = &completion else {
                panic!("{name}, event {started}: {}", completion_text(&completion));
            };
            let commands: Vec<_> = completed.commands.iter().map(command_key).collect();
            assert_eq!(
                commands,
                recorded_commands(&events, length),
                "{name}, event {started}"
            );
        }
    }
}

#[test]
fn generated_histories_are_replayed() {
    for kind in LoadWorkflow::ALL {
        for length in [50, 1000] {
            let events = histories::generate(kind, length);
            let (made, last) = (
                events.len(),
                events.last().map_or(0, |event| event.event_id),
            );
            let run = replay(pages(events)).unwrap_or_else(|error| panic!("{kind:?}: {error}"));
            assert_eq!(run.last_event_id(), last, "{kind:?}");
            let wanted = usize::try_from(length).expect("it is small");
            assert!(
                made.abs_diff(wanted) < wanted / 4,
                "{kind:?}: {made} instead of {wanted}"
            );
        }
    }
}
