//! Child workflows: start, end, cancellation in every state (protocol 4.4).

use durably_engine::ChildCancellationType as Cancel;
use expect_test::expect;

use crate::support::script::ScriptedWorkflow;
use crate::support::script_more::started;
use crate::support::{check, check_failure, child_said, complete, workflow};

const FIRST: &str = "WorkflowExecutionStarted | WorkflowTaskScheduled | WorkflowTaskStarted";
const LAST: &str = "WorkflowTaskScheduled | WorkflowTaskStarted";
const INITIATED: &str =
    "WorkflowExecutionStarted | WorkflowTask | StartChildWorkflowExecutionInitiated one kind";
const KINDS: [Cancel; 4] = [
    Cancel::Abandon,
    Cancel::TryCancel,
    Cancel::WaitCancellationCompleted,
    Cancel::WaitCancellationRequested,
];

/// Starts a child, notes that it started and how it ended.
fn parent() -> ScriptedWorkflow {
    workflow(async |run| {
        let mut child = run.child("one", Cancel::default());
        run.note(started(&mut child).await);
        run.note(child_said(child.await));
        run.complete_with_log()
    })
}

#[test]
fn a_child_starts_and_its_result_comes_back() {
    check(
        FIRST,
        parent(),
        expect!["StartChildWorkflowExecution one kind"],
    );
    check(
        &format!("{INITIATED} | ChildWorkflowExecutionStarted one | {LAST}"),
        parent(),
        expect!["nothing"],
    );
    for between in ["", "WorkflowTask |"] {
        check(
            &format!(
                "{INITIATED} | ChildWorkflowExecutionStarted one | {between}
                 ChildWorkflowExecutionCompleted one result | {LAST}"
            ),
            parent(),
            expect!["CompleteWorkflowExecution one-run,result"],
        );
    }
}

#[test]
fn every_bad_end_says_what_it_was() {
    let ends =
        |end: &str| format!("{INITIATED} | ChildWorkflowExecutionStarted one | {end} | {LAST}");
    check(
        &ends("ChildWorkflowExecutionFailed one broke"),
        parent(),
        expect!["CompleteWorkflowExecution one-run,Child Workflow execution failed: broke"],
    );
    check(
        &ends("ChildWorkflowExecutionCanceled one"),
        parent(),
        expect!["CompleteWorkflowExecution one-run,Child Workflow execution canceled: canceled"],
    );
    check(
        &ends("ChildWorkflowExecutionTimedOut one"),
        parent(),
        expect!["CompleteWorkflowExecution one-run,Child Workflow execution timed out: timed out"],
    );
    check(
        &ends("ChildWorkflowExecutionTerminated one"),
        parent(),
        expect![
            "CompleteWorkflowExecution one-run,Child Workflow execution terminated: terminated"
        ],
    );
    check(
        &format!("{INITIATED} | StartChildWorkflowExecutionFailed one | {LAST}"),
        parent(),
        expect![[
            r#"CompleteWorkflowExecution Child Workflow execution could not be started: a workflow with id "one" exists already,Child Workflow execution could not be started: a workflow with id "one" exists already"#
        ]],
    );
}

#[test]
fn canceled_before_it_was_sent_it_leaves_no_command() {
    for kind in KINDS {
        let canceled = workflow(async move |run| {
            let mut child = run.child("one", kind);
            child.cancel();
            child.cancel();
            run.note(started(&mut child).await);
            run.note(child_said(child.await));
            drop(run.child("dropped", kind));
            run.note(child_said(run.child("two", kind).await));
            run.complete_with_log()
        });
        check(
            &format!(
                "WorkflowExecutionStarted | WorkflowTask | StartChildWorkflowExecutionInitiated two kind
                 ChildWorkflowExecutionStarted two | ChildWorkflowExecutionCompleted two done | {LAST}"
            ),
            canceled,
            expect!["CompleteWorkflowExecution Child Workflow execution canceled: canceled,Child Workflow execution canceled: canceled,done"],
        );
    }
}

/// Starts a child and cancels it on the first signal.
fn cancel_on_signal(kind: Cancel) -> ScriptedWorkflow {
    workflow(async move |run| {
        let child = run.child("one", kind);
        run.logged(1).await;
        child.cancel();
        child.cancel();
        run.note(child_said(child.await));
        run.logged(3).await;
        run.complete_with_log()
    })
}

const REQUESTED: &str = "RequestCancelExternalWorkflowExecutionInitiated one";

