//! Code that does not do what history says it did (protocol 3.6, 3.7).

use expect_test::{Expect, expect};

use crate::support::script::ScriptedWorkflow;
use crate::support::{check_failure, complete, fail, workflow};

const OPEN: &str = "WorkflowTaskScheduled | WorkflowTaskStarted";

/// The report of a divergence without what all of them have in common; places are reduced to the
/// file, so that tests do not depend on lines.
#[track_caller]
fn check_divergence(text: &str, workflow: ScriptedWorkflow, expected: Expect) {
    let answer = crate::support::check::failure_of(text, workflow);
    let report = answer
        .strip_prefix(
            "WORKFLOW_TASK_FAILED_CAUSE_NON_DETERMINISTIC_ERROR: [TMPRL1100] nondeterminism: ",
        )
        .unwrap_or_else(|| panic!("{answer}"));
    let report = report.replace(
        "; the workflow's code changed in a way that running workflows cannot follow: undo the change or guard it with a patch",
        "",
    );
    let (place, rest) = report.split_once(": ").unwrap_or(("", &report));
    match place.strip_prefix(file!()) {
        Some(_) => expected.assert_eq(&format!("HERE: {rest}")),
        None => expected.assert_eq(&report),
    }
}

fn charge_then_sleep() -> ScriptedWorkflow {
    workflow(async |run| {
        let _ = run.activity("charge").await;
        let _ = run.timer(60).await;
        complete("done")
    })
}

#[test]
fn another_command_than_recorded() {
    check_divergence(
        &format!(
            "WorkflowExecutionStarted | WorkflowTask | TimerStarted 1 | TimerFired 1 | {OPEN}"
        ),
        charge_then_sleep(),
        expect![
            "HERE: code issues ScheduleActivityTask \"charge\" (id 1), history (event 5) has TimerStarted (id 1)"
        ],
    );
}

#[test]
fn the_same_command_for_another_thing() {
    check_divergence(
        &format!("WorkflowExecutionStarted | WorkflowTask | ActivityTaskScheduled 1 ship | {OPEN}"),
        charge_then_sleep(),
        expect![
            "HERE: code issues ScheduleActivityTask \"charge\" (id 1), history (event 5) has ActivityTaskScheduled \"ship\" (id 1): activity type is \"ship\" in history and \"charge\" in the code"
        ],
    );
    check_divergence(
        &format!(
            "WorkflowExecutionStarted | WorkflowTask | ActivityTaskScheduled 7 charge | {OPEN}"
        ),
        charge_then_sleep(),
        expect![
            "HERE: code issues ScheduleActivityTask \"charge\" (id 1), history (event 5) has ActivityTaskScheduled \"charge\" (id 7): activity id is \"7\" in history and \"1\" in the code"
        ],
    );
    let timer = || workflow(async |run| complete(format!("{:?}", run.timer(60).await)));
    check_divergence(
        &format!("WorkflowExecutionStarted | WorkflowTask | TimerStarted 2 | {OPEN}"),
        timer(),
        expect![
            "HERE: code issues StartTimer (id 1, 60s), history (event 5) has TimerStarted (id 2): timer id is \"2\" in history and \"1\" in the code"
        ],
    );
    let canceled = workflow(async |run| {
        let (_one, two) = (run.timer(1), run.timer(2));
        run.logged(1).await;
        drop(two);
        run.logged(2).await;
        complete("done")
    });
    check_divergence(
        &format!(
            "WorkflowExecutionStarted | WorkflowTask | TimerStarted 1 | TimerStarted 2
             WorkflowExecutionSignaled a | WorkflowTask | TimerCanceled 1 | {OPEN}"
        ),
        canceled,
        expect![
            "HERE: code issues CancelTimer (id 2), history (event 11) has TimerCanceled (id 1): timer id is \"1\" in history and \"2\" in the code"
        ],
    );
}

