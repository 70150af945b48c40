//! Nexus operations (protocol 4.11).

use durably_engine::NexusCancellationType as Cancel;
use expect_test::expect;

use crate::support::script::ScriptedWorkflow;
use crate::support::script_more::nexus_started;
use crate::support::{check, check_failure, nexus_said, workflow};

const FIRST: &str = "WorkflowExecutionStarted | WorkflowTaskScheduled | WorkflowTaskStarted";
const LAST: &str = "WorkflowTaskScheduled | WorkflowTaskStarted";
const SCHEDULED: &str =
    "WorkflowExecutionStarted | WorkflowTask | NexusOperationScheduled pay service";
const STARTED: &str = "NexusOperationStarted pay token";

fn caller() -> ScriptedWorkflow {
    workflow(async |run| {
        let mut operation = run.nexus("pay", Cancel::default());
        run.note(nexus_started(&mut operation).await);
        run.note(nexus_said(operation.await));
        run.complete_with_log()
    })
}

#[test]
fn operations_end_at_once_or_later() {
    check(
        FIRST,
        caller(),
        expect!["ScheduleNexusOperation pay service"],
    );
    check(
        &format!("{SCHEDULED} | {STARTED} | {LAST}"),
        caller(),
        expect!["nothing"],
    );
    check(
        &format!(
            "{SCHEDULED} | {STARTED} | WorkflowTask | NexusOperationCompleted pay paid | {LAST}"
        ),
        caller(),
        expect!["CompleteWorkflowExecution token,paid"],
    );
    check(
        &format!("{SCHEDULED} | NexusOperationCompleted pay paid | {LAST}"),
        caller(),
        expect!["CompleteWorkflowExecution no token,paid"],
    );
    check(
        &format!("{SCHEDULED} | NexusOperationFailed pay broke | {LAST}"),
        caller(),
        expect!["CompleteWorkflowExecution broke: ,broke:"],
    );
    check(
        &format!("{SCHEDULED} | {STARTED} | NexusOperationTimedOut pay late | {LAST}"),
        caller(),
        expect!["CompleteWorkflowExecution token,late:"],
    );
    check(
        &format!("{SCHEDULED} | {STARTED} | NexusOperationCanceled pay gone | {LAST}"),
        caller(),
        expect!["CompleteWorkflowExecution token,gone:"],
    );
}

#[test]
fn canceled_before_it_was_sent_it_leaves_no_command() {
    for kind in [
        Cancel::Abandon,
        Cancel::TryCancel,
        Cancel::WaitCancellationCompleted,
        Cancel::WaitCancellationRequested,
    ] {
        check(
            FIRST,
            workflow(async move |run| {
                let mut operation = run.nexus("pay", kind);
                operation.cancel();
                run.note(nexus_started(&mut operation).await);
                run.note(nexus_said(operation.await));
                run.complete_with_log()
            }),
            expect![
                "CompleteWorkflowExecution nexus operation completed unsuccessfully: canceled,nexus operation completed unsuccessfully: canceled"
            ],
        );
    }
}

fn cancel_on_signal(kind: Cancel) -> ScriptedWorkflow {
    workflow(async move |run| {
        let operation = run.nexus("pay", kind);
        run.logged(1).await;
        operation.cancel();
        operation.cancel();
        run.note(nexus_said(operation.await));
        run.logged(3).await;
        run.complete_with_log()
    })
}

const STOP: &str = "WorkflowExecutionSignaled stop";
const GO: &str = "WorkflowExecutionSignaled go | WorkflowTaskScheduled | WorkflowTaskStarted";

#[test]
fn abandoned_it_is_not_told() {
    let canceled = || cancel_on_signal(Cancel::Abandon);
    check(
        &format!("{SCHEDULED} | {STARTED} | {STOP} | {LAST}"),
        canceled(),
        expect!["nothing"],
    );
    for end in [
        "NexusOperationCompleted pay late",
        "NexusOperationFailed pay late",
    ] {
        check(
            &format!(
                "{SCHEDULED} | {STOP} | WorkflowTask | {STARTED} | {end} | WorkflowTask | {GO}"
            ),
            canceled(),
            expect![
                "CompleteWorkflowExecution stop,nexus operation completed unsuccessfully: canceled,go"
            ],
        );
    }
}

