//! Timers: firing, cancellation, what the server's buffering does to them (protocol 4.1, 3.9).

use std::time::Duration;

use expect_test::expect;
use futures_util::future::{Either, select};

use crate::support::{check, complete, workflow};

#[test]
fn a_timer_fires() {
    let sleep = || {
        workflow(async |run| {
            let end = run.timer(60).await;
            complete(format!("{end:?} at {}", run.seconds()))
        })
    };
    check(
        "WorkflowExecutionStarted | WorkflowTaskScheduled | WorkflowTaskStarted",
        sleep(),
        expect!["StartTimer 1 60s"],
    );
    check(
        "WorkflowExecutionStarted | WorkflowTask | TimerStarted 1 | TimerFired 1
         WorkflowTaskScheduled | WorkflowTaskStarted",
        sleep(),
        expect!["CompleteWorkflowExecution Ok(()) at 8"],
    );
}

#[test]
fn a_timer_of_zero_fires_at_once_and_takes_no_number() {
    let sleep = workflow(async |run| {
        run.note(format!("{:?}", run.timer(0).await));
        run.note(format!("{:?}", run.timer(1).await));
        run.complete_with_log()
    });
    check(
        "WorkflowExecutionStarted | WorkflowTask | TimerStarted 1 | TimerFired 1
         WorkflowTaskScheduled | WorkflowTaskStarted",
        sleep,
        expect!["CompleteWorkflowExecution Ok(()),Ok(())"],
    );
}

#[test]
fn durations_are_sent_to_the_nanosecond_and_cut_at_what_the_protocol_can_carry() {
    let sleep = workflow(async |run| {
        let here = std::panic::Location::caller();
        let timers = [
            run.ctx
                .start_timer(Duration::new(1, 500_000_001), None, here),
            run.ctx.start_timer(Duration::MAX, None, here),
        ];
        for timer in timers {
            let _ = timer.await;
        }
        complete("")
    });
    check(
        "WorkflowExecutionStarted | WorkflowTaskScheduled | WorkflowTaskStarted",
        sleep,
        expect![[r#"
            StartTimer 1 1.500000001s
            StartTimer 2 315576000000s"#]],
    );
}

#[test]
fn canceled_before_it_was_sent_a_timer_leaves_no_command_but_a_number() {
    let sleep = workflow(async |run| {
        let first = run.timer(1);
        first.cancel();
        run.note(format!("{:?}", first.await));
        drop(run.timer(2));
        run.note(format!("{:?}", run.timer(3).await));
        run.complete_with_log()
    });
    check(
        "WorkflowExecutionStarted | WorkflowTask | TimerStarted 3 | TimerFired 3
         WorkflowTaskScheduled | WorkflowTaskStarted",
        sleep,
        expect!["CompleteWorkflowExecution Err(Canceled),Ok(())"],
    );
}

/// Starts a timer, cancels it on the first signal, goes on to the second.
fn cancel_on_signal() -> crate::support::script::ScriptedWorkflow {
    workflow(async |run| {
        let timer = run.timer(60);
        run.logged(1).await;
        timer.cancel();
        timer.cancel();
        run.note(format!("{:?}", timer.await));
        run.logged(3).await;
        run.complete_with_log()
    })
}

const STARTED: &str = "WorkflowExecutionStarted | WorkflowTask | TimerStarted 1
    WorkflowExecutionSignaled stop | ";

#[test]
fn a_canceled_timer_resolves_at_once_and_its_cancellation_is_recorded() {
    check(
        &format!("{STARTED} WorkflowTaskScheduled | WorkflowTaskStarted"),
        cancel_on_signal(),
        expect!["CancelTimer 1"],
    );
    // Had it fired while the task was in progress, the server would have written the same.
    check(
        &format!(
            "{STARTED} WorkflowTask | TimerCanceled 1 | WorkflowExecutionSignaled go
             WorkflowTaskScheduled | WorkflowTaskStarted"
        ),
        cancel_on_signal(),
        expect!["CompleteWorkflowExecution stop,Err(Canceled),go"],
    );
}

#[test]
fn a_timer_that_fired_in_the_same_task_is_not_canceled() {
    for order in [
        "TimerFired 1 | WorkflowExecutionSignaled stop",
        "WorkflowExecutionSignaled stop | TimerFired 1",
    ] {
        check(
            &format!(
                "WorkflowExecutionStarted | WorkflowTask | TimerStarted 1 | {order}
                 WorkflowTask | WorkflowExecutionSignaled go | WorkflowTaskScheduled | WorkflowTaskStarted"
            ),
            cancel_on_signal(),
            expect!["CompleteWorkflowExecution stop,Ok(()),go"],
        );
    }
}

#[test]
fn the_loser_of_a_select_is_canceled() {
    let race = workflow(async |run| {
        let won = match select(run.timer(1), run.timer(60)).await {
            Either::Left(_) => "short",
            Either::Right(_) => "long",
        };
        run.logged(1).await;
        complete(won)
    });
    check(
        "WorkflowExecutionStarted | WorkflowTask | TimerStarted 1 | TimerStarted 2 | TimerFired 1
         WorkflowTask | TimerCanceled 2 | WorkflowExecutionSignaled go
         WorkflowTaskScheduled | WorkflowTaskStarted",
        race,
        expect!["CompleteWorkflowExecution short"],
    );
}

#[test]
fn many_timers_can_be_joined() {
    let join = || {
        workflow(async |run| {
            let timers: Vec<_> = (0..40).map(|_| run.timer(1)).collect();
            let fired = futures_util::future::join_all(timers).await;
            complete(fired.iter().filter(|end| end.is_ok()).count().to_string())
        })
    };
    let each = |event: &str, range: std::ops::RangeInclusive<u32>| -> String {
        range.map(|number| format!("{event} {number}\n")).collect()
    };
    let (started, some, rest) = (
        each("TimerStarted", 1..=40),
        each("TimerFired", 11..=40),
        each("TimerFired", 1..=10),
    );
    check(
        &format!(
            "WorkflowExecutionStarted | WorkflowTask\n{started}{some} WorkflowTask\n{rest}
             WorkflowTaskScheduled | WorkflowTaskStarted"
        ),
        join(),
        expect!["CompleteWorkflowExecution 40"],
    );
}
