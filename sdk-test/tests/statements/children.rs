//! Children, and workflows that signal and cancel others.

use durably_protos::temporal::api::command::v1::ContinueAsNewWorkflowExecutionCommandAttributes;
use durably_protos::temporal::api::enums::v1::{
    CancelExternalWorkflowExecutionFailedCause, EventType as E, ParentClosePolicy,
    SignalExternalWorkflowExecutionFailedCause, WorkflowExecutionStatus as S,
};
use tonic::Code;

use crate::bench::{Bench, refused};
use crate::commands::{
    cancel_external, child_of, complete, continue_as_new, payloads, signal_external, start_child,
};
use crate::events::{attributes, happened};
use crate::run::Run;

fn child(run: &Run, name: &str) -> Run {
    let workflow_id = format!("{}-{name}", run.workflow_id);
    Run::new(&run.bench, &workflow_id, "")
}

/// Starts a child. Its start is the sixth event, after which a task follows.
async fn begin_child(run: &Run, name: &str) -> Run {
    let child = child(run, name);
    run.turn(vec![start_child(child_of(&child.workflow_id))])
        .await;
    let types = [
        E::StartChildWorkflowExecutionInitiated,
        E::ChildWorkflowExecutionStarted,
        E::WorkflowTaskScheduled,
    ];
    assert_eq!(run.types_to(5, E::WorkflowTaskScheduled).await, types);
    child
}

/// Server semantics 8.60.
#[tokio::test]
async fn a_child_gets_its_first_task_once_its_parent_knows_of_it() {
    let bench = Bench::begin();
    let run = bench.start().await;
    let child = begin_child(&run, "child").await;
    let types = [E::WorkflowExecutionStarted, E::WorkflowTaskScheduled];
    assert_eq!(child.types_to(1, E::WorkflowTaskScheduled).await, types);
    let begun = child.event(1).await;
    let known = run.event(6).await;
    let scheduled = child.event(2).await;
    assert!(begun.task_id < known.task_id && known.task_id < scheduled.task_id);
    assert!(happened(&known) <= happened(&scheduled));
    let started = attributes!(begun, WorkflowExecutionStartedEventAttributes);
    assert_eq!(started.parent_initiated_event_id, 5);
    assert_eq!(started.parent_workflow_execution, run.execution());
    assert_eq!(started.root_workflow_execution, run.execution());
    let known = attributes!(known, ChildWorkflowExecutionStartedEventAttributes);
    assert_eq!(known.initiated_event_id, 5);
    let execution = known.workflow_execution.unwrap();
    assert_eq!(execution.run_id, child.current().await.run_id);
}

/// Server semantics 8.61.
#[tokio::test]
async fn a_child_that_is_initiated_by_the_last_task_never_exists() {
    let bench = Bench::begin();
    let run = bench.start().await;
    let policies = [ParentClosePolicy::Terminate, ParentClosePolicy::Abandon];
    let mut commands = Vec::new();
    for policy in policies {
        let mut attributes = child_of(&child(&run, policy.as_str_name()).workflow_id);
        attributes.set_parent_close_policy(policy);
        commands.push(start_child(attributes));
    }
    commands.push(complete("done"));
    run.turn(commands).await;
    bench.pass(1).await;
    let types = [
        E::StartChildWorkflowExecutionInitiated,
        E::StartChildWorkflowExecutionInitiated,
        E::WorkflowExecutionCompleted,
    ];
    assert_eq!(run.types(5).await, types);
    for policy in policies {
        let child = child(&run, policy.as_str_name());
        let message = format!("workflow not found for ID: {}", child.workflow_id);
        refused(child.try_describe().await, Code::NotFound, &message);
    }
}

/// Server semantics 8.62.
#[tokio::test]
async fn continuing_as_new_is_an_end_to_the_children() {
    let bench = Bench::begin();
    let run = bench.start().await;
    let policies = [
        ParentClosePolicy::Terminate,
        ParentClosePolicy::RequestCancel,
        ParentClosePolicy::Abandon,
    ];
    let mut commands = Vec::new();
    for policy in policies {
        let mut attributes = child_of(&child(&run, policy.as_str_name()).workflow_id);
        attributes.set_parent_close_policy(policy);
        commands.push(start_child(attributes));
    }
    run.turn(commands).await;
    bench
        .until("the start of three children", async || {
            let started = |event: &&E| **event == E::ChildWorkflowExecutionStarted;
            let count = run.types(8).await.iter().filter(started).count();
            (count == 3).then_some(())
        })
        .await;
    let again = ContinueAsNewWorkflowExecutionCommandAttributes::default();
    run.turn(vec![continue_as_new(again)]).await;
    let ended = child(&run, ParentClosePolicy::Terminate.as_str_name());
    ended.types_to(1, E::WorkflowExecutionTerminated).await;
    let terminated = attributes!(
        ended.last().await,
        WorkflowExecutionTerminatedEventAttributes
    );
    assert_eq!(terminated.reason, "by parent close policy");
    assert_eq!(terminated.identity, "history-service");
    let canceled = child(&run, ParentClosePolicy::RequestCancel.as_str_name());
    canceled
        .types_to(1, E::WorkflowExecutionCancelRequested)
        .await;
    let requested = attributes!(
        canceled.last().await,
        WorkflowExecutionCancelRequestedEventAttributes
    );
    assert_eq!(requested.external_workflow_execution, run.execution());
    assert_eq!(requested.identity, "history-service");
    let abandoned = child(&run, ParentClosePolicy::Abandon.as_str_name());
    assert_eq!(abandoned.types(2).await, [E::WorkflowTaskScheduled]);
}