#[test]
fn try_cancel_asks_once_and_goes_on_at_once() {
    let canceled = || cancel_on_signal(Cancel::TryCancel);
    check(
        &format!("{SCHEDULED} | {STARTED} | {STOP} | {LAST}"),
        canceled(),
        expect!["RequestCancelNexusOperation 5"],
    );
    for end in [
        "NexusOperationCancelRequestCompleted pay | NexusOperationCanceled pay gone",
        "NexusOperationCompleted pay late | NexusOperationCancelRequestCompleted pay",
        "NexusOperationCancelRequestFailed pay broke | NexusOperationCompleted pay late",
    ] {
        check(
            &format!(
                "{SCHEDULED} | {STARTED} | {STOP} | WorkflowTask | NexusOperationCancelRequested pay | {end} | WorkflowTask | {GO}"
            ),
            canceled(),
            expect![
                "CompleteWorkflowExecution stop,nexus operation completed unsuccessfully: canceled,go"
            ],
        );
    }
}

#[test]
fn waiting_for_the_end_gives_the_end() {
    let canceled = || cancel_on_signal(Cancel::WaitCancellationCompleted);
    let asked = format!(
        "{SCHEDULED} | {STARTED} | {STOP} | WorkflowTask | NexusOperationCancelRequested pay"
    );
    check(
        &format!(
            "{asked} | NexusOperationCancelRequestCompleted pay | WorkflowTask | NexusOperationCanceled pay gone | {GO}"
        ),
        canceled(),
        expect!["CompleteWorkflowExecution stop,go,gone:"],
    );
    check(
        &format!(
            "{asked} | NexusOperationCancelRequestFailed pay broke | NexusOperationCompleted pay late | {GO}"
        ),
        canceled(),
        expect!["CompleteWorkflowExecution stop,go,late"],
    );
}

#[test]
fn waiting_for_the_request_ends_when_it_is_answered() {
    let canceled = || cancel_on_signal(Cancel::WaitCancellationRequested);
    let asked = format!(
        "{SCHEDULED} | {STARTED} | {STOP} | WorkflowTask | NexusOperationCancelRequested pay"
    );
    check(
        &format!(
            "{asked} | NexusOperationCancelRequestCompleted pay | WorkflowTask | NexusOperationCompleted pay late | {GO}"
        ),
        canceled(),
        expect![
            "CompleteWorkflowExecution stop,nexus operation completed unsuccessfully: canceled,go"
        ],
    );
    // The handler refused to cancel: the code learns why.
    check(
        &format!(
            "{asked} | NexusOperationCancelRequestFailed pay broke | WorkflowTask | NexusOperationCompleted pay late | {GO}"
        ),
        canceled(),
        expect![
            "CompleteWorkflowExecution stop,nexus operation completed unsuccessfully: broke,go"
        ],
    );
    // It ended before.
    check(
        &format!(
            "{asked} | NexusOperationCompleted pay early | NexusOperationCancelRequestCompleted pay | {GO}"
        ),
        canceled(),
        expect!["CompleteWorkflowExecution stop,go,early"],
    );
}

#[test]
fn another_operation_is_told_apart() {
    check_failure(
        &format!(
            "WorkflowExecutionStarted | WorkflowTask | NexusOperationScheduled refund service | {LAST}"
        ),
        caller(),
        expect![[
            r#"WORKFLOW_TASK_FAILED_CAUSE_NON_DETERMINISTIC_ERROR: [TMPRL1100] nondeterminism: sdk-engine/tests/engine/nexus.rs: code issues ScheduleNexusOperation "pay" of service "service" (endpoint endpoint), history (event 5) has NexusOperationScheduled: operation is "refund" in history and "pay" in the code; the workflow's code changed in a way that running workflows cannot follow: undo the change or guard it with a patch"#
        ]],
    );
    check_failure(
        &format!("{SCHEDULED} | NexusOperationCompleted #9 | {LAST}"),
        caller(),
        expect![
            "WORKFLOW_TASK_FAILED_CAUSE_NON_DETERMINISTIC_ERROR: [TMPRL1100] nondeterminism: history (event 6) has NexusOperationCompleted for event 9, which the code did not start; the workflow's code changed in a way that running workflows cannot follow: undo the change or guard it with a patch"
        ],
    );
}
