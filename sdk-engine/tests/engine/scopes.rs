//! Cancellation scopes: nesting, shields, what outlives its scope.

#![expect(
    clippy::async_yields_async,
    reason = "what outlives its scope is what these tests are about"
)]

use std::cell::RefCell;
use std::rc::Rc;

use durably_engine::{ActivityOperation, CancelScope};
use expect_test::expect;

use crate::support::{check, complete, said, workflow};

const OPEN: &str = "WorkflowTaskScheduled | WorkflowTaskStarted";

#[test]
fn a_scope_cancels_what_was_started_in_it_and_nothing_else() {
    let main = || {
        workflow(async |run| {
            let outside = run.timer(60);
            let inner = run.clone();
            let scoped = run.ctx.cancel_scope(async move {
                let (one, two) = (inner.timer(1), inner.activity("charge"));
                inner.note(format!("{:?}", one.await));
                inner.note(said(two.await));
            });
            let scope = scoped.scope();
            let task = run.ctx.spawn(scoped);
            run.logged(1).await;
            scope.cancel("enough");
            scope.cancel("again");
            assert!(scope.is_canceled() && !run.ctx.is_canceled());
            task.await;
            run.note(format!("{:?}", outside.await));
            run.complete_with_log()
        })
    };
    let start = "WorkflowExecutionStarted | WorkflowTask | TimerStarted 1 | TimerStarted 2
        ActivityTaskScheduled 1 charge | WorkflowExecutionSignaled stop";
    check(
        &format!("{start} | {OPEN}"),
        main(),
        expect![[r#"
            CancelTimer 2
            RequestCancelActivityTask 7"#]],
    );
    check(
        &format!(
            "{start} | WorkflowTask | TimerCanceled 2 | ActivityTaskCancelRequested 1 | TimerFired 1 | {OPEN}"
        ),
        main(),
        expect!["CompleteWorkflowExecution stop,Err(Canceled),activity canceled: canceled,Ok(())"],
    );
}

#[test]
fn canceling_reaches_inner_scopes_and_spawned_tasks_but_no_shield() {
    let main = workflow(async |run| {
        let outer = run.clone();
        let scoped = run.ctx.cancel_scope(async move {
            let (inner, shielded, spawned) = (outer.clone(), outer.clone(), outer.clone());
            let inner = outer.ctx.cancel_scope(async move {
                inner.note(format!("inner {:?}", inner.timer(1).await));
            });
            let shielded = outer.ctx.shield(async move {
                shielded.note(format!("shield {:?}", shielded.timer(2).await));
            });
            let spawned = outer
                .ctx
                .spawn(async move { spawned.note(format!("task {:?}", spawned.timer(3).await)) });
            futures_util::future::join3(inner, shielded, spawned).await;
        });
        let scope = scoped.scope();
        let task = run.ctx.spawn(scoped);
        run.logged(1).await;
        scope.cancel("enough");
        task.await;
        run.complete_with_log()
    });
    check(
        &format!(
            "WorkflowExecutionStarted | WorkflowTask | TimerStarted 1 | TimerStarted 2 | TimerStarted 3
             WorkflowExecutionSignaled stop | WorkflowTask | TimerCanceled 1 | TimerCanceled 3 | TimerFired 2 | {OPEN}"
        ),
        main,
        expect!["CompleteWorkflowExecution stop,inner Err(Canceled),task Err(Canceled),shield Ok(())"],
    );
}

#[test]
fn what_starts_in_a_canceled_scope_is_canceled_at_once() {
    let main = workflow(async |run| {
        let inner = run.clone();
        let scoped = run.ctx.cancel_scope(async move {
            inner.note(inner.ctx.canceled().await);
            inner.note(format!("{:?}", inner.timer(1).await));
            inner.note(said(inner.activity("charge").await));
            inner.note(format!("{:?}", inner.ctx.wait_until(|| false).await));
        });
        scoped.scope().cancel("enough");
        scoped.await;
        // The canceled ones took their numbers.
        run.note(format!("{:?}", run.timer(2).await));
        run.complete_with_log()
    });
    check(
        &format!(
            "WorkflowExecutionStarted | WorkflowTask | TimerStarted 2 | TimerFired 2 | {OPEN}"
        ),
        main,
        expect![
            "CompleteWorkflowExecution enough,Err(Canceled),activity canceled: canceled,Err(Canceled),Ok(())"
        ],
    );
}

/// Something started in an inner scope that has ended belongs to the scope around it.
#[test]
fn what_outlives_its_scope_belongs_to_the_scope_around_it() {
    let main = || {
        workflow(async |run| {
            let kept: Rc<RefCell<Option<ActivityOperation>>> = Rc::default();
            let (outer, keep) = (run.clone(), kept.clone());
            let scoped = run.ctx.cancel_scope(async move {
                let inner = outer.clone();
                *keep.borrow_mut() = Some(
                    outer
                        .ctx
                        .cancel_scope(async move { inner.activity("charge") })
                        .await,
                );
                outer.logged(2).await;
            });
            let scope = scoped.scope();
            let task = run.ctx.spawn(scoped);
            run.logged(1).await;
            scope.cancel("enough");
            let charge = kept.borrow_mut().take();
            run.note(said(charge.expect("it was started").await));
            task.await;
            run.complete_with_log()
        })
    };
    let start = "WorkflowExecutionStarted | WorkflowTask | ActivityTaskScheduled 1 charge | WorkflowExecutionSignaled stop";
    check(
        &format!("{start} | {OPEN}"),
        main(),
        expect![[r#"
            RequestCancelActivityTask 5
            CompleteWorkflowExecution stop,activity canceled: canceled"#]],
    );
}

/// A task that outlives the scope in which it was spawned stays canceled with it.
#[test]
fn a_task_of_a_canceled_scope_stays_canceled_when_the_scope_has_ended() {
    let main = workflow(async |run| {
        let scope: Rc<RefCell<Option<CancelScope>>> = Rc::default();
        let (inner, own) = (run.clone(), scope.clone());
        let scoped = run.ctx.cancel_scope(async move {
            let script = inner.clone();
            let task = inner.ctx.spawn(async move {
                let timer = script.timer(1).await;
                script.note(format!("{} {timer:?}", script.ctx.is_canceled()));
            });
            own.take().expect("it was put there").cancel("enough");
            task
        });
        *scope.borrow_mut() = Some(scoped.scope());
        // The task is polled for the first time when its scope has ended.
        scoped.await.await;
        run.complete_with_log()
    })
    .without_messages();
    check(
        &format!("WorkflowExecutionStarted | {OPEN}"),
        main,
        expect!["CompleteWorkflowExecution true Err(Canceled)"],
    );
}

#[test]
fn a_scope_that_has_ended_cannot_be_canceled() {
    let main = || {
        workflow(async |run| {
            let inner = run.clone();
            let scoped = run.ctx.cancel_scope(async move { inner.timer(1) });
            let scope: CancelScope = scoped.scope();
            let timer = scoped.await;
            scope.cancel("too late");
            assert!(!scope.is_canceled());
            complete(format!("{:?}", timer.await))
        })
    };
    check(
        &format!(
            "WorkflowExecutionStarted | WorkflowTask | TimerStarted 1 | TimerFired 1 | {OPEN}"
        ),
        main(),
        expect!["CompleteWorkflowExecution Ok(())"],
    );
    check(
        &format!(
            "WorkflowExecutionStarted | WorkflowTask | TimerStarted 1 | WorkflowExecutionCancelRequested why | {OPEN}"
        ),
        main(),
        expect![[r#"
            CancelTimer 1
            CompleteWorkflowExecution Err(Canceled)"#]],
    );
}

#[test]
fn tasks_that_start_their_successor_do_not_pile_up_scopes() {
    let main = workflow(async |run| {
        fn next(run: crate::support::Script, left: u32) {
            let script = run.clone();
            let task = run.ctx.spawn(run.ctx.cancel_scope(async move {
                match left {
                    0 => script.note(format!("{}", script.ctx.is_canceled())),
                    left => next(script, left - 1),
                }
            }));
            drop(task);
        }
        next(run.clone(), 50_000);
        run.logged(1).await;
        run.complete_with_log()
    });
    // Deep chains of scopes would overflow the stack when they are dropped.
    check(
        &format!("WorkflowExecutionStarted | {OPEN}"),
        main,
        expect!["CompleteWorkflowExecution false"],
    );
}
