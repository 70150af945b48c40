//! Activities: outcomes, cancellation in every state, failures as the code sees them (protocol 4.2).

use durably_engine::{ActivityCancellationType as Cancel, ActivityResolution};
use durably_protos::temporal::api::failure::v1::failure::FailureInfo;
use expect_test::expect;

use crate::support::{check, complete, said, workflow};

#[test]
fn an_activity_is_scheduled_and_its_result_comes_back() {
    let charge = || workflow(async |run| complete(said(run.activity("charge").await)));
    check(
        "WorkflowExecutionStarted | WorkflowTaskScheduled | WorkflowTaskStarted",
        charge(),
        expect!["ScheduleActivityTask 1 charge"],
    );
    check(
        "WorkflowExecutionStarted | WorkflowTask | ActivityTaskScheduled 1 charge
         ActivityTaskStarted 1 | ActivityTaskCompleted 1 paid | WorkflowTaskScheduled | WorkflowTaskStarted",
        charge(),
        expect!["CompleteWorkflowExecution paid"],
    );
    check(
        "WorkflowExecutionStarted | WorkflowTask | ActivityTaskScheduled 1 charge
         ActivityTaskStarted 1 | ActivityTaskCompleted 1 paid | WorkflowTask | WorkflowExecutionCompleted",
        charge(),
        expect!["replayed"],
    );
}

#[test]
fn failures_and_timeouts_come_as_the_cause_of_an_activity_failure() {
    let charge = || {
        workflow(async |run| {
            let first = said(run.activity("charge").await);
            complete(first + "; " + &said(run.activity("ship").await))
        })
    };
    check(
        "WorkflowExecutionStarted | WorkflowTask | ActivityTaskScheduled 1 charge
         ActivityTaskStarted 1 | ActivityTaskFailed 1 declined | WorkflowTask | ActivityTaskScheduled 2 ship
         ActivityTaskTimedOut 2 late | WorkflowTaskScheduled | WorkflowTaskStarted",
        charge(),
        expect!["CompleteWorkflowExecution activity failed: declined; activity timed out: late"],
    );
}

#[test]
fn the_failure_says_which_activity_it_was_and_who_ran_it() {
    let charge = workflow(async |run| {
        let Some(ActivityResolution::Failed(failure)) = run.activity("charge").await else {
            return complete("completed");
        };
        let Some(FailureInfo::ActivityFailureInfo(info)) = failure.failure_info else {
            return complete("another failure");
        };
        let kind = info.activity_type.map(|kind| kind.name).unwrap_or_default();
        complete(format!(
            "{kind} {} {} {} {}",
            info.activity_id, info.scheduled_event_id, info.started_event_id, info.identity
        ))
    });
    check(
        "WorkflowExecutionStarted | WorkflowTask | ActivityTaskScheduled 1 charge
         ActivityTaskStarted 1 | ActivityTaskFailed 1 declined | WorkflowTaskScheduled | WorkflowTaskStarted",
        charge,
        expect!["CompleteWorkflowExecution charge 1 5 6 worker-1"],
    );
}

#[test]
fn canceled_before_it_was_sent_it_leaves_no_command_but_a_number() {
    for kind in [
        Cancel::TryCancel,
        Cancel::WaitCancellationCompleted,
        Cancel::Abandon,
    ] {
        let canceled = workflow(async move |run| {
            let charge = run.activity_with("charge", kind);
            charge.cancel();
            charge.cancel();
            let Some(ActivityResolution::Failed(failure)) = charge.await else {
                return complete("completed");
            };
            let Some(FailureInfo::ActivityFailureInfo(info)) = failure.failure_info else {
                return complete("another failure");
            };
            run.note(format!(
                "{} {}",
                info.activity_id,
                info.activity_type.unwrap_or_default().name
            ));
            drop(run.activity_with("dropped", kind));
            let last = run.activity("ship");
            run.note(said(last.await));
            run.complete_with_log()
        });
        check(
            "WorkflowExecutionStarted | WorkflowTask | ActivityTaskScheduled 3 ship | ActivityTaskStarted 3
             ActivityTaskCompleted 3 shipped | WorkflowTaskScheduled | WorkflowTaskStarted",
            canceled,
            expect!["CompleteWorkflowExecution 1 charge,shipped"],
        );
    }
}

/// Schedules an activity, cancels it on the first signal, and notes how it ended.
fn cancel_on_signal(kind: Cancel) -> crate::support::script::ScriptedWorkflow {
    workflow(async move |run| {
        let charge = run.activity_with("charge", kind);
        run.logged(1).await;
        charge.cancel();
        run.note(said(charge.await));
        run.logged(3).await;
        run.complete_with_log()
    })
}

const SCHEDULED: &str = "WorkflowExecutionStarted | WorkflowTask | ActivityTaskScheduled 1 charge
    WorkflowExecutionSignaled stop | ";

#[test]
fn try_cancel_asks_and_goes_on_at_once() {
    let canceled = || cancel_on_signal(Cancel::TryCancel);
    check(
        &format!("{SCHEDULED} WorkflowTaskScheduled | WorkflowTaskStarted"),
        canceled(),
        expect!["RequestCancelActivityTask 5"],
    );
    for end in [
        "ActivityTaskCanceled 1 details",
        "ActivityTaskStarted 1 | ActivityTaskCanceled 1",
        "ActivityTaskStarted 1 | ActivityTaskCompleted 1 late",
        "ActivityTaskStarted 1 | ActivityTaskFailed 1 late",
        "ActivityTaskTimedOut 1 late",
    ] {
        check(
            &format!(
                "{SCHEDULED} WorkflowTask | ActivityTaskCancelRequested 1 | {end}
                 WorkflowTask | WorkflowExecutionSignaled go | WorkflowTaskScheduled | WorkflowTaskStarted"
            ),
            canceled(),
            expect!["CompleteWorkflowExecution stop,activity canceled: canceled,go"],
        );
    }
}