#[test]
fn a_recorded_command_that_the_code_does_not_issue() {
    check_divergence(
        &format!(
            "WorkflowExecutionStarted | WorkflowTask | ActivityTaskScheduled 1 charge | TimerStarted 1 | {OPEN}"
        ),
        charge_then_sleep(),
        expect!["history (event 6) has TimerStarted (id 1), the code issued no command for it"],
    );
    check_divergence(
        "WorkflowExecutionStarted | WorkflowTask | ActivityTaskScheduled 1 charge | WorkflowExecutionSignaled a
         WorkflowTask | WorkflowExecutionCompleted",
        charge_then_sleep(),
        expect!["history (event 10) has WorkflowExecutionCompleted, the code issued no command for it"],
    );
}

#[test]
fn a_command_that_was_not_recorded() {
    // In the middle of the history, and at its very end.
    let report = "HERE: code issues ScheduleActivityTask \"charge\" (id 1), which history does not have before event";
    for (rest, expected) in [
        (
            format!("WorkflowExecutionSignaled a | {OPEN}"),
            expect![[
                r#"HERE: code issues ScheduleActivityTask "charge" (id 1), which history does not have before event 5 (WorkflowExecutionSignaled "a")"#
            ]],
        ),
        (
            "WorkflowExecutionSignaled a".to_owned(),
            expect![[
                r#"HERE: code issues ScheduleActivityTask "charge" (id 1), which history does not have before event 5 (WorkflowExecutionSignaled "a")"#
            ]],
        ),
        (
            String::new(),
            expect![[
                r#"HERE: code issues ScheduleActivityTask "charge" (id 1), which history does not have before event 5 (the end of the history)"#
            ]],
        ),
        (
            "WorkflowExecutionTerminated".to_owned(),
            expect![[
                r#"HERE: code issues ScheduleActivityTask "charge" (id 1), which history does not have before event 5 (WorkflowExecutionTerminated)"#
            ]],
        ),
    ] {
        assert!(expected.data.contains(report));
        check_divergence(
            &format!("WorkflowExecutionStarted | WorkflowTask | {rest}"),
            charge_then_sleep(),
            expected,
        );
    }
}

#[test]
fn another_end_than_recorded() {
    check_divergence(
        "WorkflowExecutionStarted | WorkflowTask | WorkflowExecutionCompleted",
        workflow(async |_| fail("no")),
        expect![
            "code issues FailWorkflowExecution, history (event 5) has WorkflowExecutionCompleted"
        ],
    );
    check_divergence(
        "WorkflowExecutionStarted | WorkflowTask | WorkflowExecutionContinuedAsNew",
        workflow(async |_| complete("")),
        expect![
            "code issues CompleteWorkflowExecution, history (event 5) has WorkflowExecutionContinuedAsNew"
        ],
    );
}

#[test]
fn an_end_that_was_not_recorded() {
    let early = || workflow(async |_| complete("early"));
    check_divergence(
        &format!("WorkflowExecutionStarted | WorkflowTask | TimerStarted 1 | {OPEN}"),
        early(),
        expect!["code issues CompleteWorkflowExecution, history (event 5) has TimerStarted (id 1)"],
    );
    check_divergence(
        &format!("WorkflowExecutionStarted | WorkflowTask | WorkflowExecutionSignaled a | {OPEN}"),
        early(),
        expect![[
            r#"code issues CompleteWorkflowExecution, which history does not have before event 5 (WorkflowExecutionSignaled "a")"#
        ]],
    );
    let late_command = workflow(async |run| {
        run.logged(1).await;
        run.activity("charge").detach();
        complete("early")
    });
    check_divergence(
        &format!(
            "WorkflowExecutionStarted | WorkflowTask | WorkflowExecutionSignaled a | WorkflowTask
             ActivityTaskScheduled 1 charge | TimerStarted 1 | {OPEN}"
        ),
        late_command,
        expect![
            "code issues CompleteWorkflowExecution, history (event 10) has TimerStarted (id 1)"
        ],
    );
}

