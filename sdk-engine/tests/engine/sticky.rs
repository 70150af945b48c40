//! Cached runs: increments, legacy queries between tasks, what is delivered again
//! (protocol 2.3, 2.6, 5.1, 12.14).

use durably_engine::{Completion, Query, Run, WorkflowTask};
use durably_protos::temporal::api::history::v1::HistoryEvent;

use crate::support::check::{execute, run_of, task};
use crate::support::fixture::history;
use crate::support::script::ScriptedWorkflow;
use crate::support::text::completion_text;
use crate::support::workflow;

/// Starts a timer, notes its firing and every signal, ends with the third note.
fn noter() -> ScriptedWorkflow {
    workflow(async |run| {
        let fired = run.timer(60).await;
        run.note(format!("{fired:?} at {}", run.seconds()));
        run.logged(3).await;
        run.complete_with_log()
    })
}

const HISTORY: &str = "WorkflowExecutionStarted | WorkflowTask | TimerStarted 1
    WorkflowExecutionSignaled a | WorkflowTask | TimerFired 1
    WorkflowExecutionSignaled b | WorkflowTaskScheduled | WorkflowTaskStarted";

fn legacy(name: &str) -> WorkflowTask {
    WorkflowTask {
        started_event_id: 0,
        queries: vec![Query {
            id: String::new(),
            name: name.to_owned(),
            arguments: Vec::new(),
            header: None,
        }],
        ..Default::default()
    }
}

fn ask(run: &mut Run, events: &[HistoryEvent]) -> String {
    completion_text(&execute(run, legacy("log"), events, usize::MAX))
}

fn step(run: &mut Run, started: i64, events: &[HistoryEvent]) -> String {
    completion_text(&execute(run, task(started), events, usize::MAX))
}

#[test]
fn a_legacy_query_with_an_empty_history_asks_the_cached_run() {
    let events = history(HISTORY);
    let mut run = run_of(&noter().rc());
    assert_eq!(step(&mut run, 3, &events[..3]), "StartTimer 1 60s");
    assert_eq!(ask(&mut run, &[]), "query = ");
    assert_eq!(step(&mut run, 8, &events[3..8]), "nothing");
    assert_eq!(ask(&mut run, &[]), "query = a");
    assert_eq!((run.last_event_id(), run.last_started_event_id()), (8, 8));
    assert_eq!(
        step(&mut run, 13, &events[8..]),
        "CompleteWorkflowExecution a,b,Ok(()) at 13"
    );
    assert_eq!(ask(&mut run, &[]), "query = a,b,Ok(()) at 13");
}

#[test]
fn a_query_without_any_history_cannot_be_answered() {
    let mut run = run_of(&noter().rc());
    assert!(
        ask(&mut run, &[])
            .ends_with("unusable history: the history is empty and the run is not cached")
    );
}

#[test]
fn a_run_built_for_a_query_takes_the_increment_that_repeats_its_last_events() {
    let events = history(HISTORY);
    for known in [5, 6, 9, 10, 11] {
        // The run's state is that after the last completed task, whatever else has happened.
        let mut run = run_of(&noter().rc());
        let expected = if known < 9 { "query = " } else { "query = a" };
        assert_eq!(ask(&mut run, &events[..known]), expected, "{known} events");
        let (started, next) = if known < 9 { (3, 8) } else { (8, 13) };
        assert_eq!(run.last_started_event_id(), started);
        // The increment begins after the last Started, as if the run had been cached since.
        let increment = &events[usize::try_from(started).unwrap()..next];
        let answer = step(&mut run, i64::try_from(next).unwrap(), increment);
        let expected = if next == 8 {
            "nothing"
        } else {
            "CompleteWorkflowExecution a,b,Ok(()) at 13"
        };
        assert_eq!(answer, expected, "{known} events");
    }
}

#[test]
fn a_query_with_full_history_leaves_a_cached_run_usable() {
    let events = history(HISTORY);
    let mut run = run_of(&noter().rc());
    assert_eq!(step(&mut run, 3, &events[..3]), "StartTimer 1 60s");
    assert_eq!(ask(&mut run, &events[..5]), "query = ");
    assert_eq!(step(&mut run, 8, &events[3..8]), "nothing");
    assert_eq!(ask(&mut run, &events[..10]), "query = a");
    assert_eq!(
        step(&mut run, 13, &events[8..]),
        "CompleteWorkflowExecution a,b,Ok(()) at 13"
    );
}

#[test]
fn queries_of_closed_runs_see_the_end() {
    let closed = history(&format!(
        "{HISTORY} | WorkflowTaskCompleted | WorkflowExecutionCompleted"
    ));
    let mut run = run_of(&noter().rc());
    assert_eq!(ask(&mut run, &closed), "query = a,b,Ok(()) at 13");
    for end in [
        "WorkflowTaskTimedOut | WorkflowExecutionTimedOut",
        "WorkflowTaskFailed | WorkflowExecutionTerminated",
        "WorkflowTaskFailed | WorkflowTaskScheduled",
    ] {
        let closed = history(&format!("{HISTORY} | {end}"));
        let mut run = run_of(&noter().rc());
        assert_eq!(ask(&mut run, &closed), "query = a", "{end}");
    }
}

#[test]
fn a_query_while_another_worker_executes_the_task_sees_the_state_before_it() {
    let mut run = run_of(&noter().rc());
    assert_eq!(ask(&mut run, &history(HISTORY)), "query = a");
}