#[test]
fn abandoned_it_is_not_told() {
    for before in ["", "ChildWorkflowExecutionStarted one |"] {
        let canceled = format!("{INITIATED} | {before} WorkflowExecutionSignaled stop");
        check(
            &format!("{canceled} | {LAST}"),
            cancel_on_signal(Cancel::Abandon),
            expect!["nothing"],
        );
        let started = if before.is_empty() {
            "ChildWorkflowExecutionStarted one |"
        } else {
            ""
        };
        for end in [
            "Completed one late",
            "Failed one late",
            "Canceled one",
            "TimedOut one",
            "Terminated one",
        ] {
            check(
                &format!(
                    "{canceled} | WorkflowTask | {started} ChildWorkflowExecution{end} | WorkflowTask
                     WorkflowExecutionSignaled go | {LAST}"
                ),
                cancel_on_signal(Cancel::Abandon),
                expect!["CompleteWorkflowExecution stop,Child Workflow execution canceled: canceled,go"],
            );
        }
    }
    check(
        &format!(
            "{INITIATED} | WorkflowExecutionSignaled stop | WorkflowTask | StartChildWorkflowExecutionFailed one
             WorkflowExecutionSignaled go | {LAST}"
        ),
        cancel_on_signal(Cancel::Abandon),
        expect!["CompleteWorkflowExecution stop,Child Workflow execution canceled: canceled,go"],
    );
}

#[test]
fn try_cancel_asks_once_and_goes_on_at_once() {
    let canceled = || cancel_on_signal(Cancel::TryCancel);
    check(
        &format!("{INITIATED} | WorkflowExecutionSignaled stop | {LAST}"),
        canceled(),
        expect![
            "RequestCancelExternalWorkflowExecution one requested by the parent workflow child"
        ],
    );
    check(
        &format!(
            "{INITIATED} | ChildWorkflowExecutionStarted one | WorkflowExecutionSignaled stop | {LAST}"
        ),
        canceled(),
        expect![
            "RequestCancelExternalWorkflowExecution one one-run requested by the parent workflow child"
        ],
    );
    for end in [
        "ExternalWorkflowExecutionCancelRequested one | ChildWorkflowExecutionCanceled one",
        "ExternalWorkflowExecutionCancelRequested one | ChildWorkflowExecutionCompleted one late",
        "ChildWorkflowExecutionCompleted one late | RequestCancelExternalWorkflowExecutionFailed one",
        "RequestCancelExternalWorkflowExecutionFailed one | ChildWorkflowExecutionCompleted one late",
    ] {
        check(
            &format!(
                "{INITIATED} | ChildWorkflowExecutionStarted one | WorkflowExecutionSignaled stop | WorkflowTask
                 {REQUESTED} | {end} | WorkflowTask | WorkflowExecutionSignaled go | {LAST}"
            ),
            canceled(),
            expect!["CompleteWorkflowExecution stop,Child Workflow execution canceled: canceled,go"],
        );
    }
}