#[test]
fn results_of_what_the_code_did_not_start() {
    check_divergence(
        &format!(
            "WorkflowExecutionStarted | WorkflowTask | ActivityTaskScheduled 1 charge | ActivityTaskCompleted 3 | {OPEN}"
        ),
        charge_then_sleep(),
        expect![
            "history (event 6) has ActivityTaskCompleted for event 3, which the code did not start"
        ],
    );
    check_divergence(
        &format!(
            "WorkflowExecutionStarted | WorkflowTask | ActivityTaskScheduled 1 charge | TimerFired 1 | {OPEN}"
        ),
        charge_then_sleep(),
        expect![
            "history (event 6) has TimerFired (id 1), which does not fit timer 1, which the code did not start or which has ended"
        ],
    );
    check_divergence(
        &format!(
            "WorkflowExecutionStarted | WorkflowTask | ActivityTaskScheduled 1 charge | TimerFired 5x | {OPEN}"
        ),
        charge_then_sleep(),
        expect![
            "history (event 6) has TimerFired (id 5x) for event 0, which the code did not start"
        ],
    );
    check_divergence(
        &format!(
            "WorkflowExecutionStarted | WorkflowTask | ActivityTaskScheduled 1 charge
             ActivityTaskCompleted 1 | ActivityTaskCompleted 1 | {OPEN}"
        ),
        charge_then_sleep(),
        expect![
            "history (event 7) has ActivityTaskCompleted for event 5, which the code did not start"
        ],
    );
    check_divergence(
        &format!(
            "WorkflowExecutionStarted | WorkflowTask | ActivityTaskScheduled 1 charge | ActivityTaskCanceled 1 | {OPEN}"
        ),
        charge_then_sleep(),
        expect![
            "history (event 6) has ActivityTaskCanceled, which does not fit activity 1 in state Open"
        ],
    );
    check_divergence(
        &format!(
            "WorkflowExecutionStarted | WorkflowTask | ActivityTaskScheduled 1 charge | MarkerRecorded x | {OPEN}"
        ),
        charge_then_sleep(),
        expect![[
            r#"history (event 6) has MarkerRecorded (patch "x"), the code issued no command for it"#
        ]],
    );
}

#[test]
fn a_divergence_found_by_a_cached_run_reads_the_same() {
    let events = crate::support::fixture::history(&format!(
        "WorkflowExecutionStarted | WorkflowTask | TimerStarted 1 | WorkflowExecutionSignaled a | {OPEN}"
    ));
    let workflow = charge_then_sleep().rc();
    let mut run = crate::support::check::run_of(&workflow);
    let first =
        crate::support::check::execute(&mut run, crate::support::check::task(3), &events[..3], 9);
    assert_eq!(
        crate::support::text::completion_text(&first),
        "ScheduleActivityTask 1 charge"
    );
    let second =
        crate::support::check::execute(&mut run, crate::support::check::task(8), &events[3..], 9);
    let text = crate::support::text::completion_text(&second);
    assert!(
        text.contains("(id 1), history (event 5) has TimerStarted (id 1)"),
        "{text}"
    );
    // The run is of no use any more, and says so.
    let third =
        crate::support::check::execute(&mut run, crate::support::check::task(8), &events[3..], 9);
    let text = crate::support::text::completion_text(&third);
    assert!(
        text.ends_with("this run failed earlier and must be evicted"),
        "{text}"
    );
}

#[test]
fn check_failure_covers_every_page_size() {
    check_failure(
        &format!("WorkflowExecutionStarted | WorkflowTask | MarkerRecorded x | {OPEN}"),
        workflow(async |_| complete("")),
        expect![[
            r#"WORKFLOW_TASK_FAILED_CAUSE_NON_DETERMINISTIC_ERROR: [TMPRL1100] nondeterminism: code issues CompleteWorkflowExecution, history (event 5) has MarkerRecorded (patch "x"); the workflow's code changed in a way that running workflows cannot follow: undo the change or guard it with a patch"#
        ]],
    );
}
