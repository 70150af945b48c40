//! Histories of other SDKs, where they do not do as this one (protocol 3.8, 4.3, 4.4, 10.2).

use std::panic::Location;

use durably_engine::{ChildCancellationType, LocalActivityOptions, LocalActivityResolution};
use expect_test::expect;

use crate::support::check::{execute, run_of, task};
use crate::support::fixture::history;
use crate::support::script::{ScriptedWorkflow, said};
use crate::support::script_more::{child_said, local_activity_options, local_said};
use crate::support::text::completion_text;
use crate::support::{check, workflow};

const BEGIN: &str = "WorkflowExecutionStarted | WorkflowTaskScheduled | WorkflowTaskStarted";
const TASK: &str = "WorkflowTaskScheduled | WorkflowTaskStarted";

fn completed(sdk: &str) -> String {
    format!("{BEGIN} | WorkflowTaskCompleted temporal-{sdk}")
}

#[test]
fn local_activities_are_numbered_with_the_activities() {
    let mixed = || {
        workflow(async |run| {
            let _ = run.activity("a").await;
            run.note(local_said(run.local("b").await));
            run.note(said(run.activity("c").await));
            run.complete_with_log()
        })
    };
    for sdk in ["python", "typescript", "rust-durably"] {
        check(
            &format!(
                "{} | ActivityTaskScheduled 1 a | ActivityTaskStarted 1 | ActivityTaskCompleted 1 | {TASK}
                 WorkflowTaskCompleted | LocalActivity 2 b result=1 at=9 index=1 | ActivityTaskScheduled 3 c
                 ActivityTaskStarted 3 | ActivityTaskCompleted 3 2 | {TASK}",
                completed(sdk)
            ),
            mixed(),
            expect!["CompleteWorkflowExecution 1,2"],
        );
    }
}

/// Tries again after a wait by timer, beside another activity.
fn waiting() -> ScriptedWorkflow {
    workflow(async |run| {
        let LocalActivityResolution::Backoff { seq, attempt, .. } = run.local("a").await else {
            return run.complete_with_log();
        };
        let timer = run.timer(100);
        let other = run.activity("b");
        let _ = timer.await;
        let options = LocalActivityOptions {
            attempt,
            seq,
            ..local_activity_options("a")
        };
        let again = run.ctx.schedule_local_activity(options, Location::caller());
        run.note(local_said(again.await));
        run.note(said(other.await));
        run.complete_with_log()
    })
}

#[test]
fn python_numbers_the_next_attempt_before_the_wait_for_it_and_others_after_it() {
    for (sdk, activity, again) in [("python", 3, 2), ("typescript", 2, 3)] {
        check(
            &format!(
                "{} | LocalActivity 1 a failed=x backoff=100 at=9 index=1 | TimerStarted 1 | ActivityTaskScheduled {activity} b
                 TimerFired 1 | {TASK} | WorkflowTaskCompleted | LocalActivity {again} a result=1 attempt=2 at=9 index=1
                 ActivityTaskStarted {activity} | ActivityTaskCompleted {activity} 2 | {TASK}",
                completed(sdk)
            ),
            waiting(),
            expect!["CompleteWorkflowExecution 1,2"],
        );
    }
}

#[test]
fn go_counts_local_activities_by_themselves() {
    check(
        &format!(
            "{} | ActivityTaskScheduled 1 a | ActivityTaskStarted 1 | ActivityTaskCompleted 1 | {TASK}
             WorkflowTaskCompleted | LocalActivity 1 b result=1 at=9 | TimerStarted 1 | TimerFired 1 | {TASK}",
            completed("go")
        ),
        workflow(async |run| {
            let _ = run.activity("a").await;
            run.note(local_said(run.local("b").await));
            let _ = run.timer(1).await;
            run.complete_with_log()
        }),
        expect!["CompleteWorkflowExecution 1"],
    );
}

#[test]
fn who_waits_for_a_cancel_request_of_core_waits_for_the_child() {
    let canceling = || {
        workflow(async |run| {
            let child = run.child("c", ChildCancellationType::WaitCancellationRequested);
            let _ = run.timer(1).await;
            child.cancel();
            run.note(child_said(child.await));
            run.complete_with_log()
        })
    };
    let text = |sdk| {
        format!(
            "{} | StartChildWorkflowExecutionInitiated c kind | TimerStarted 1 | ChildWorkflowExecutionStarted c r
             TimerFired 1 | {TASK} | WorkflowTaskCompleted
             RequestCancelExternalWorkflowExecutionInitiated c | ExternalWorkflowExecutionCancelRequested c | {TASK}",
            completed(sdk)
        )
    };
    assert_eq!(last_answer(&text("python"), canceling()), "nothing");
    let own = last_answer(&text("rust-durably"), canceling());
    assert_eq!(
        own,
        "CompleteWorkflowExecution Child Workflow execution canceled: canceled"
    );
}

#[test]
fn a_local_activity_that_core_canceled_before_it_began_has_a_marker() {
    let history = format!(
        "{} | LocalActivity 1 a canceled= attempt=0 at=9 index=1 | ActivityTaskScheduled 2 b
         ActivityTaskStarted 2 | ActivityTaskCompleted 2 3 | {TASK}",
        completed("python")
    );
    let code = workflow(async |run| {
        let local = run.local("a");
        local.cancel();
        run.note(local_said(local.await));
        run.note(said(run.activity("b").await));
        run.complete_with_log()
    });
    assert_eq!(
        last_answer(&history, code),
        "CompleteWorkflowExecution local activity canceled: canceled,3"
    );
}

#[test]
fn python_wakes_timers_before_activities_and_runs_for_signals_first() {
    let beside = || {
        workflow(async |run| {
            let (first, second) = (run.clone(), run.clone());
            let activity = run.activity("a");
            let waits_for_activity = run.ctx.spawn(async move {
                let _ = activity.await;
                first.note("activity");
            });
            let timer = run.timer(1);
            let waits_for_timer = run.ctx.spawn(async move {
                let _ = timer.await;
                second.note("timer");
            });
            let _ = waits_for_activity.await;
            let _ = waits_for_timer.await;
            run.complete_with_log()
        })
    };
    for (sdk, order) in [("python", "timer,activity"), ("go", "activity,timer")] {
        let history = format!(
            "{} | ActivityTaskScheduled 1 a | TimerStarted 1 | ActivityTaskStarted 1 | ActivityTaskCompleted 1
             TimerFired 1 | {TASK}",
            completed(sdk)
        );
        let answer = last_answer(&history, beside());
        assert_eq!(
            answer,
            format!("CompleteWorkflowExecution {order}"),
            "{sdk}"
        );
    }
}

/// What the code does in the last task, after a replay of those before.
fn last_answer(text: &str, code: ScriptedWorkflow) -> String {
    let events = history(text);
    let started = events.len();
    let started = i64::try_from(started).unwrap();
    let mut run = run_of(&code.rc());
    completion_text(&execute(&mut run, task(started), &events, events.len()))
}

#[test]
fn a_timer_that_is_left_out_has_a_number_in_runs_of_core() {
    for (sdk, number) in [("python", 2), ("go", 1)] {
        check(
            &format!(
                "{} | TimerStarted {number} | TimerFired {number} | {TASK}",
                completed(sdk)
            ),
            workflow(async |run| {
                run.ctx.leave_out_timer();
                let _ = run.timer(1).await;
                run.complete_with_log()
            }),
            expect!["CompleteWorkflowExecution"],
        );
    }
}
