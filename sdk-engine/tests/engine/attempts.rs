//! Workflow tasks that failed or timed out, ignorable events, paging in awkward places
//! (protocol 2.6, 3.2, 3.4, 12).

use expect_test::expect;

use crate::support::script::ScriptedWorkflow;
use crate::support::{check, check_failure, workflow};

const OPEN: &str = "WorkflowTaskScheduled | WorkflowTaskStarted";

/// Notes the time whenever it is woken, and what the server says of the history.
fn clock() -> ScriptedWorkflow {
    workflow(async |run| {
        let tell = |run: &crate::support::Script| {
            let (length, size) = (run.ctx.history_length(), run.ctx.history_size_bytes());
            let suggested = run.ctx.continue_as_new_suggested();
            run.note(format!("{} {length} {size} {suggested}", run.seconds()));
        };
        tell(&run);
        run.logged(2).await;
        tell(&run);
        run.logged(4).await;
        run.complete_with_log()
    })
}

#[test]
fn the_time_and_figures_of_attempts_that_failed_are_not_seen() {
    for attempts in [
        format!("{OPEN} | WorkflowTaskFailed"),
        format!("{OPEN} | WorkflowTaskTimedOut"),
        "WorkflowTaskScheduled | WorkflowTaskTimedOut | WorkflowExecutionPaused".to_owned(),
    ] {
        check(
            &format!(
                "WorkflowExecutionStarted | {attempts} | WorkflowTaskScheduled | WorkflowTaskStarted suggests
                 WorkflowTaskCompleted | WorkflowExecutionSignaled a
                 WorkflowTaskScheduled | WorkflowTaskStarted suggests | WorkflowTaskFailed
                 WorkflowExecutionSignaled b | {OPEN}"
            ),
            clock(),
            expect!["CompleteWorkflowExecution 6 6 600 true,a,b,14 14 1400 false"],
        );
    }
}

#[test]
fn signals_around_a_failed_attempt_belong_to_one_task() {
    let main = workflow(async |run| {
        run.logged(1).await;
        run.note(format!("at {}", run.seconds()));
        run.complete_with_log()
    });
    check(
        &format!(
            "WorkflowExecutionStarted | WorkflowTask | WorkflowExecutionSignaled a | {OPEN} | WorkflowTaskTimedOut
             WorkflowExecutionSignaled b | {OPEN}"
        ),
        main,
        expect!["CompleteWorkflowExecution a,b,at 11"],
    );
}

#[test]
fn ignorable_events_may_stand_anywhere() {
    let main = || {
        workflow(async |run| {
            let _ = run.timer(1).await;
            run.note(format!("at {}", run.seconds()));
            run.complete_with_log()
        })
    };
    for event in [
        "WorkflowExecutionPaused",
        "WorkflowExecutionOptionsUpdated",
        "Unknown 4711 ignorable",
    ] {
        check(
            &format!(
                "WorkflowExecutionStarted | {event} | WorkflowTaskScheduled | {event} | WorkflowTaskStarted | {event}
                 WorkflowTaskCompleted | {event} | TimerStarted 1 | {event} | TimerFired 1
                 WorkflowTaskScheduled | WorkflowTaskStarted | {event}"
            ),
            main(),
            expect!["CompleteWorkflowExecution at 13"],
        );
        check(
            &format!(
                "WorkflowExecutionStarted | WorkflowTask | TimerStarted 1 | {event} | TimerFired 1
                 {OPEN} | {event} | WorkflowTaskFailed | {OPEN}"
            ),
            main(),
            expect!["CompleteWorkflowExecution at 13"],
        );
    }
}

#[test]
fn unknown_events_that_must_not_be_ignored_fail_the_task() {
    let main = workflow(async |run| run.complete_with_log());
    check_failure(
        &format!("WorkflowExecutionStarted | Unknown 4711 | {OPEN}"),
        main,
        expect![
            "WORKFLOW_TASK_FAILED_CAUSE_WORKFLOW_WORKER_UNHANDLED_FAILURE: unusable history: event 2 has type number 4711, which this version of durably does not know; upgrade the worker"
        ],
    );
}

#[test]
fn randomness_changes_exactly_at_a_reset() {
    let main = || {
        workflow(async |run| {
            let kept = run.ctx.random();
            run.note(format!("{:x}", kept.u64()));
            run.logged(2).await;
            run.note(format!("{:x}", kept.u64()));
            run.note(run.ctx.uuid().to_string());
            run.complete_with_log()
        })
    };
    let start = "WorkflowExecutionStarted | WorkflowTask";
    let reset = "WorkflowTaskScheduled | WorkflowTaskStarted
        WorkflowTaskFailed reset 0198f1c2-2222-7000-8000-000000000002";
    check(
        &format!("{start} | WorkflowExecutionSignaled a | {OPEN}"),
        main(),
        expect![
            "CompleteWorkflowExecution 89a6366a1ffe1cc7,a,36accb1e5c439630,e906bcde-3a25-4d3d-807a-3e162866b3ff"
        ],
    );
    // A failure that is no reset changes nothing.
    check(
        &format!("{start} | {OPEN} | WorkflowTaskFailed | WorkflowExecutionSignaled a | {OPEN}"),
        main(),
        expect![
            "CompleteWorkflowExecution 89a6366a1ffe1cc7,a,36accb1e5c439630,e906bcde-3a25-4d3d-807a-3e162866b3ff"
        ],
    );
    check(
        &format!("{start} | {reset} | WorkflowExecutionSignaled a | {OPEN}"),
        main(),
        expect![
            "CompleteWorkflowExecution 89a6366a1ffe1cc7,a,4b7a865d00a2627d,be698d3e-cf36-4a1c-8134-3659d9b2e69a"
        ],
    );
    // Twice: each reset at its place.
    check(
        &format!(
            "WorkflowExecutionStarted | {reset} | WorkflowTask
             WorkflowTaskScheduled | WorkflowTaskStarted | WorkflowTaskFailed reset 0198f1c2-3333-7000-8000-000000000003
             WorkflowExecutionSignaled a | {OPEN}"
        ),
        main(),
        expect!["CompleteWorkflowExecution 4b7a865d00a2627d,a,d80c560dacf0c83c,921f74c0-0c44-41c8-8adc-0510936719b5"],
    );
}

#[test]
fn histories_of_core_family_sdks_are_cut_as_those_sdks_cut_them() {
    // The empty first task is merged with the second: so the code's first look at the clock.
    check(
        &format!(
            "WorkflowExecutionStarted | WorkflowTaskScheduled | WorkflowTaskStarted | WorkflowTaskCompleted temporal-python
             WorkflowTaskScheduled | WorkflowTaskStarted | WorkflowTaskCompleted | WorkflowExecutionSignaled a
             WorkflowTaskScheduled | WorkflowTaskStarted | WorkflowTaskCompleted | WorkflowExecutionSignaled b | {OPEN}"
        ),
        clock(),
        expect!["CompleteWorkflowExecution 6 6 600 false,a,10 10 1000 false,b"],
    );
    check(
        &format!(
            "WorkflowExecutionStarted | WorkflowTaskScheduled | WorkflowTaskStarted | WorkflowTaskCompleted durably
             WorkflowTaskScheduled | WorkflowTaskStarted | WorkflowTaskCompleted | WorkflowExecutionSignaled a
             WorkflowTaskScheduled | WorkflowTaskStarted | WorkflowTaskCompleted | WorkflowExecutionSignaled b | {OPEN}"
        ),
        clock(),
        expect!["CompleteWorkflowExecution 3 3 300 false,a,10 10 1000 false,b"],
    );
}
