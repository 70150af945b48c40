//! Replaying a history with mutants, and looking at what is found.

use std::fmt::Write as _;

use durably_history::{Place, RecordedHistory};
use durably_protos::temporal::api::history::v1::History;
use durably_replay::report::{CauseKind, Finding, FindingKind};
use durably_replay::{ReplayFailure, Replayer};

use crate::events::event_id;
use crate::markers::{Described, Expected, described};
use crate::pass_on::{PassOn, PutAround};
use crate::recorded::Recorded;

/// A changed workflow.
#[derive(Debug)]
pub(crate) struct Mutant {
    pub(crate) name: &'static str,
    pub(crate) replayer: Replayer,
}

/// Checks mutants against a recorded history; all mutants of the file must be given.
macro_rules! check {
    ($recorded:expr, $table:literal, $($mutant:ident)*) => {{
        let mutants = vec![$(crate::check::Mutant {
            name: stringify!($mutant),
            replayer: durably_replay::Replayer::new().workflow($mutant),
        }),*];
        let (table, faults) = crate::check::checked(file!(), include_str!($table), &$recorded, &mutants);
        println!("{table}");
        assert!(faults.is_empty(), "{faults}\n{table}");
        table
    }};
}

pub(crate) use check;

/// A table of what is found, and what is wrong with it.
pub(crate) fn checked(
    file: &str,
    source: &str,
    recorded: &Recorded,
    mutants: &[Mutant],
) -> (String, String) {
    let described = described(source);
    let (mut table, mut faults) = (String::new(), String::new());
    table.push_str(crate::table::HEAD);
    let written: Vec<_> = described.iter().map(|it| it.name.as_str()).collect();
    let given: Vec<_> = mutants.iter().map(|it| it.name).collect();
    assert_eq!(
        written, given,
        "the mutants of the file, and those to check"
    );
    for (mutant, described) in mutants.iter().zip(&described) {
        let checked = Check { file, described };
        let full = checked.full(mutant, &recorded.completed);
        let open = checked.part(mutant, &recorded.open);
        for fault in full.iter().chain(&open).filter_map(|it| it.as_ref().err()) {
            writeln!(faults, "{}: {fault}", described.name).expect("text is writable");
        }
        for fault in checked.beginnings(mutant, &recorded.completed) {
            writeln!(faults, "{}: {fault}", described.name).expect("text is writable");
        }
        let is_found_open = matches!(open, Some(Ok(Some(_))));
        table.push_str(&crate::table::row(described, &full, is_found_open));
    }
    (table, faults)
}

/// What a replay found; `Err` if that is not what was expected.
pub(crate) type Found = Option<Result<Option<Box<Finding>>, String>>;

/// Which causes may be given.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Causes {
    Named,
    Any,
}

struct Check<'a> {
    file: &'a str,
    described: &'a Described,
}

