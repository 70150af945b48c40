//! Signals, cancellation and termination.

use durably_protos::temporal::api::command::v1::ContinueAsNewWorkflowExecutionCommandAttributes;
use durably_protos::temporal::api::enums::v1::{
    EventType as E, WorkflowExecutionStatus, WorkflowIdConflictPolicy, WorkflowTaskFailedCause,
};
use durably_protos::temporal::api::errordetails::v1::NotFoundFailure;
use durably_protos::temporal::api::workflowservice::v1::{
    RequestCancelWorkflowExecutionRequest, SignalWithStartWorkflowExecutionRequest,
    SignalWorkflowExecutionRequest, TerminateWorkflowExecutionRequest,
};
use tonic::Code;
use uuid::Uuid;

use crate::bench::{Bench, NAMESPACE, call, detail, refused};
use crate::commands::{complete, continue_as_new};
use crate::events::attributes;
use crate::run::Run;

fn signal(run: &Run) -> SignalWorkflowExecutionRequest {
    SignalWorkflowExecutionRequest {
        namespace: NAMESPACE.to_owned(),
        workflow_execution: run.execution(),
        signal_name: "signal".to_owned(),
        ..SignalWorkflowExecutionRequest::default()
    }
}

fn cancel(run: &Run, request_id: &str) -> RequestCancelWorkflowExecutionRequest {
    RequestCancelWorkflowExecutionRequest {
        namespace: NAMESPACE.to_owned(),
        workflow_execution: run.execution(),
        identity: "client".to_owned(),
        request_id: request_id.to_owned(),
        reason: "because".to_owned(),
        ..RequestCancelWorkflowExecutionRequest::default()
    }
}

fn terminate(run: &Run) -> TerminateWorkflowExecutionRequest {
    TerminateWorkflowExecutionRequest {
        namespace: NAMESPACE.to_owned(),
        workflow_execution: run.execution(),
        ..TerminateWorkflowExecutionRequest::default()
    }
}

/// Server semantics 8.13.
#[tokio::test]
async fn a_signal_of_a_request_id_that_was_seen_is_accepted_and_dropped() {
    let bench = Bench::begin();
    let run = bench.start().await;
    let mut request = signal(&run);
    request.request_id = "once".to_owned();
    for _ in 0..2 {
        call!(bench, signal_workflow_execution, request.clone()).unwrap();
    }
    let both = [E::WorkflowTaskScheduled, E::WorkflowExecutionSignaled];
    assert_eq!(run.types(2).await, both);
    request.request_id = "twice".to_owned();
    call!(bench, signal_workflow_execution, request).unwrap();
    assert_eq!(run.types(4).await, [E::WorkflowExecutionSignaled]);
}

/// Server semantics 8.14.
#[tokio::test]
async fn cancellation_is_accepted_twice_and_after_the_end_and_signals_are_not() {
    let bench = Bench::begin();
    let run = bench.start().await;
    for request_id in ["first", "first", "second"] {
        call!(
            bench,
            request_cancel_workflow_execution,
            cancel(&run, request_id)
        )
        .unwrap();
    }
    let once = [
        E::WorkflowTaskScheduled,
        E::WorkflowExecutionCancelRequested,
    ];
    assert_eq!(run.types(2).await, once);
    let requested = attributes!(
        run.last().await,
        WorkflowExecutionCancelRequestedEventAttributes
    );
    assert_eq!(
        (requested.cause.as_str(), requested.identity.as_str()),
        ("because", "client")
    );
    run.turn(vec![complete("done")]).await;
    let length = run.events().await.len();
    call!(
        bench,
        request_cancel_workflow_execution,
        cancel(&run, "third")
    )
    .unwrap();
    assert_eq!(run.events().await.len(), length);
    let completed = "workflow execution already completed";
    let signaled = call!(bench, signal_workflow_execution, signal(&run));
    let status = refused(signaled, Code::NotFound, completed);
    detail::<NotFoundFailure>(&status);
    let terminated = call!(bench, terminate_workflow_execution, terminate(&run));
    refused(terminated, Code::NotFound, completed);
}

