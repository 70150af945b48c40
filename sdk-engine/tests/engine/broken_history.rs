//! Histories that no server writes, or that do not belong to the task (protocol 2.3, 2.4, 3.5).

use durably_engine::Completion;
use expect_test::{Expect, expect};

use crate::support::check::{execute, run_of, task};
use crate::support::fixture::history;
use crate::support::script::ScriptedWorkflow;
use crate::support::text::completion_text;
use crate::support::{check_failure, complete, workflow};

const OPEN: &str = "WorkflowTaskScheduled | WorkflowTaskStarted";

fn sleeper() -> ScriptedWorkflow {
    workflow(async |run| complete(format!("{:?}", run.timer(60).await)))
}

#[track_caller]
fn check_unusable(text: &str, expected: Expect) {
    let answer = crate::support::check::failure_of(text, sleeper());
    let cause = "WORKFLOW_TASK_FAILED_CAUSE_WORKFLOW_WORKER_UNHANDLED_FAILURE: unusable history: ";
    let reason = answer
        .strip_prefix(cause)
        .unwrap_or_else(|| panic!("{answer}"));
    expected.assert_eq(reason);
}

#[test]
fn events_that_are_missing_or_out_of_order() {
    check_unusable(
        &format!(
            "WorkflowExecutionStarted | WorkflowTask | Lost 1 | WorkflowExecutionSignaled a | {OPEN}"
        ),
        expect![
            "event 6 follows event 4: events are missing or out of order; fetch the history again"
        ],
    );
    check_unusable(
        &format!("Lost 3 | {OPEN}"),
        expect![
            "event 4 follows event 0: events are missing or out of order; fetch the history again"
        ],
    );
}

#[test]
fn a_history_begins_with_the_start_and_has_no_second_one() {
    check_unusable(
        &format!("WorkflowExecutionSignaled a | {OPEN}"),
        expect![
            "event 1 is WorkflowExecutionSignaled, a history begins with WorkflowExecutionStarted"
        ],
    );
    check_unusable(
        &format!("WorkflowExecutionStarted | WorkflowExecutionStarted | {OPEN}"),
        expect!["event 2 (WorkflowExecutionStarted) cannot stand where it stands"],
    );
}

#[test]
fn nothing_follows_the_end_of_a_run() {
    let done = workflow(async |_| complete(""));
    check_failure(
        &format!(
            "WorkflowExecutionStarted | WorkflowTask | WorkflowExecutionCompleted | WorkflowExecutionSignaled a | {OPEN}"
        ),
        done,
        expect![
            "WORKFLOW_TASK_FAILED_CAUSE_WORKFLOW_WORKER_UNHANDLED_FAILURE: unusable history: event 6 (WorkflowExecutionSignaled) cannot stand where it stands"
        ],
    );
}

#[test]
fn an_event_without_its_attributes() {
    let mut events = history(&format!(
        "WorkflowExecutionStarted | WorkflowExecutionSignaled a | {OPEN}"
    ));
    events[1].attributes = None;
    let answer = execute(&mut run_of(&sleeper().rc()), task(4), &events, 9);
    assert!(
        completion_text(&answer)
            .ends_with("event 2 (WorkflowExecutionSignaled) has no attributes of its type"),
        "{answer:?}"
    );
}

#[test]
fn a_history_that_ends_before_the_task() {
    let events = history(&format!(
        "WorkflowExecutionStarted | WorkflowTask | TimerStarted 1 | TimerFired 1 | {OPEN}"
    ));
    for length in [0, 2, 3, 4, 6, 7] {
        let answer = execute(&mut run_of(&sleeper().rc()), task(8), &events[..length], 2);
        let text = completion_text(&answer);
        assert!(
            text.contains("the workflow task was started by event 8; fetch the history again"),
            "{length}: {text}"
        );
    }
}

#[test]
fn a_history_that_goes_on_after_the_task() {
    // Another worker has the run by now: this task is void.
    let events = history(&format!(
        "WorkflowExecutionStarted | {OPEN} | WorkflowTaskTimedOut | {OPEN}"
    ));
    let answer = execute(&mut run_of(&sleeper().rc()), task(3), &events, 9);
    assert!(matches!(answer, Completion::Failed(_)), "{answer:?}");
}

#[test]
fn a_task_that_asks_for_nothing() {
    let mut run = run_of(&sleeper().rc());
    let events = history("WorkflowExecutionStarted | WorkflowTask | TimerStarted 1");
    let answer = execute(&mut run, task(0), &events, 9);
    expect!["WORKFLOW_TASK_FAILED_CAUSE_WORKFLOW_WORKER_UNHANDLED_FAILURE: the task has no Started event to execute, so it must carry one query; it carries 0"]
        .assert_eq(&completion_text(&answer));
}

#[test]
fn duplicates_between_pages_are_passed_over() {
    let text =
        format!("WorkflowExecutionStarted | WorkflowTask | TimerStarted 1 | TimerFired 1 | {OPEN}");
    let events = history(&text);
    for (first, second) in [(5, 0), (5, 3), (8, 6), (8, 0), (4, 2)] {
        let mut run = run_of(&sleeper().rc());
        run.begin(task(8));
        run.push_events(events[..first].to_vec())
            .expect("the history fits");
        run.push_last_events(events[second..].to_vec());
        run.replay().expect("the history fits");
        assert_eq!(
            completion_text(&run.finish()),
            "CompleteWorkflowExecution Ok(())"
        );
    }
}
