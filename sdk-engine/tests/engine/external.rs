//! Signals and cancel requests to other workflows (protocol 4.5, 4.6).

use expect_test::expect;

use crate::support::script::ScriptedWorkflow;
use crate::support::{check, check_failure, external_said, workflow};

const FIRST: &str = "WorkflowExecutionStarted | WorkflowTaskScheduled | WorkflowTaskStarted";
const LAST: &str = "WorkflowTaskScheduled | WorkflowTaskStarted";

fn sender() -> ScriptedWorkflow {
    workflow(async |run| {
        run.note(external_said(run.signal("other", "hello").await));
        run.note(external_said(run.cancel("other").await));
        run.complete_with_log()
    })
}

#[test]
fn messages_arrive_or_do_not() {
    check(
        FIRST,
        sender(),
        expect!["SignalExternalWorkflowExecution other hello"],
    );
    let signaled = "WorkflowExecutionStarted | WorkflowTask | SignalExternalWorkflowExecutionInitiated other hello";
    check(
        &format!("{signaled} | ExternalWorkflowExecutionSignaled other | {LAST}"),
        sender(),
        expect!["RequestCancelExternalWorkflowExecution other"],
    );
    let cancel = "RequestCancelExternalWorkflowExecutionInitiated other";
    check(
        &format!(
            "{signaled} | ExternalWorkflowExecutionSignaled other | WorkflowTask | {cancel}
             ExternalWorkflowExecutionCancelRequested other | {LAST}"
        ),
        sender(),
        expect!["CompleteWorkflowExecution delivered,delivered"],
    );
    check(
        &format!(
            "{signaled} | SignalExternalWorkflowExecutionFailed other | WorkflowTask | {cancel}
             RequestCancelExternalWorkflowExecutionFailed other | {LAST}"
        ),
        sender(),
        expect![[
            r#"CompleteWorkflowExecution workflow "other" cannot be signaled: it does not exist or has ended,workflow "other" cannot be asked to cancel: it does not exist or has ended"#
        ]],
    );
}

#[test]
fn a_message_can_be_taken_back_until_it_is_sent() {
    let taking_back = || {
        workflow(async |run| {
            drop(run.signal("dropped", "hello"));
            run.signal("detached", "hello").detach();
            let scoped = run.ctx.cancel_scope({
                let run = run.clone();
                async move {
                    let message = run.signal("scoped", "hello");
                    let scope = run.ctx.is_canceled();
                    (scope, external_said(message.await))
                }
            });
            let scope = scoped.scope();
            drop(run.ctx.spawn(async move { scope.cancel("enough") }));
            let (_, said) = scoped.await;
            run.note(said);
            let signal = run.signal("other", "hello");
            run.logged(2).await;
            drop(signal);
            run.complete_with_log()
        })
    };
    check(
        FIRST,
        taking_back(),
        expect![[r#"
        SignalExternalWorkflowExecution detached hello
        SignalExternalWorkflowExecution other hello"#]],
    );
    check(
        &format!(
            "WorkflowExecutionStarted | WorkflowTask | SignalExternalWorkflowExecutionInitiated detached hello
             SignalExternalWorkflowExecutionInitiated other hello | WorkflowExecutionSignaled go | {LAST}"
        ),
        taking_back(),
        expect!["CompleteWorkflowExecution canceled,go"],
    );
    check(
        "WorkflowExecutionStarted | WorkflowTask | SignalExternalWorkflowExecutionInitiated detached hello
         SignalExternalWorkflowExecutionInitiated other hello | ExternalWorkflowExecutionSignaled detached
         ExternalWorkflowExecutionSignaled other | WorkflowTask | WorkflowExecutionSignaled go | WorkflowTask
         WorkflowExecutionCompleted",
        taking_back(),
        expect!["replayed"],
    );
}

#[test]
fn in_a_canceled_scope_nothing_is_sent() {
    check(
        "WorkflowExecutionStarted | WorkflowExecutionCancelRequested why | WorkflowTaskScheduled | WorkflowTaskStarted",
        workflow(async |run| {
            let _ = run.ctx.canceled().await;
            run.note(external_said(run.signal("other", "hello").await));
            run.note(external_said(run.cancel("other").await));
            run.complete_with_log()
        }),
        expect!["CompleteWorkflowExecution canceled,canceled"],
    );
}

#[test]
fn another_message_is_told_apart() {
    for (event, field) in [
        (
            "SignalExternalWorkflowExecutionInitiated another hello",
            "workflow id",
        ),
        (
            "SignalExternalWorkflowExecutionInitiated other goodbye",
            "signal name",
        ),
    ] {
        let text = format!("WorkflowExecutionStarted | WorkflowTask | {event} | {LAST}");
        let failure = crate::support::check::failure_of(&text, sender());
        assert!(failure.contains(field), "{failure}");
    }
    check_failure(
        &format!(
            "WorkflowExecutionStarted | WorkflowTask | SignalExternalWorkflowExecutionInitiated other hello
             ExternalWorkflowExecutionSignaled #7 | {LAST}"
        ),
        sender(),
        expect!["WORKFLOW_TASK_FAILED_CAUSE_NON_DETERMINISTIC_ERROR: [TMPRL1100] nondeterminism: history (event 6) has ExternalWorkflowExecutionSignaled for event 7, which the code did not start; the workflow's code changed in a way that running workflows cannot follow: undo the change or guard it with a patch"],
    );
}
