//! The end of a run: exactly one terminal command, after all others (protocol 4.10).

use durably_engine::{Outcome, SignalDelivery, TaskEnd};
use expect_test::expect;

use crate::support::{check, complete, fail, workflow};

const OPEN: &str = "WorkflowTaskScheduled | WorkflowTaskStarted";

#[test]
fn a_run_ends_in_four_ways() {
    let ends = [
        (
            workflow(async |_| complete("done")),
            expect!["CompleteWorkflowExecution done"],
        ),
        (
            workflow(async |_| fail("no")),
            expect!["FailWorkflowExecution no"],
        ),
        (
            workflow(async |_| TaskEnd::Workflow(Outcome::Canceled(None))),
            expect!["CancelWorkflowExecution"],
        ),
        (
            workflow(async |_| TaskEnd::Workflow(Outcome::ContinuedAsNew(Box::default()))),
            expect!["ContinueAsNewWorkflowExecution"],
        ),
    ];
    for (main, expected) in ends {
        check(
            &format!("WorkflowExecutionStarted | {OPEN}"),
            main,
            expected,
        );
    }
}

#[test]
fn commands_of_other_tasks_in_the_same_activation_come_before_the_end() {
    let main = workflow(async |run| {
        let script = run.clone();
        drop(run.ctx.spawn(async move {
            script.activity("audit").detach();
            let inner = script.clone();
            drop(
                script
                    .ctx
                    .spawn(async move { inner.activity("more").detach() }),
            );
        }));
        let _open = run.timer(60);
        complete("done")
    });
    check(
        &format!("WorkflowExecutionStarted | {OPEN}"),
        main,
        expect![[r#"
            ScheduleActivityTask 1 audit
            ScheduleActivityTask 2 more
            CompleteWorkflowExecution done"#]],
    );
}

#[test]
fn the_first_end_counts() {
    let main = workflow(async |run| {
        let _ = run.timer(60).await;
        complete("main")
    })
    .on_signal(|_, signal| SignalDelivery::Done(fail(&signal.name)));
    check(
        &format!(
            "WorkflowExecutionStarted | WorkflowTask | TimerStarted 1 | TimerFired 1
             WorkflowExecutionSignaled first | WorkflowExecutionSignaled second | {OPEN}"
        ),
        main,
        expect!["FailWorkflowExecution first"],
    );
}

#[test]
fn what_is_open_when_the_main_function_returns_is_canceled() {
    let main = workflow(async |run| {
        let (_charge, _timer) = (run.activity("charge"), run.timer(60));
        run.logged(1).await;
        complete("done")
    });
    check(
        &format!(
            "WorkflowExecutionStarted | WorkflowTask | ActivityTaskScheduled 1 charge | TimerStarted 1
             WorkflowExecutionSignaled stop | {OPEN}"
        ),
        main,
        expect![[r#"
            CancelTimer 1
            RequestCancelActivityTask 5
            CompleteWorkflowExecution done"#]],
    );
}

#[test]
fn a_refused_end_is_done_again_with_what_came_meanwhile() {
    // UnhandledCommand: the signal arrived while the end was on its way (protocol 13.1).
    let main = workflow(async |run| {
        run.logged(1).await;
        let _ = run.timer(0).await;
        run.complete_with_log()
    });
    check(
        &format!(
            "WorkflowExecutionStarted | WorkflowExecutionSignaled a | WorkflowTaskScheduled | WorkflowTaskStarted
             WorkflowTaskFailed | WorkflowExecutionSignaled b | {OPEN}"
        ),
        main,
        expect!["CompleteWorkflowExecution a,b"],
    );
}

#[test]
fn histories_of_runs_that_the_server_ended_are_replayed() {
    let main = || {
        workflow(async |run| {
            let _ = run.timer(60).await;
            complete("done")
        })
    };
    for end in [
        "WorkflowExecutionTerminated",
        "WorkflowExecutionTimedOut",
        "WorkflowExecutionSignaled a | WorkflowTaskScheduled | WorkflowExecutionTerminated",
        "TimerFired 1 | WorkflowTaskScheduled | WorkflowTaskStarted | WorkflowExecutionTimedOut",
        "TimerFired 1 | WorkflowTaskScheduled | WorkflowTaskStarted | WorkflowTaskFailed | WorkflowExecutionTerminated",
        "TimerFired 1 | WorkflowTaskScheduled | WorkflowTaskStarted | WorkflowExecutionCanceled",
    ] {
        check(
            &format!("WorkflowExecutionStarted | WorkflowTask | TimerStarted 1 | {end}"),
            main(),
            expect!["replayed"],
        );
    }
}