/// Server semantics 8.63.
#[tokio::test]
async fn a_chain_of_child_runs_ends_once_and_with_its_last_run() {
    let bench = Bench::begin();
    let run = bench.start().await;
    let child = begin_child(&run, "child").await;
    let first = child.current().await;
    run.turn(vec![]).await;
    let again = ContinueAsNewWorkflowExecutionCommandAttributes::default();
    first.turn(vec![continue_as_new(again)]).await;
    let second = first.current().await;
    assert_ne!(second.run_id, first.run_id);
    let pending = run.describe().await.pending_children;
    assert_eq!(pending.len(), 1);
    assert_eq!(pending[0].run_id, first.run_id);
    assert_eq!(run.types(10).await, []);
    bench.pass(1).await;
    second.turn(vec![complete("done")]).await;
    let types = [E::ChildWorkflowExecutionCompleted, E::WorkflowTaskScheduled];
    assert_eq!(run.types_to(10, E::WorkflowTaskScheduled).await, types);
    let completed = attributes!(
        run.event(10).await,
        ChildWorkflowExecutionCompletedEventAttributes
    );
    assert_eq!(completed.workflow_execution, second.execution());
    assert_eq!(completed.result, payloads("done"));
    assert_eq!(
        (completed.initiated_event_id, completed.started_event_id),
        (5, 6)
    );
    assert_eq!(run.describe().await.pending_children, []);
}

/// Server semantics 8.64.
#[tokio::test]
async fn a_closed_workflow_can_be_canceled_and_not_signaled_and_oneself_neither() {
    let bench = Bench::begin();
    let closed = bench.start().await;
    closed.terminate().await;
    let length = closed.events().await.len();
    let run = bench.start().await;
    let target = &closed.workflow_id;
    run.turn(vec![signal_external(target), cancel_external(target)])
        .await;
    let events = bench
        .until("the end of both", async || {
            let events = run.events().await;
            (events.len() == 9).then_some(events)
        })
        .await;
    // In which order they end is open on the real server.
    for event in &events[6..] {
        match event.event_type() {
            E::SignalExternalWorkflowExecutionFailed => {
                let failed =
                    attributes!(event, SignalExternalWorkflowExecutionFailedEventAttributes);
                let cause =
                    SignalExternalWorkflowExecutionFailedCause::ExternalWorkflowExecutionNotFound;
                assert_eq!((failed.cause(), failed.initiated_event_id), (cause, 5));
            }
            E::ExternalWorkflowExecutionCancelRequested => {
                let requested = attributes!(
                    event,
                    ExternalWorkflowExecutionCancelRequestedEventAttributes
                );
                assert_eq!(requested.initiated_event_id, 6);
            }
            other => assert_eq!(other, E::WorkflowTaskScheduled),
        }
    }
    assert_eq!(closed.events().await.len(), length);

    let run = bench.start().await;
    let target = &run.workflow_id;
    run.turn(vec![signal_external(target), cancel_external(target)])
        .await;
    let events = bench
        .until("the end of both", async || {
            let events = run.events().await;
            (events.len() == 9).then_some(events)
        })
        .await;
    for event in &events[6..] {
        match event.event_type() {
            E::SignalExternalWorkflowExecutionFailed => {}
            E::RequestCancelExternalWorkflowExecutionFailed => {
                let failed = attributes!(
                    event,
                    RequestCancelExternalWorkflowExecutionFailedEventAttributes
                );
                let cause =
                    CancelExternalWorkflowExecutionFailedCause::ExternalWorkflowExecutionNotFound;
                assert_eq!(failed.cause(), cause);
            }
            other => assert_eq!(other, E::WorkflowTaskScheduled),
        }
    }
    let info = run.describe().await.workflow_execution_info.unwrap();
    assert_eq!(info.status(), S::Running);
}