/// Server semantics 8.15.
#[tokio::test]
async fn termination_fails_the_task_in_flight_and_writes_what_was_buffered() {
    let bench = Bench::begin();
    let run = bench.start().await;
    run.task().await;
    run.signal("buffered").await;
    run.terminate().await;
    let end = [
        E::WorkflowTaskFailed,
        E::WorkflowExecutionSignaled,
        E::WorkflowExecutionTerminated,
    ];
    assert_eq!(run.types(4).await, end);
    let failed = attributes!(run.event(4).await, WorkflowTaskFailedEventAttributes);
    assert_eq!(failed.cause(), WorkflowTaskFailedCause::ForceCloseCommand);
    assert_eq!(failed.identity, "history-service");
    assert_eq!((failed.scheduled_event_id, failed.started_event_id), (2, 3));
}

/// Server semantics 8.16.
#[tokio::test]
async fn termination_without_a_reason_is_given_one() {
    let bench = Bench::begin();
    let run = bench.start().await;
    run.terminate().await;
    let terminated = attributes!(run.last().await, WorkflowExecutionTerminatedEventAttributes);
    assert_eq!(terminated.reason, "terminated by user via frontend");
    assert_eq!(terminated.identity, "frontend-service");
    let run = bench.start().await;
    let mut request = terminate(&run);
    request.reason = "mine".to_owned();
    request.identity = "client".to_owned();
    call!(bench, terminate_workflow_execution, request).unwrap();
    let terminated = attributes!(run.last().await, WorkflowExecutionTerminatedEventAttributes);
    assert_eq!(
        (terminated.reason.as_str(), terminated.identity.as_str()),
        ("mine", "client")
    );
}

/// Server semantics 8.17.
#[tokio::test]
async fn the_first_run_of_a_chain_addresses_its_current_one() {
    let bench = Bench::begin();
    let first = bench.start().await;
    let again = ContinueAsNewWorkflowExecutionCommandAttributes::default();
    first.turn(vec![continue_as_new(again)]).await;
    let current = first.current().await;
    assert_ne!(current.run_id, first.run_id);
    let any = Run::new(&bench, &first.workflow_id, "");
    let mut request = terminate(&any);
    request.first_execution_run_id = Uuid::new_v4().to_string();
    let other = call!(bench, terminate_workflow_execution, request.clone());
    refused(other, Code::NotFound, "workflow execution not found");
    let mut other = cancel(&any, "cancel");
    other.first_execution_run_id = Uuid::new_v4().to_string();
    let other = call!(bench, request_cancel_workflow_execution, other);
    refused(other, Code::NotFound, "workflow execution not found");
    request.first_execution_run_id = first.run_id;
    call!(bench, terminate_workflow_execution, request).unwrap();
    let info = current.describe().await.workflow_execution_info.unwrap();
    assert_eq!(info.status(), WorkflowExecutionStatus::Terminated);
}

/// Server semantics 8.18.
#[tokio::test]
async fn signal_with_start_writes_the_signal_before_the_task_and_cannot_fail_on_conflict() {
    let bench = Bench::begin();
    let start = bench.starting();
    let mut request = SignalWithStartWorkflowExecutionRequest {
        namespace: NAMESPACE.to_owned(),
        workflow_id: start.workflow_id.clone(),
        workflow_type: start.workflow_type,
        task_queue: start.task_queue,
        signal_name: "signal".to_owned(),
        request_id: "request".to_owned(),
        ..SignalWithStartWorkflowExecutionRequest::default()
    };
    let mut failing = request.clone();
    failing.set_workflow_id_conflict_policy(WorkflowIdConflictPolicy::Fail);
    let refusal = call!(bench, signal_with_start_workflow_execution, failing);
    refused(
        refusal,
        Code::InvalidArgument,
        "Invalid WorkflowIDConflictPolicy: WORKFLOW_ID_CONFLICT_POLICY_FAIL is not supported for this operation.",
    );
    let first = call!(bench, signal_with_start_workflow_execution, request.clone()).unwrap();
    assert!(first.started);
    let run = Run::new(&bench, &start.workflow_id, &first.run_id);
    let begun = [
        E::WorkflowExecutionStarted,
        E::WorkflowExecutionSignaled,
        E::WorkflowTaskScheduled,
    ];
    assert_eq!(run.types(1).await, begun);
    let again = call!(bench, signal_with_start_workflow_execution, request.clone()).unwrap();
    assert_eq!((&again.run_id, again.started), (&run.run_id, false));
    assert_eq!(run.types(4).await, []);
    request.request_id = "another".to_owned();
    let other = call!(bench, signal_with_start_workflow_execution, request).unwrap();
    assert_eq!((&other.run_id, other.started), (&run.run_id, false));
    assert_eq!(run.types(4).await, [E::WorkflowExecutionSignaled]);
}