#[test]
fn waiting_for_the_end_gives_the_end() {
    let canceled = || cancel_on_signal(Cancel::WaitCancellationCompleted);
    let asked = format!(
        "{INITIATED} | ChildWorkflowExecutionStarted one | WorkflowExecutionSignaled stop | WorkflowTask | {REQUESTED}"
    );
    check(
        &format!("{asked} | ExternalWorkflowExecutionCancelRequested one | {LAST}"),
        canceled(),
        expect!["nothing"],
    );
    let ended = |end: &str| {
        format!(
            "{asked} | ExternalWorkflowExecutionCancelRequested one | {end} | WorkflowTask
             WorkflowExecutionSignaled go | {LAST}"
        )
    };
    check(
        &ended("ChildWorkflowExecutionCanceled one"),
        canceled(),
        expect!["CompleteWorkflowExecution stop,Child Workflow execution canceled: canceled,go"],
    );
    check(
        &ended("ChildWorkflowExecutionCompleted one late"),
        canceled(),
        expect!["CompleteWorkflowExecution stop,late,go"],
    );
    // Asked before it started.
    check(
        &format!(
            "{INITIATED} | WorkflowExecutionSignaled stop | WorkflowTask | {REQUESTED} | ChildWorkflowExecutionStarted one
             ExternalWorkflowExecutionCancelRequested one | ChildWorkflowExecutionCanceled one | WorkflowTask
             WorkflowExecutionSignaled go | {LAST}"
        ),
        canceled(),
        expect!["CompleteWorkflowExecution stop,Child Workflow execution canceled: canceled,go"],
    );
    check(
        &format!(
            "{INITIATED} | WorkflowExecutionSignaled stop | WorkflowTask | {REQUESTED} | StartChildWorkflowExecutionFailed one
             RequestCancelExternalWorkflowExecutionFailed one | WorkflowExecutionSignaled go | {LAST}"
        ),
        canceled(),
        expect![[r#"CompleteWorkflowExecution stop,go,Child Workflow execution could not be started: a workflow with id "one" exists already"#]],
    );
}

#[test]
fn waiting_for_the_request_ends_when_it_has_arrived() {
    let canceled = || cancel_on_signal(Cancel::WaitCancellationRequested);
    let asked = format!(
        "{INITIATED} | ChildWorkflowExecutionStarted one | WorkflowExecutionSignaled stop | WorkflowTask | {REQUESTED}"
    );
    check(
        &format!(
            "{asked} | ExternalWorkflowExecutionCancelRequested one | WorkflowTask | WorkflowExecutionSignaled go
             ChildWorkflowExecutionCompleted one late | {LAST}"
        ),
        canceled(),
        expect!["CompleteWorkflowExecution stop,Child Workflow execution canceled: canceled,go"],
    );
    // It ended before the request could arrive.
    for ended in [
        "RequestCancelExternalWorkflowExecutionFailed one | ChildWorkflowExecutionCompleted one early",
        "ChildWorkflowExecutionCompleted one early | RequestCancelExternalWorkflowExecutionFailed one",
        "RequestCancelExternalWorkflowExecutionFailed one | WorkflowTask | ChildWorkflowExecutionCompleted one early",
    ] {
        check(
            &format!("{asked} | {ended} | WorkflowTask | WorkflowExecutionSignaled go | {LAST}"),
            canceled(),
            expect!["CompleteWorkflowExecution stop,early,go"],
        );
    }
}

/// A server carries out the request beside the child's start, and may be faster with it.
#[test]
fn a_request_that_came_before_the_child_is_sent_again() {
    let asked =
        format!("{INITIATED} | WorkflowExecutionSignaled stop | WorkflowTask | {REQUESTED}");
    let lost = "RequestCancelExternalWorkflowExecutionFailed one";
    let born = "ChildWorkflowExecutionStarted one";
    let orders = [
        format!("{lost} | {born}"),
        format!("{lost} | WorkflowTask | {born}"),
        format!("{born} | {lost}"),
        format!("{born} | WorkflowTask | {lost}"),
    ];
    for kind in KINDS.into_iter().skip(1) {
        check(
            &format!("{asked} | {lost} | {LAST}"),
            cancel_on_signal(kind),
            expect!["nothing"],
        );
        for order in &orders {
            check(
                &format!("{asked} | {order} | {LAST}"),
                cancel_on_signal(kind),
                expect![
                    "RequestCancelExternalWorkflowExecution one one-run requested by the parent workflow child"
                ],
            );
            check(
                &format!(
                    "{asked} | {order} | WorkflowTask | {REQUESTED}
                     ExternalWorkflowExecutionCancelRequested one | ChildWorkflowExecutionCanceled one
                     WorkflowTask | WorkflowExecutionSignaled go | {LAST}"
                ),
                cancel_on_signal(kind),
                expect!["CompleteWorkflowExecution stop,Child Workflow execution canceled: canceled,go"],
            );
            // It ended before the second one arrived; there is no third.
            check(
                &format!("{asked} | {order} | WorkflowTask | {REQUESTED} | {lost} | {LAST}"),
                cancel_on_signal(kind),
                expect!["nothing"],
            );
        }
        // It never came to be.
        check(
            &format!("{asked} | {lost} | StartChildWorkflowExecutionFailed one | {LAST}"),
            cancel_on_signal(kind),
            expect!["nothing"],
        );
    }
}

#[test]
fn a_scope_cancels_its_children() {
    let scoped = || {
        workflow(async |run| {
            let child = run.child("one", Cancel::WaitCancellationCompleted);
            run.note(child_said(child.await));
            let mut late = run.child("two", Cancel::WaitCancellationCompleted);
            run.note(started(&mut late).await);
            run.note(child_said(late.await));
            run.complete_with_log()
        })
    };
    let asked = format!(
        "{INITIATED} | ChildWorkflowExecutionStarted one | WorkflowExecutionCancelRequested why"
    );
    check(
        &format!("{asked} | {LAST}"),
        scoped(),
        expect!["RequestCancelExternalWorkflowExecution one one-run why child"],
    );
    check(
        &format!(
            "{asked} | WorkflowTask | {REQUESTED} | ExternalWorkflowExecutionCancelRequested one
             ChildWorkflowExecutionCanceled one | {LAST}"
        ),
        scoped(),
        expect![
            "CompleteWorkflowExecution Child Workflow execution canceled: canceled,Child Workflow execution canceled: canceled,Child Workflow execution canceled: canceled"
        ],
    );
}

#[test]
fn a_child_that_is_dropped_is_canceled_and_a_detached_one_is_not() {
    let dropping = |detach: bool| {
        workflow(async move |run| {
            let mut child = run.child("one", Cancel::WaitCancellationCompleted);
            run.note(started(&mut child).await);
            if detach {
                child.detach();
            } else {
                drop(child);
            }
            run.logged(2).await;
            run.complete_with_log()
        })
    };
    let begun = format!("{INITIATED} | ChildWorkflowExecutionStarted one");
    check(
        &format!("{begun} | {LAST}"),
        dropping(true),
        expect!["nothing"],
    );
    check(
        &format!("{begun} | {LAST}"),
        dropping(false),
        expect![
            "RequestCancelExternalWorkflowExecution one one-run requested by the parent workflow child"
        ],
    );
    let end = format!(
        "ChildWorkflowExecutionCompleted one late | WorkflowTask | WorkflowExecutionSignaled go | {LAST}"
    );
    check(
        &format!("{begun} | WorkflowTask | {end}"),
        dropping(true),
        expect!["CompleteWorkflowExecution one-run,go"],
    );
    check(
        &format!(
            "{begun} | WorkflowTask | {REQUESTED} | ExternalWorkflowExecutionCancelRequested one | {end}"
        ),
        dropping(false),
        expect!["CompleteWorkflowExecution one-run,go"],
    );
}

#[test]
fn the_start_may_be_asked_for_after_the_end() {
    let asks = || {
        workflow(async |run| {
            let mut child = run.child("one", Cancel::default());
            run.note(child_said((&mut child).await));
            run.note(started(&mut child).await);
            run.complete_with_log()
        })
    };
    check(
        &format!(
            "{INITIATED} | ChildWorkflowExecutionStarted one | ChildWorkflowExecutionCompleted one done | {LAST}"
        ),
        asks(),
        expect!["CompleteWorkflowExecution done,one-run"],
    );
}

#[test]
fn another_child_is_told_apart() {
    check_failure(
        &format!(
            "WorkflowExecutionStarted | WorkflowTask | StartChildWorkflowExecutionInitiated two kind | {LAST}"
        ),
        parent(),
        expect![[
            r#"WORKFLOW_TASK_FAILED_CAUSE_NON_DETERMINISTIC_ERROR: [TMPRL1100] nondeterminism: sdk-engine/tests/engine/children.rs: code issues StartChildWorkflowExecution "kind" (id one), history (event 5) has StartChildWorkflowExecutionInitiated "kind" (id two): workflow id is "two" in history and "one" in the code; the workflow's code changed in a way that running workflows cannot follow: undo the change or guard it with a patch"#
        ]],
    );
    check_failure(
        &format!(
            "WorkflowExecutionStarted | WorkflowTask | StartChildWorkflowExecutionInitiated one other | {LAST}"
        ),
        parent(),
        expect![[
            r#"WORKFLOW_TASK_FAILED_CAUSE_NON_DETERMINISTIC_ERROR: [TMPRL1100] nondeterminism: sdk-engine/tests/engine/children.rs: code issues StartChildWorkflowExecution "kind" (id one), history (event 5) has StartChildWorkflowExecutionInitiated "other" (id one): workflow type is "other" in history and "kind" in the code; the workflow's code changed in a way that running workflows cannot follow: undo the change or guard it with a patch"#
        ]],
    );
    check_failure(
        &format!("{INITIATED} | ChildWorkflowExecutionStarted #9 | {LAST}"),
        parent(),
        expect![
            "WORKFLOW_TASK_FAILED_CAUSE_NON_DETERMINISTIC_ERROR: [TMPRL1100] nondeterminism: history (event 6) has ChildWorkflowExecutionStarted for event 9, which the code did not start; the workflow's code changed in a way that running workflows cannot follow: undo the change or guard it with a patch"
        ],
    );
    check_failure(
        &format!("{INITIATED} | ChildWorkflowExecutionCompleted one early | {LAST}"),
        parent(),
        expect![[
            r#"WORKFLOW_TASK_FAILED_CAUSE_NON_DETERMINISTIC_ERROR: [TMPRL1100] nondeterminism: history (event 6) has ChildWorkflowExecutionCompleted, which does not fit child workflow "one" in state Initiated; the workflow's code changed in a way that running workflows cannot follow: undo the change or guard it with a patch"#
        ]],
    );
    check_failure(
        &format!("{INITIATED} | ChildWorkflowExecutionStarted one | {LAST}"),
        workflow(async |_| complete("done")),
        expect![[
            r#"WORKFLOW_TASK_FAILED_CAUSE_NON_DETERMINISTIC_ERROR: [TMPRL1100] nondeterminism: code issues CompleteWorkflowExecution, history (event 5) has StartChildWorkflowExecutionInitiated "kind" (id one); the workflow's code changed in a way that running workflows cannot follow: undo the change or guard it with a patch"#
        ]],
    );
}
