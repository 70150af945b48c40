//! Local activities that are canceled: what is recorded, and that a replay cancels them at the same
//! point (protocol 4.3).

use durably_engine::{
    ActivityCancellationType as Cancel, LocalActivityOperation, LocalActivityOptions,
};
use expect_test::expect;

use crate::support::check::check;
use crate::support::fixture::history;
use crate::support::script::ScriptedWorkflow;
use crate::support::{Live, Script, local_activity_options, local_said, workflow};

const FIRST: &str = "WorkflowExecutionStarted | WorkflowTaskScheduled | WorkflowTaskStarted";

fn live(workflow: ScriptedWorkflow) -> Live {
    Live::new(&workflow.rc())
}

#[track_caller]
fn local_with(run: &Script, name: &str, kind: Cancel) -> LocalActivityOperation {
    let options = LocalActivityOptions {
        cancellation_type: kind,
        ..local_activity_options(name)
    };
    run.ctx
        .schedule_local_activity(options, std::panic::Location::caller())
}

/// Schedules one, cancels it on a signal; notes how it ended.
fn cancel_on_signal(kind: Cancel) -> ScriptedWorkflow {
    workflow(async move |run| {
        let local = local_with(&run, "a", kind);
        run.logged(1).await;
        local.cancel();
        local.cancel();
        run.note(local_said(local.await));
        let _ = run.timer(1).await;
        run.complete_with_log()
    })
}

const STOPPED: &str = "WorkflowExecutionStarted | WorkflowTask | WorkflowExecutionSignaled stop | WorkflowTaskScheduled | WorkflowTaskStarted";

#[test]
fn canceling_without_waiting_records_the_cancellation() {
    for (kind, asked) in [(Cancel::TryCancel, "cancel 1\n"), (Cancel::Abandon, "")] {
        let mut cached = live(cancel_on_signal(kind));
        let events = history(STOPPED);
        let _ = cached.task(&events[..3]);
        let _ = cached.run.heartbeat();
        let commands = "RecordMarker local activity 1 a index=1 attempt=1 at=7 failed=canceled\nStartTimer 1 1s";
        assert_eq!(cached.task(&events[3..]), format!("{asked}{commands}"));
        // Its end comes too late to matter.
        let mut fresh = live(cancel_on_signal(kind));
        assert_eq!(fresh.task(&events), commands);
        check(
            "WorkflowExecutionStarted | WorkflowTask | WorkflowExecutionSignaled stop | WorkflowTask
             LocalActivity 1 a index=1 at=7 canceled | TimerStarted 1 | TimerFired 1 | WorkflowTaskScheduled | WorkflowTaskStarted",
            cancel_on_signal(kind),
            expect!["CompleteWorkflowExecution stop,local activity canceled: canceled"],
        );
    }
}

#[test]
fn canceling_and_waiting_takes_whatever_it_ends_with() {
    let kind = Cancel::WaitCancellationCompleted;
    let events = history(STOPPED);
    let mut cached = live(cancel_on_signal(kind));
    let _ = cached.task(&events[..3]);
    let _ = cached.run.heartbeat();
    expect![[r#"
        cancel 1
        waits for local activities"#]]
    .assert_eq(&cached.task(&events[3..]));
    expect![[r#"
        RecordMarker local activity 1 a index=1 attempt=1 at=4 result=late
        StartTimer 1 1s"#]]
    .assert_eq(&cached.end(&["1 late"]));
    // Built anew, it is canceled from its start.
    let mut fresh = live(cancel_on_signal(kind));
    expect![[r#"
        run 1 a 1 canceled
        waits for local activities"#]]
    .assert_eq(&fresh.task(&events));
    check(
        "WorkflowExecutionStarted | WorkflowTask | WorkflowExecutionSignaled stop | WorkflowTask
         LocalActivity 1 a index=1 at=8 result=late | TimerStarted 1 | TimerFired 1 | WorkflowTaskScheduled | WorkflowTaskStarted",
        cancel_on_signal(kind),
        expect!["CompleteWorkflowExecution stop,late"],
    );
}

#[test]
fn one_that_another_one_cancels_is_canceled_there_again() {
    // Ended, canceled, and ended: three activations of one task.
    let canceling = || {
        workflow(async |run| {
            let (b, c) = (run.local("b"), run.local("c"));
            let a = run.local("a");
            run.note(local_said(a.await));
            run.note(local_said(run.local("d").await));
            b.cancel();
            run.note(local_said(b.await));
            run.note(local_said(c.await));
            run.complete_with_log()
        })
    };
    let mut one = live(canceling());
    expect![[r#"
        run 1 b 1
        run 2 c 1
        run 3 a 1
        waits for local activities"#]]
    .assert_eq(&one.task(&history(FIRST)));
    expect![[r#"
        run 4 d 1
        waits for local activities"#]]
    .assert_eq(&one.end(&["3 a"]));
    expect![[r#"
        cancel 1
        waits for local activities"#]]
    .assert_eq(&one.end(&["4 d"]));
    expect!["waits for local activities"].assert_eq(&one.end(&["1 too-late"]));
    expect![[r#"
        RecordMarker local activity 3 a index=1 attempt=1 at=4 result=a
        RecordMarker local activity 4 d index=2 attempt=1 at=5 result=d
        RecordMarker local activity 1 b index=3 attempt=1 at=5 failed=canceled
        RecordMarker local activity 2 c index=4 attempt=1 at=4 result=c
        CompleteWorkflowExecution a,d,local activity canceled: canceled,c"#]]
    .assert_eq(&one.end(&["2 c"]));
    check(
        "WorkflowExecutionStarted | WorkflowTask | LocalActivity 3 a index=1 at=4 result=a
         LocalActivity 4 d index=2 at=5 result=d | LocalActivity 1 b index=3 at=5 canceled
         LocalActivity 2 c index=4 at=5 result=c | WorkflowExecutionCompleted",
        canceling(),
        expect!["replayed"],
    );
}

#[test]
fn canceled_in_the_activation_that_scheduled_it_leaves_nothing() {
    for kind in [
        Cancel::TryCancel,
        Cancel::WaitCancellationCompleted,
        Cancel::Abandon,
    ] {
        let canceled = workflow(async move |run| {
            let local = local_with(&run, "a", kind);
            local.cancel();
            drop(local_with(&run, "dropped", kind));
            run.note(local_said(local.await));
            run.complete_with_log()
        });
        check(
            FIRST,
            canceled,
            expect!["CompleteWorkflowExecution local activity canceled: canceled"],
        );
    }
}

#[test]
fn in_a_canceled_scope_nothing_is_run() {
    let scoped = || {
        workflow(async |run| {
            run.note(local_said(run.local("a").await));
            run.note(local_said(run.local("b").await));
            run.note(local_said(run.ctx.shield(run.local("c")).await));
            run.complete_with_log()
        })
    };
    let events = history(
        "WorkflowExecutionStarted | WorkflowTask | WorkflowExecutionCancelRequested why | WorkflowTaskScheduled | WorkflowTaskStarted",
    );
    let mut one = live(scoped());
    let _ = one.task(&events[..3]);
    let _ = one.run.heartbeat();
    expect![[r#"
        cancel 1
        RecordMarker local activity 1 a index=1 attempt=1 at=7 failed=canceled
        CompleteWorkflowExecution local activity canceled: canceled,local activity canceled: canceled,local activity canceled: canceled"#]].assert_eq(&one.task(&events[3..]));
}