#[test]
fn a_query_of_a_run_whose_code_diverges_fails() {
    let other = workflow(async |run| crate::support::complete(run.seconds().to_string()));
    let mut run = run_of(&other.rc());
    let answer = ask(
        &mut run,
        &history("WorkflowExecutionStarted | WorkflowTask | WorkflowExecutionSignaled a"),
    );
    assert!(
        answer.starts_with("WORKFLOW_TASK_FAILED_CAUSE_NON_DETERMINISTIC_ERROR"),
        "{answer}"
    );
}

#[test]
fn full_history_for_a_cached_run_is_taken_up_where_the_run_stands() {
    let events = history(HISTORY);
    let mut run = run_of(&noter().rc());
    assert_eq!(step(&mut run, 3, &events[..3]), "StartTimer 1 60s");
    assert_eq!(step(&mut run, 8, &events[..8]), "nothing");
    assert_eq!(
        step(&mut run, 13, &events),
        "CompleteWorkflowExecution a,b,Ok(()) at 13"
    );
}

#[test]
fn an_increment_that_does_not_follow_is_refused() {
    let events = history(HISTORY);
    let mut run = run_of(&noter().rc());
    assert_eq!(step(&mut run, 3, &events[..3]), "StartTimer 1 60s");
    let answer = step(&mut run, 13, &events[8..]);
    assert!(answer.contains("event 9 follows event 3"), "{answer}");
}

#[test]
fn a_task_executed_before_is_not_answered_twice() {
    // Attempt 2 of the same task has the same event ids; its commands were handed out before.
    let events = history(HISTORY);
    let mut run = run_of(&noter().rc());
    assert_eq!(step(&mut run, 3, &events[..3]), "StartTimer 1 60s");
    let answer = step(&mut run, 3, &events[..3]);
    assert!(
        answer.contains("the workflow task of event 3 was executed before"),
        "{answer}"
    );
}

#[test]
fn a_run_whose_executed_task_had_no_effect_is_refused() {
    for end in ["WorkflowTaskFailed", "WorkflowTaskTimedOut"] {
        let events = history(&format!(
            "WorkflowExecutionStarted | WorkflowTaskScheduled | WorkflowTaskStarted | {end}
             WorkflowExecutionSignaled a | WorkflowTaskScheduled | WorkflowTaskStarted"
        ));
        let mut run = run_of(&noter().rc());
        assert_eq!(step(&mut run, 3, &events[..3]), "StartTimer 1 60s");
        let answer = step(&mut run, 7, &events);
        assert!(
            answer.contains(&format!(
                "event 4 ({end}) says that the workflow task of event 3 had no effect"
            )),
            "{answer}"
        );
    }
}

#[test]
fn a_discarded_speculative_task_leaves_no_trace() {
    let text = "WorkflowExecutionStarted | WorkflowTask | TimerStarted 1 | WorkflowTaskScheduled | WorkflowTaskStarted";
    let speculative = history(text);
    let mut run = run_of(&noter().rc());
    assert_eq!(step(&mut run, 3, &speculative[..3]), "StartTimer 1 60s");
    assert_eq!(step(&mut run, 7, &speculative[3..]), "nothing");
    run.discard_speculative_task(3);
    assert_eq!((run.last_event_id(), run.last_started_event_id()), (5, 3));
    // Ids 6 and 7 are used again; events 4 and 5 are delivered again.
    let events = history(HISTORY);
    assert_eq!(step(&mut run, 8, &events[3..8]), "nothing");
    assert_eq!(
        step(&mut run, 13, &events[8..]),
        "CompleteWorkflowExecution a,b,Ok(()) at 13"
    );
}

#[test]
fn a_speculative_task_that_stayed_goes_on_as_any_other() {
    let text = "WorkflowExecutionStarted | WorkflowTask | TimerStarted 1 | WorkflowTask
        WorkflowExecutionSignaled a | WorkflowTaskScheduled | WorkflowTaskStarted";
    let events = history(text);
    let mut run = run_of(&noter().rc());
    assert_eq!(step(&mut run, 3, &events[..3]), "StartTimer 1 60s");
    assert_eq!(step(&mut run, 7, &events[3..7]), "nothing");
    assert_eq!(step(&mut run, 11, &events[7..]), "nothing");
    assert_eq!(ask(&mut run, &[]), "query = a");
}

#[test]
fn updates_are_rejected_without_a_command() {
    use durably_protos::temporal::api::protocol::v1::Message;
    let events = history("WorkflowExecutionStarted | WorkflowTaskScheduled | WorkflowTaskStarted");
    let mut run = run_of(&noter().rc());
    let message = Message {
        id: "u/request".to_owned(),
        protocol_instance_id: "u".to_owned(),
        body: Some(durably_protos::google::protobuf::Any {
            type_url: "type.googleapis.com/temporal.api.update.v1.Request".to_owned(),
            ..Default::default()
        }),
        ..Default::default()
    };
    let task = WorkflowTask {
        started_event_id: 3,
        messages: vec![message],
        ..Default::default()
    };
    let answer = execute(&mut run, task, &events, 9);
    assert!(matches!(answer, Completion::Completed(_)));
    assert_eq!(
        completion_text(&answer),
        "StartTimer 1 60s\nmessage u/request/reject of 0: unknown update"
    );
}
