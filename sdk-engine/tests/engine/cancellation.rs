//! `WorkflowExecutionCancelRequested`: what it cancels, and when the code learns of it
//! (protocol 3.5, 12.23, 12.24).

use durably_engine::{Outcome, TaskEnd};
use expect_test::expect;

use crate::support::{Script, check, said, workflow};

const OPEN: &str = "WorkflowTaskScheduled | WorkflowTaskStarted";

async fn canceled_end(run: &Script) -> TaskEnd {
    let reason = run.ctx.canceled().await;
    run.note(reason);
    TaskEnd::Workflow(Outcome::Canceled(None))
}

#[test]
fn a_request_before_the_first_task_is_seen_by_the_main_function_from_its_start() {
    let main = || {
        workflow(async |run| {
            run.note(format!(
                "{} {}",
                run.ctx.is_canceled(),
                run.ctx.is_cancel_requested()
            ));
            run.note(format!("{:?}", run.timer(1).await));
            run.note(said(run.activity("charge").await));
            run.note(format!("{:?}", run.ctx.wait_until(|| false).await));
            run.note(run.ctx.canceled().await);
            run.complete_with_log()
        })
    };
    check(
        "WorkflowExecutionStarted | WorkflowTaskScheduled | WorkflowExecutionCancelRequested why | WorkflowTaskStarted",
        main(),
        expect![
            "CompleteWorkflowExecution true true,Err(Canceled),activity canceled: canceled,Err(Canceled),why"
        ],
    );
    // Signals go first, wherever they stand.
    check(
        &format!(
            "WorkflowExecutionStarted | WorkflowExecutionCancelRequested why | WorkflowExecutionSignaled a | {OPEN}"
        ),
        main().on_signal(|run, signal| {
            run.note(format!("{} {}", signal.name, run.ctx.is_canceled()));
            durably_engine::SignalDelivery::Done(TaskEnd::Done)
        }),
        expect![
            "CompleteWorkflowExecution a false,true true,Err(Canceled),activity canceled: canceled,Err(Canceled),why"
        ],
    );
}

#[test]
fn a_request_cancels_what_is_open_timers_first() {
    let main = || {
        workflow(async |run| {
            let (charge, timer) = (run.activity("charge"), run.timer(60));
            let end = canceled_end(&run).await;
            run.note(said(charge.await));
            run.note(format!("{:?}", timer.await));
            assert_eq!(
                run.log.borrow().join(","),
                "why,activity canceled: canceled,Err(Canceled)"
            );
            end
        })
    };
    check(
        &format!(
            "WorkflowExecutionStarted | WorkflowTask | ActivityTaskScheduled 1 charge | TimerStarted 1
             WorkflowExecutionCancelRequested why | WorkflowExecutionCancelRequested again | {OPEN}"
        ),
        main(),
        expect![[r#"
            CancelTimer 1
            RequestCancelActivityTask 5
            CancelWorkflowExecution"#]],
    );
    check(
        "WorkflowExecutionStarted | WorkflowTask | ActivityTaskScheduled 1 charge | TimerStarted 1
         WorkflowExecutionCancelRequested why | WorkflowTask
         TimerCanceled 1 | ActivityTaskCancelRequested 1 | WorkflowExecutionCanceled",
        main(),
        expect!["replayed"],
    );
}

#[test]
fn what_ended_in_the_same_task_is_not_canceled_whatever_came_first() {
    let main = || {
        workflow(async |run| {
            let (charge, timer) = (run.activity("charge"), run.timer(60));
            run.ctx.canceled().await;
            run.note(said(charge.await));
            run.note(format!("{:?}", timer.await));
            run.complete_with_log()
        })
    };
    for order in [
        "WorkflowExecutionCancelRequested why | TimerFired 1 | ActivityTaskStarted 1 | ActivityTaskCompleted 1 paid",
        "TimerFired 1 | ActivityTaskStarted 1 | ActivityTaskCompleted 1 paid | WorkflowExecutionCancelRequested why",
    ] {
        check(
            &format!(
                "WorkflowExecutionStarted | WorkflowTask | ActivityTaskScheduled 1 charge | TimerStarted 1
                 {order} | {OPEN}"
            ),
            main(),
            expect!["CompleteWorkflowExecution paid,Ok(())"],
        );
    }
}

#[test]
fn later_requests_change_nothing() {
    let main = workflow(async |run| {
        let reason = run.ctx.canceled().await;
        run.note(reason);
        run.logged(2).await;
        let shielded = run.ctx.shield(run.clone().one_timer()).await;
        run.note(format!("{shielded:?}"));
        run.complete_with_log()
    });
    check(
        &format!(
            "WorkflowExecutionStarted | WorkflowTask | WorkflowExecutionCancelRequested first
             WorkflowTask | TimerStarted 1 | WorkflowExecutionCancelRequested second | TimerFired 1 | {OPEN}"
        ),
        main,
        expect!["CompleteWorkflowExecution first,Ok(())"],
    );
}

#[test]
fn a_canceled_wait_ends_and_the_code_may_go_on() {
    let main = workflow(async |run| {
        let waited = run.ctx.wait_until(|| false).await;
        run.note(format!("{waited:?}"));
        let cleaned = run.ctx.shield(run.clone().one_timer()).await;
        run.note(format!("{cleaned:?}"));
        run.complete_with_log()
    });
    check(
        &format!(
            "WorkflowExecutionStarted | WorkflowTask | WorkflowExecutionCancelRequested why
             WorkflowTask | TimerStarted 1 | TimerFired 1 | {OPEN}"
        ),
        main,
        expect!["CompleteWorkflowExecution Err(Canceled),Ok(())"],
    );
}
