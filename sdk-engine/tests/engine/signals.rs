//! Signals: order, handlers that go on, signals nobody handles yet (protocol 3.5, 4.13).

use durably_engine::{SignalDelivery, TaskEnd};
use expect_test::expect;

use crate::support::{check, complete, said, workflow};

#[test]
fn signals_that_came_with_the_start_are_handled_before_the_main_function_runs() {
    let main = workflow(async |run| {
        run.note("main");
        run.logged(4).await;
        run.complete_with_log()
    });
    check(
        "WorkflowExecutionStarted | WorkflowExecutionSignaled a 1 | WorkflowExecutionSignaled b 2
         WorkflowTask | WorkflowExecutionSignaled c 3 | WorkflowTaskScheduled | WorkflowTaskStarted",
        main,
        expect!["CompleteWorkflowExecution a 1,b 2,main,c 3"],
    );
}

#[test]
fn signals_of_one_task_are_handled_before_its_results() {
    let main = workflow(async |run| {
        let paid = said(run.activity("charge").await);
        run.note(paid);
        run.logged(3).await;
        run.complete_with_log()
    });
    check(
        "WorkflowExecutionStarted | WorkflowTask | ActivityTaskScheduled 1 charge
         WorkflowExecutionSignaled a | ActivityTaskStarted 1 | ActivityTaskCompleted 1 paid
         WorkflowExecutionSignaled b | WorkflowTaskScheduled | WorkflowTaskStarted",
        main,
        expect!["CompleteWorkflowExecution a,b,paid"],
    );
}

#[test]
fn a_handler_that_waits_goes_on_as_a_task_and_its_commands_come_in_signal_order() {
    let main = workflow(async |run| {
        run.logged(2).await;
        run.complete_with_log()
    })
    .on_signal(|run, signal| {
        let run = run.clone();
        let name = signal.name.clone();
        SignalDelivery::Running {
            future: Box::pin(async move {
                run.note(said(run.activity(&signal.name).await));
                TaskEnd::Done
            }),
            name: name.into(),
            abandon_unfinished: false,
        }
    });
    check(
        "WorkflowExecutionStarted | WorkflowExecutionSignaled a | WorkflowExecutionSignaled b
         WorkflowTask | ActivityTaskScheduled 1 a | ActivityTaskScheduled 2 b
         ActivityTaskStarted 2 | ActivityTaskCompleted 2 second
         ActivityTaskStarted 1 | ActivityTaskCompleted 1 first | WorkflowTaskScheduled | WorkflowTaskStarted",
        main,
        expect!["CompleteWorkflowExecution second,first"],
    );
}

#[test]
fn a_handler_can_end_the_workflow() {
    let main = workflow(async |run| {
        let _ = run.timer(60).await;
        complete("main")
    })
    .on_signal(|_, _| SignalDelivery::Done(complete("handler")));
    check(
        "WorkflowExecutionStarted | WorkflowTask | TimerStarted 1 | WorkflowExecutionSignaled stop
         WorkflowTaskScheduled | WorkflowTaskStarted",
        main,
        expect!["CompleteWorkflowExecution handler"],
    );
}

#[test]
fn signals_without_a_handler_are_kept_until_somebody_asks_in_their_order() {
    let main = workflow(async |run| {
        let _ = run.timer(1).await;
        while let Some(signal) = run.ctx.take_signal("late") {
            run.note(crate::support::fixture::text_of(&signal.arguments));
        }
        run.note(format!("{}", run.ctx.take_signal("never").is_none()));
        run.complete_with_log()
    })
    .on_signal(|_, signal| SignalDelivery::Unknown(signal));
    check(
        "WorkflowExecutionStarted | WorkflowExecutionSignaled late 1 | WorkflowTask | TimerStarted 1
         WorkflowExecutionSignaled other 2 | WorkflowExecutionSignaled late 3 | TimerFired 1
         WorkflowTaskScheduled | WorkflowTaskStarted",
        main,
        expect!["CompleteWorkflowExecution 1,3,true"],
    );
}
