//! Spawned tasks, join handles, conditions: what is polled when.

use std::cell::Cell;
use std::rc::Rc;

use durably_engine::SignalDelivery;
use expect_test::expect;

use crate::support::{check, check_failure, workflow};

const OPEN: &str = "WorkflowTaskScheduled | WorkflowTaskStarted";

#[test]
fn spawned_tasks_run_in_the_order_of_their_spawning_after_what_was_ready() {
    let main = workflow(async |run| {
        let tasks: Vec<_> = (0..3)
            .map(|number| {
                let script = run.clone();
                run.ctx.spawn(async move {
                    script.note(format!("task {number}"));
                    let inner = script.clone();
                    drop(
                        script
                            .ctx
                            .spawn(async move { inner.note(format!("inner {number}")) }),
                    );
                    number
                })
            })
            .collect();
        run.note("main");
        let numbers = futures_util::future::join_all(tasks).await;
        run.note(format!("{numbers:?}"));
        run.complete_with_log()
    });
    check(
        &format!("WorkflowExecutionStarted | {OPEN}"),
        main,
        expect!["CompleteWorkflowExecution main,task 0,task 1,task 2,[0, 1, 2]"],
    );
}

#[test]
fn conditions_are_looked_at_again_until_none_holds() {
    let main = workflow(async |run| {
        let count = Rc::new(Cell::new(0));
        for target in [3, 2, 1] {
            let (script, count) = (run.clone(), count.clone());
            drop(run.ctx.spawn(async move {
                let seen = count.clone();
                let _ = script.ctx.wait_until(move || seen.get() >= target).await;
                count.set(count.get() + 1);
                script.note(format!("{target}"));
            }));
        }
        let _ = run.timer(1).await;
        count.set(1);
        run.logged(3).await;
        run.complete_with_log()
    });
    check(
        &format!(
            "WorkflowExecutionStarted | WorkflowTask | TimerStarted 1 | TimerFired 1 | {OPEN}"
        ),
        main,
        expect!["CompleteWorkflowExecution 1,2,3"],
    );
}

#[test]
fn a_condition_sees_the_time_of_tasks_that_bring_something_and_only_of_those() {
    let main = || {
        workflow(async |run| {
            let (script, looked) = (run.clone(), Rc::new(Cell::new(0)));
            let count = looked.clone();
            let _ = run
                .ctx
                .wait_until(move || {
                    count.set(count.get() + 1);
                    script.seconds() >= 6
                })
                .await;
            run.note(format!("{} looks, until {}", looked.get(), run.seconds()));
            run.complete_with_log()
        })
    };
    // The second task brings nothing: the server may even discard it and forget its time.
    check(
        &format!("WorkflowExecutionStarted | WorkflowTask | {OPEN}"),
        main(),
        expect!["nothing"],
    );
    check(
        &format!(
            "WorkflowExecutionStarted | WorkflowTask | WorkflowTask | WorkflowExecutionSignaled a | {OPEN}"
        ),
        main(),
        expect!["CompleteWorkflowExecution a,3 looks, until 10"],
    );
}

#[test]
fn a_panic_in_a_task_fails_the_workflow_task() {
    let main = workflow(async |run| run.ctx.spawn(async { panic!("no more {}", "beans") }).await);
    check_failure(
        &format!("WorkflowExecutionStarted | {OPEN}"),
        main,
        expect![
            "WORKFLOW_TASK_FAILED_CAUSE_WORKFLOW_WORKER_UNHANDLED_FAILURE: workflow code panicked: no more beans"
        ],
    );
}

#[test]
fn a_panic_in_a_handler_fails_the_workflow_task() {
    let in_handler = workflow(async |run| {
        run.logged(1).await;
        run.complete_with_log()
    })
    .on_signal(|_, signal| panic!("no {}", signal.name));
    let in_its_task = workflow(async |run| {
        run.logged(1).await;
        run.complete_with_log()
    })
    .on_signal(|_, signal| SignalDelivery::Running {
        future: Box::pin(async move { panic!("no {}", signal.name) }),
        name: "a".into(),
        abandon_unfinished: false,
    });
    let in_a_condition = workflow(async |run| {
        let _ = run.ctx.wait_until(|| panic!("no a")).await;
        run.complete_with_log()
    });
    for main in [in_handler, in_its_task, in_a_condition] {
        check_failure(
            &format!("WorkflowExecutionStarted | WorkflowExecutionSignaled a | {OPEN}"),
            main,
            expect![
                "WORKFLOW_TASK_FAILED_CAUSE_WORKFLOW_WORKER_UNHANDLED_FAILURE: workflow code panicked: no a"
            ],
        );
    }
}

#[test]
fn a_panic_when_the_code_is_started_fails_the_workflow_task() {
    check_failure(
        &format!("WorkflowExecutionStarted panic | {OPEN}"),
        workflow(async |run| run.complete_with_log()),
        expect![
            "WORKFLOW_TASK_FAILED_CAUSE_WORKFLOW_WORKER_UNHANDLED_FAILURE: workflow code panicked: no state"
        ],
    );
}

/// A destructor that panics, wherever it stands.
struct Grumpy;

impl Drop for Grumpy {
    fn drop(&mut self) {
        assert!(std::thread::panicking(), "let me stay");
    }
}

#[test]
fn a_panic_in_a_destructor_fails_the_workflow_task() {
    let held_to_the_end = workflow(async |run| {
        let _grumpy = Grumpy;
        run.complete_with_log()
    });
    let dropped = workflow(async |run| {
        drop(Grumpy);
        run.complete_with_log()
    });
    let returned = workflow(async |run| {
        drop(run.ctx.spawn(async { Grumpy }));
        run.logged(1).await;
        run.complete_with_log()
    });
    for main in [held_to_the_end, dropped, returned] {
        check_failure(
            &format!("WorkflowExecutionStarted | {OPEN}"),
            main,
            expect![
                "WORKFLOW_TASK_FAILED_CAUSE_WORKFLOW_WORKER_UNHANDLED_FAILURE: workflow code panicked: let me stay"
            ],
        );
    }
}

#[test]
fn code_can_fail_the_workflow_task() {
    let later = workflow(async |run| {
        drop(run.activity("charge"));
        run.ctx
            .fail_task(crate::support::fixture::failure("not with this code"), None);
        let _ = run.timer(1).await;
        run.complete_with_log()
    });
    check_failure(
        &format!("WorkflowExecutionStarted | {OPEN}"),
        later,
        expect!["WORKFLOW_TASK_FAILED_CAUSE_WORKFLOW_WORKER_UNHANDLED_FAILURE: not with this code"],
    );
    let unreadable = workflow(async |run| run.complete_with_log());
    check_failure(
        &format!("WorkflowExecutionStarted unreadable | {OPEN}"),
        unreadable,
        expect![
            "WORKFLOW_TASK_FAILED_CAUSE_WORKFLOW_WORKER_UNHANDLED_FAILURE: the input cannot be read"
        ],
    );
}