#[test]
fn waiting_for_the_cancellation_gives_whatever_the_activity_ended_with() {
    let canceled = || cancel_on_signal(Cancel::WaitCancellationCompleted);
    check(
        &format!(
            "{SCHEDULED} WorkflowTask | ActivityTaskCancelRequested 1 | WorkflowTaskScheduled | WorkflowTaskStarted"
        ),
        canceled(),
        expect!["nothing"],
    );
    let ends = [
        (
            "ActivityTaskCanceled 1 details",
            expect!["CompleteWorkflowExecution stop,activity canceled: canceled,go"],
        ),
        (
            "ActivityTaskStarted 1 | ActivityTaskCompleted 1 done",
            expect!["CompleteWorkflowExecution stop,done,go"],
        ),
        (
            "ActivityTaskStarted 1 | ActivityTaskFailed 1 no",
            expect!["CompleteWorkflowExecution stop,activity failed: no,go"],
        ),
        (
            "ActivityTaskTimedOut 1 late",
            expect!["CompleteWorkflowExecution stop,activity timed out: late,go"],
        ),
    ];
    for (end, expected) in ends {
        check(
            &format!(
                "{SCHEDULED} WorkflowTask | ActivityTaskCancelRequested 1 | {end}
                 WorkflowTask | WorkflowExecutionSignaled go | WorkflowTaskScheduled | WorkflowTaskStarted"
            ),
            canceled(),
            expected,
        );
    }
}

#[test]
fn an_abandoned_activity_may_end_in_any_way() {
    let canceled = || cancel_on_signal(Cancel::Abandon);
    check(
        &format!("{SCHEDULED} WorkflowTaskScheduled | WorkflowTaskStarted"),
        canceled(),
        expect!["nothing"],
    );
    for end in [
        "ActivityTaskStarted 1 | ActivityTaskCompleted 1 done",
        "ActivityTaskStarted 1 | ActivityTaskFailed 1 no",
        "ActivityTaskTimedOut 1 late",
        "ActivityTaskStarted 1 | ActivityTaskCanceled 1",
    ] {
        check(
            &format!(
                "{SCHEDULED} WorkflowTask | {end}
                 WorkflowTask | WorkflowExecutionSignaled go | WorkflowTaskScheduled | WorkflowTaskStarted"
            ),
            canceled(),
            expect!["CompleteWorkflowExecution stop,activity canceled: canceled,go"],
        );
    }
}

#[test]
fn a_cancel_after_the_end_changes_nothing() {
    let late = workflow(async |run| {
        let charge = run.activity("charge");
        run.logged(1).await;
        // The result came with the signal's task.
        charge.cancel();
        run.note(said(charge.await));
        run.complete_with_log()
    });
    check(
        &format!(
            "{SCHEDULED} ActivityTaskStarted 1 | ActivityTaskCompleted 1 paid | WorkflowTaskScheduled | WorkflowTaskStarted"
        ),
        late,
        expect!["CompleteWorkflowExecution stop,paid"],
    );
}

#[test]
fn dropping_cancels_and_detaching_does_not() {
    let dropped = |detach: bool| {
        workflow(async move |run| {
            let charge = run.activity("charge");
            run.logged(1).await;
            if detach {
                charge.detach();
            } else {
                drop(charge);
            }
            run.logged(2).await;
            run.complete_with_log()
        })
    };
    let open = "WorkflowTaskScheduled | WorkflowTaskStarted";
    check(
        &format!("{SCHEDULED} {open}"),
        dropped(false),
        expect!["RequestCancelActivityTask 5"],
    );
    check(
        &format!("{SCHEDULED} {open}"),
        dropped(true),
        expect!["nothing"],
    );
    let ends =
        "ActivityTaskStarted 1 | ActivityTaskCompleted 1 unseen | WorkflowExecutionSignaled go";
    check(
        &format!("{SCHEDULED} WorkflowTask | ActivityTaskCancelRequested 1 | {ends} | {open}"),
        dropped(false),
        expect!["CompleteWorkflowExecution stop,go"],
    );
    check(
        &format!("{SCHEDULED} WorkflowTask | {ends} | {open}"),
        dropped(true),
        expect!["CompleteWorkflowExecution stop,go"],
    );
}

#[test]
fn results_in_one_task_wake_in_the_order_of_history() {
    let both = workflow(async |run| {
        let tasks: Vec<_> = ["a", "b", "c"]
            .into_iter()
            .map(|name| {
                let script = run.clone();
                run.ctx.spawn(async move {
                    let result = said(script.activity(name).await);
                    script.note(result);
                })
            })
            .collect();
        futures_util::future::join_all(tasks).await;
        run.complete_with_log()
    });
    check(
        "WorkflowExecutionStarted | WorkflowTask
         ActivityTaskScheduled 1 a | ActivityTaskScheduled 2 b | ActivityTaskScheduled 3 c
         ActivityTaskStarted 3 | ActivityTaskCompleted 3 third
         ActivityTaskStarted 1 | ActivityTaskCompleted 1 first | WorkflowTask
         ActivityTaskStarted 2 | ActivityTaskCompleted 2 second | WorkflowTaskScheduled | WorkflowTaskStarted",
        both,
        expect!["CompleteWorkflowExecution third,first,second"],
    );
}
