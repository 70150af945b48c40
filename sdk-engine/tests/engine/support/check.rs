//! Runs workflows against histories in every way that a worker might, and compares the answers.

use std::rc::Rc;

use durably_engine::{Completion, Run, RunError, Workflow, WorkflowTask};
use durably_protos::temporal::api::enums::v1::EventType;
use durably_protos::temporal::api::history::v1::HistoryEvent;
use expect_test::Expect;

use super::fixture::{RUN_ID, history};
use super::script::ScriptedWorkflow;
use super::text::{completion_text, event_key};

pub(crate) fn run_of(workflow: &Rc<dyn Workflow>) -> Run {
    Run::new(workflow.clone(), "default", "workflow", RUN_ID)
}

/// The task that an event started.
pub(crate) fn task(started_event_id: i64) -> WorkflowTask {
    WorkflowTask {
        started_event_id,
        ..Default::default()
    }
}

/// Pushes events in pages of a size, then finishes the task.
pub(crate) fn execute(
    run: &mut Run,
    task: WorkflowTask,
    events: &[HistoryEvent],
    page: usize,
) -> Completion {
    run.begin(task);
    for page in events.chunks(page) {
        // A failed push makes `finish` fail too; its error is the first one.
        if let Err(error) = run.push_events(page.to_vec()) {
            return failed(&error);
        }
    }
    run.finish()
}

fn failed(error: &RunError) -> Completion {
    Completion::Failed(durably_engine::WorkflowTaskFailure {
        cause: error.cause(),
        failure: error.to_failure(),
    })
}

/// The workflow tasks of a history that took effect: the number of events up to each Started.
pub(crate) fn completed_tasks(events: &[HistoryEvent]) -> Vec<usize> {
    let next = |index: usize| events[index + 1..].iter().find(|event| !ignorable(event));
    (0..events.len())
        .filter(|&index| events[index].event_type() == EventType::WorkflowTaskStarted)
        .filter(|&index| {
            next(index).is_some_and(|event| event.event_type() == EventType::WorkflowTaskCompleted)
        })
        .map(|index| index + 1)
        .collect()
}

fn ignorable(event: &HistoryEvent) -> bool {
    event.worker_may_ignore
        || matches!(
            event.event_type(),
            EventType::WorkflowExecutionPaused | EventType::WorkflowExecutionOptionsUpdated
        )
}

/// The commands recorded after the first `length` events, which end with a Started.
pub(crate) fn recorded_commands(events: &[HistoryEvent], length: usize) -> Vec<String> {
    let after = events[length..].iter().filter(|event| !ignorable(event));
    after.skip(1).map_while(event_key).collect()
}

fn is_open(events: &[HistoryEvent]) -> bool {
    let last = events.iter().rfind(|event| !ignorable(event));
    last.is_some_and(|event| event.event_type() == EventType::WorkflowTaskStarted)
}

/// The id of the Started with which a history ends; else 0.
pub(crate) fn open_task(events: &[HistoryEvent]) -> i64 {
    let last = events.iter().rfind(|event| !ignorable(event));
    last.filter(|_| is_open(events))
        .map_or(0, |event| event.event_id)
}

/// Checks what a workflow does with a history that fits it.
///
/// A history that ends with WorkflowTaskStarted: `expected` is the answer to that task, all of
/// it. Else it is that the history was replayed to its end. Beside that
/// * the history is given page by page, with pages of 1, 2, 3 events and as a whole;
/// * every completed task in it is executed anew, from the history before it and by a cached run
///   that is given increments: each must answer what was recorded, no more and no less.
#[track_caller]
pub(crate) fn check(text: &str, workflow: ScriptedWorkflow, expected: Expect) {
    let (events, workflow) = (history(text), workflow.rc());
    let answer = answer_in_every_way(&events, &workflow);
    replay_every_prefix(&events, &workflow);
    expected.assert_eq(&answer);
}

/// Checks how a workflow fails on a history.
#[track_caller]
pub(crate) fn check_failure(text: &str, workflow: ScriptedWorkflow, expected: Expect) {
    let (events, workflow) = (history(text), workflow.rc());
    let answer = answer_in_every_way(&events, &workflow);
    expected.assert_eq(&without_lines(&answer));
}

/// Places of the tests without their lines, which formatting moves.
fn without_lines(answer: &str) -> String {
    let words = answer.split(' ').map(|word| match word.split_once(".rs:") {
        Some((file, _)) => format!("{file}.rs:"),
        None => word.to_owned(),
    });
    words.collect::<Vec<_>>().join(" ")
}

/// How a workflow fails on a history, as text.
#[track_caller]
pub(crate) fn failure_of(text: &str, workflow: ScriptedWorkflow) -> String {
    answer_in_every_way(&history(text), &workflow.rc())
}

#[track_caller]
fn answer_in_every_way(events: &[HistoryEvent], workflow: &Rc<dyn Workflow>) -> String {
    let whole = answer(events, workflow, usize::MAX);
    for page in [1, 2, 3] {
        assert_eq!(
            answer(events, workflow, page),
            whole,
            "with pages of {page} events"
        );
    }
    whole
}

fn answer(events: &[HistoryEvent], workflow: &Rc<dyn Workflow>, page: usize) -> String {
    let mut run = run_of(workflow);
    let open = open_task(events);
    if open != 0 {
        return completion_text(&execute(&mut run, task(open), events, page));
    }
    let mut pages = events.chunks(page.min(events.len()));
    let replayed = pages
        .try_for_each(|page| run.push_events(page.to_vec()))
        .and_then(|()| run.finish_replay());
    match replayed {
        Ok(()) => "replayed".to_owned(),
        Err(error) => completion_text(&failed(&error)),
    }
}

/// Executes every completed task of a history anew: from the history before it, and by a run that
/// is given increments. Updates and the ends of local activities come as they were recorded.
#[track_caller]
pub(crate) fn replay_every_prefix(events: &[HistoryEvent], workflow: &Rc<dyn Workflow>) {
    let mut cached = run_of(workflow);
    let mut known = 0;
    for length in completed_tasks(events) {
        let started = events[length - 1].event_id;
        let recorded = recorded_commands(events, length);
        let (before, rest) = events.split_at(length);
        let mut fresh = run_of(workflow);
        let completion = fresh.execute_recorded(started, before.to_vec(), rest);
        assert_eq!(
            keys(&completion),
            recorded,
            "the task started by event {started}, from history"
        );
        let increment = before[known..].to_vec();
        let completion = cached.execute_recorded(started, increment, rest);
        assert_eq!(
            keys(&completion),
            recorded,
            "the task started by event {started}, cached"
        );
        known = length;
        // Another worker executes the tasks after this one: the run follows.
        fresh.begin(WorkflowTask::default());
        fresh.push_last_events(rest.to_vec());
        let followed = fresh.finish_replay();
        assert_eq!(
            followed,
            Ok(()),
            "after the task started by event {started}"
        );
    }
}

#[track_caller]
fn keys(completion: &Completion) -> Vec<String> {
    match completion {
        Completion::Completed(completed) => completed
            .commands
            .iter()
            .map(super::text::command_key)
            .collect(),
        other => panic!("{}", completion_text(other)),
    }
}