impl Check<'_> {
    /// The whole history, replayed twice.
    fn full(&self, mutant: &Mutant, history: &History) -> Found {
        let finding = self.replay(&mutant.replayer.clone().replay_twice(), history);
        let judged = match (&self.described.expected, &finding) {
            (None, None) => Ok(()),
            (None, Some(finding)) => Err(format!("must pass: {}", words(finding))),
            (Some(expected), None) => Err(format!("not found: {expected:?}")),
            (Some(expected), Some(finding)) => {
                self.judge(expected, finding, history, Causes::Named)
            }
        };
        Some(judged.map(|()| finding))
    }

    /// What is found; the same is found where interceptors are around the workflow that change nothing.
    fn replay(&self, replayer: &Replayer, history: &History) -> Option<Box<Finding>> {
        let found = replay(replayer, history);
        let intercepted = replayer.clone().workflow_interceptor(|_| PassOn);
        let intercepted = intercepted.workflow_interceptor(|_| PutAround);
        let found_within = replay(&intercepted, history);
        if !self.draws() {
            let all_words = |found: &Option<Box<Finding>>| found.as_deref().map(words);
            assert_eq!(
                all_words(&found),
                all_words(&found_within),
                "with interceptors"
            );
        }
        found
    }

    /// A history that does not go as far: what has not happened yet cannot be found.
    fn part(&self, mutant: &Mutant, history: &History) -> Found {
        let finding = self.replay(&mutant.replayer.clone().replay_twice(), history);
        let judged = match (&self.described.expected, &finding) {
            (_, None) => self.may_pass(history),
            (None, Some(finding)) => Err(format!("must pass while open: {}", words(finding))),
            // Which of two ways it goes is chance, and so is what is found first.
            (Some(_), Some(finding)) if self.draws() => is_unsteady(finding),
            (Some(expected), Some(finding)) => {
                // The causes are those that what there is of the history shows.
                self.judge(expected, finding, history, Causes::Any)
            }
        };
        Some(judged.map(|()| finding))
    }

    /// The history up to each of its events: a finding is the same in each, and there as soon as the
    /// event is.
    fn beginnings(&self, mutant: &Mutant, history: &History) -> Vec<String> {
        let is_random = |expected: &Expected| expected.kind == FindingKind::NotDeterministic;
        if self.described.expected.as_ref().is_some_and(is_random) || self.draws() {
            return Vec::new();
        }
        let whole = self.replay(&mutant.replayer, history);
        let mut faults = Vec::new();
        let ids = history.events.iter().map(|event| event.event_id);
        for last in ids.skip(2) {
            let finding = self.replay(&mutant.replayer.clone().until_event(last), history);
            match (&finding, &whole) {
                (None, None) => {}
                (None, Some(whole)) => {
                    let at = whole.event.as_ref().map(|event| event.event_id);
                    // Code that fails is run with the workflow task that was completed.
                    let failed = whole.task_started_event_id;
                    let failed = failed.filter(|_| whole.kind == FindingKind::CodeFailed);
                    let at = at.max(failed.map(|started| started + 1));
                    // A workflow task with its commands is left out as a whole.
                    if at.is_some_and(|at| at <= last && is_whole(history, last)) {
                        faults.push(format!("not found up to event {last}: {}", words(whole)));
                    }
                }
                (Some(part), None) => {
                    faults.push(format!("up to event {last} only: {}", words(part)));
                }
                (Some(part), Some(whole)) => {
                    let event = |it: &Finding| it.event.as_ref().map(|event| event.event_id);
                    if (event(part), &part.place) != (event(whole), &whole.place) {
                        let (part, whole) = (words(part), words(whole));
                        faults.push(format!("up to event {last}: {part}\n  in all: {whole}"));
                    }
                }
            }
        }
        faults
    }

    /// The mutant goes another way each time.
    fn draws(&self) -> bool {
        self.described.change.contains("random") || self.described.change.contains("hash")
    }

    fn may_pass(&self, history: &History) -> Result<(), String> {
        match &self.described.expected {
            Some(expected) if event_id(history, &expected.event).is_some() => {
                Err(format!("not found while open: {expected:?}"))
            }
            _ => Ok(()),
        }
    }

    fn judge(
        &self,
        expected: &Expected,
        finding: &Finding,
        history: &History,
        causes: Causes,
    ) -> Result<(), String> {
        let event = finding.event.as_ref().map(|event| event.event_id);
        // What comes too early at the end of an open history stands before an event to come.
        let end = history.events.last().map_or(0, |event| event.event_id) + 1;
        let meant = match expected.event.as_str() {
            "" => None,
            words => Some(event_id(history, words).unwrap_or(end)),
        };
        let place = finding.place.as_ref();
        let is_there = place.is_some_and(|it| it.file == self.file && it.line == expected.line);
        // Rules are as sure as they can be: of code that waits for each call not much is seen.
        let is_named = finding.causes.iter().any(|it| it.kind == expected.cause);
        // Where an order is that of a hash, it differs from the recorded one anywhere.
        let is_event = expected.event == "any" || event == meant;
        let is_cause = is_named || causes == Causes::Any;
        let is_meant = finding.kind == expected.kind && is_event && is_there && is_cause;
        match is_meant {
            true => Ok(()),
            false => Err(format!("expected {expected:?}\n  found {}", words(finding))),
        }
    }
}

fn is_unsteady(finding: &Finding) -> Result<(), String> {
    let mut kinds = finding.causes.iter().map(|cause| cause.kind);
    match kinds.any(|kind| kind == CauseKind::NotDeterministic) {
        true => Ok(()),
        false => Err(format!(
            "must be found not deterministic: {}",
            words(finding)
        )),
    }
}

/// Whether no command event comes after this one.
fn is_whole(history: &History, last: i64) -> bool {
    let at = history
        .events
        .partition_point(|event| event.event_id <= last);
    let next = history.events.get(at);
    next.is_none_or(|event| !durably::replay::is_command_event(event))
}

fn words(finding: &Finding) -> String {
    let Finding {
        kind,
        event,
        place,
        problem,
        causes,
        ..
    } = finding;
    let causes: Vec<_> = causes
        .iter()
        .map(|cause| (cause.kind, cause.likelihood))
        .collect();
    let place = place.as_ref().map(ToString::to_string);
    let event = event.as_ref().map(|event| event.event_id);
    format!("{kind:?} at event {event:?}, {place:?}, {causes:?}: {problem}")
}

fn replay(replayer: &Replayer, history: &History) -> Option<Box<Finding>> {
    let recorded = RecordedHistory::new(Place::named("order-7.json"), history.clone());
    match replayer.replay(recorded) {
        Ok(_) => None,
        Err(ReplayFailure::Failed(mut summary)) => Some(
            summary
                .histories
                .remove(0)
                .finding
                .expect("a failure is examined"),
        ),
        Err(other) => panic!("{other}"),
    }
}
