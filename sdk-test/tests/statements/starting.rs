//! Starts, and what the first event says of them.

use durably_protos::temporal::api::enums::v1::{
    ContinueAsNewInitiator, EventType as E, WorkflowExecutionStatus, WorkflowIdConflictPolicy,
    WorkflowIdReusePolicy,
};
use durably_protos::temporal::api::errordetails::v1::WorkflowExecutionAlreadyStartedFailure;
use durably_protos::temporal::api::workflow::v1::OnConflictOptions;
use durably_protos::temporal::api::workflowservice::v1::{
    ListWorkflowExecutionsRequest, RequestCancelWorkflowExecutionRequest,
    SignalWithStartWorkflowExecutionRequest,
};
use tonic::Code;

use crate::bench::{Bench, NAMESPACE, call, detail, refused};
use crate::commands::{cancel_workflow, complete, fail, seconds};
use crate::events::{attributes, nanoseconds};
use crate::run::Run;

/// Server semantics 8.1.
#[tokio::test]
async fn the_same_request_id_gives_the_same_run_even_after_it_closed() {
    let bench = Bench::begin();
    let request = bench.starting();
    let run = bench.start_as(&request).await;
    let again = call!(bench, start_workflow_execution, request.clone()).unwrap();
    assert_eq!((again.run_id, again.started), (run.run_id.clone(), true));
    run.turn(vec![complete("done")]).await;
    let again = call!(bench, start_workflow_execution, request.clone()).unwrap();
    assert_eq!((again.run_id, again.started), (run.run_id.clone(), true));
    let listed = bench
        .until("the run in the list", async || {
            let list = ListWorkflowExecutionsRequest {
                namespace: NAMESPACE.to_owned(),
                query: format!("WorkflowId = '{}'", run.workflow_id),
                ..ListWorkflowExecutionsRequest::default()
            };
            let listed = call!(bench, list_workflow_executions, list).unwrap();
            (!listed.executions.is_empty()).then_some(listed.executions)
        })
        .await;
    assert_eq!(listed.len(), 1);
}

/// Server semantics 8.2.
#[tokio::test]
async fn a_start_without_a_request_id_gets_one_of_its_own() {
    let bench = Bench::begin();
    let mut request = bench.starting();
    request.request_id.clear();
    let run = bench.start_as(&request).await;
    let again = call!(bench, start_workflow_execution, request.clone());
    let message = format!(
        "Workflow execution is already running. WorkflowId: {}, RunId: {}.",
        run.workflow_id, run.run_id
    );
    let status = refused(again, Code::AlreadyExists, &message);
    let detail: WorkflowExecutionAlreadyStartedFailure = detail(&status);
    assert_eq!(detail.run_id, run.run_id);
    assert_eq!(detail.first_execution_run_id, run.run_id);
    assert!(!detail.start_request_id.is_empty());
}

/// Server semantics 8.3.
#[tokio::test]
async fn an_open_run_is_used_even_if_duplicates_are_rejected() {
    let bench = Bench::begin();
    let mut request = bench.starting();
    let run = bench.start_as(&request).await;
    request.request_id = "another".to_owned();
    request.set_workflow_id_conflict_policy(WorkflowIdConflictPolicy::UseExisting);
    request.set_workflow_id_reuse_policy(WorkflowIdReusePolicy::RejectDuplicate);
    let used = call!(bench, start_workflow_execution, request).unwrap();
    assert_eq!(
        (used.run_id.as_str(), used.started),
        (run.run_id.as_str(), false)
    );
    assert_eq!(used.status(), WorkflowExecutionStatus::Running);
}

/// Server semantics 8.4.
#[tokio::test]
async fn allow_duplicate_failed_only_refuses_only_after_completion() {
    use WorkflowExecutionStatus as S;
    let bench = Bench::begin();
    let endings = [
        S::Completed,
        S::Failed,
        S::Canceled,
        S::Terminated,
        S::TimedOut,
    ];
    for ending in endings {
        let mut request = bench.starting();
        if ending == S::TimedOut {
            request.workflow_run_timeout = seconds(1);
        }
        let run = bench.start_as(&request).await;
        match ending {
            S::Completed => run.turn(vec![complete("done")]).await,
            S::Failed => run.turn(vec![fail("no")]).await,
            S::Canceled => run.turn(vec![cancel_workflow()]).await,
            S::Terminated => run.terminate().await,
            _ => bench.pass(1).await,
        }
        let info = run.describe().await.workflow_execution_info.unwrap();
        assert_eq!(info.status(), ending);
        request.request_id = "another".to_owned();
        request.set_workflow_id_reuse_policy(WorkflowIdReusePolicy::AllowDuplicateFailedOnly);
        let again = call!(bench, start_workflow_execution, request);
        if ending == S::Completed {
            let message = format!(
                "Workflow execution already finished successfully. WorkflowId: {}, RunId: {}. Workflow Id reuse \
                 policy: allow duplicate workflow Id if last run failed.",
                run.workflow_id, run.run_id
            );
            refused(again, Code::AlreadyExists, &message);
        } else {
            assert!(again.unwrap().started, "after {ending:?}");
        }
    }
}

/// Server semantics 8.5.
#[tokio::test]
async fn policies_that_contradict_each_other_are_refused_though_no_run_exists() {
    let bench = Bench::begin();
    let mut request = bench.starting();
    request.set_workflow_id_conflict_policy(WorkflowIdConflictPolicy::TerminateExisting);
    request.set_workflow_id_reuse_policy(WorkflowIdReusePolicy::RejectDuplicate);
    let refusal = call!(bench, start_workflow_execution, request);
    refused(
        refusal,
        Code::InvalidArgument,
        "Invalid WorkflowIDReusePolicy: WORKFLOW_ID_REUSE_POLICY_REJECT_DUPLICATE cannot be used together with \
         WorkflowIdConflictPolicy WORKFLOW_ID_CONFLICT_POLICY_TERMINATE_EXISTING",
    );
}

/// Server semantics 8.6.
#[tokio::test]
async fn a_run_that_makes_room_says_for_whom() {
    let bench = Bench::begin();
    let mut request = bench.starting();
    let old = bench.start_as(&request).await;
    request.request_id = "another".to_owned();
    request.set_workflow_id_conflict_policy(WorkflowIdConflictPolicy::TerminateExisting);
    let new = call!(bench, start_workflow_execution, request).unwrap();
    assert!(new.started && new.run_id != old.run_id);
    let terminated = attributes!(old.last().await, WorkflowExecutionTerminatedEventAttributes);
    assert_eq!(terminated.identity, "history-service");
    assert_eq!(
        terminated.reason,
        "TerminateIfRunning WorkflowIdReusePolicy"
    );
    let details = terminated.details.unwrap().payloads.remove(0).data;
    let details = String::from_utf8(details.to_vec()).unwrap();
    assert!(
        details.contains(&format!("terminated by new runID: {}", new.run_id)),
        "{details}"
    );
}

/// Server semantics 8.7.
#[tokio::test]
async fn a_request_id_that_is_attached_is_an_event_without_a_task_and_counts_as_seen() {
    let bench = Bench::begin();
    let mut request = bench.starting();
    let run = bench.start_as(&request).await;
    run.turn(vec![]).await;
    request.request_id = "attached".to_owned();
    request.set_workflow_id_conflict_policy(WorkflowIdConflictPolicy::UseExisting);
    request.on_conflict_options = Some(OnConflictOptions {
        attach_request_id: true,
        ..OnConflictOptions::default()
    });
    for _ in 0..2 {
        let used = call!(bench, start_workflow_execution, request.clone()).unwrap();
        assert_eq!(
            (used.run_id.as_str(), used.started),
            (run.run_id.as_str(), false)
        );
        assert_eq!(run.types(5).await, [E::WorkflowExecutionOptionsUpdated]);
    }
    let event = run.last().await;
    assert!(event.worker_may_ignore);
    let updated = attributes!(event, WorkflowExecutionOptionsUpdatedEventAttributes);
    assert_eq!(updated.attached_request_id, "attached");
    // Without asking for anything but the running one, it counts as seen too.
    request.workflow_id_conflict_policy = WorkflowIdConflictPolicy::Fail.into();
    request.on_conflict_options = None;
    let seen = call!(bench, start_workflow_execution, request).unwrap();
    assert_eq!(
        (seen.run_id.as_str(), seen.started),
        (run.run_id.as_str(), false)
    );
}

/// Server semantics 8.8.
#[tokio::test]
async fn timeouts_are_clipped_to_those_around_them() {
    let bench = Bench::begin();
    let cases = [
        ((0, 0, 500), (None, None, seconds(120))),
        ((0, 100, 300), (None, seconds(100), seconds(100))),
        ((100, 200, 0), (seconds(100), seconds(100), seconds(10))),
        ((7, 0, 0), (seconds(7), seconds(7), seconds(7))),
    ];
    for ((execution, run, task), clipped) in cases {
        let mut request = bench.starting();
        request.workflow_execution_timeout = seconds(execution);
        request.workflow_run_timeout = seconds(run);
        request.workflow_task_timeout = seconds(task);
        let run = bench.start_as(&request).await;
        let started = attributes!(run.event(1).await, WorkflowExecutionStartedEventAttributes);
        let set = |timeout: Option<_>| timeout.filter(|timeout| Some(*timeout) != seconds(0));
        let timeouts = (
            set(started.workflow_execution_timeout),
            set(started.workflow_run_timeout),
            started.workflow_task_timeout,
        );
        assert_eq!(timeouts, clipped);
        let scheduled = attributes!(run.event(2).await, WorkflowTaskScheduledEventAttributes);
        assert_eq!(scheduled.start_to_close_timeout, clipped.2);
    }
}

/// Server semantics 8.9.
#[tokio::test]
async fn the_first_event_names_the_delay_of_the_first_task_and_the_initiator() {
    let bench = Bench::begin();
    let run = bench.start().await;
    let started = attributes!(run.event(1).await, WorkflowExecutionStartedEventAttributes);
    assert_eq!(started.first_workflow_task_backoff, seconds(0));
    assert_eq!(started.initiator(), ContinueAsNewInitiator::Unspecified);
    let mut request = bench.starting();
    request.cron_schedule = "0 0 1 1 *".to_owned();
    let run = bench.start_as(&request).await;
    let started = attributes!(run.event(1).await, WorkflowExecutionStartedEventAttributes);
    assert!(started.first_workflow_task_backoff.unwrap().seconds > 0);
    assert_eq!(started.initiator(), ContinueAsNewInitiator::CronSchedule);
    assert_eq!(run.types(2).await, []);
    run.terminate().await;
}

/// Server semantics 8.10.
#[tokio::test]
async fn retry_policies_are_written_with_their_defaults() {
    let bench = Bench::begin();
    let mut request = bench.starting();
    request.retry_policy = Some(durably_protos::temporal::api::common::v1::RetryPolicy {
        maximum_attempts: 3,
        ..Default::default()
    });
    let run = bench.start_as(&request).await;
    let started = attributes!(run.event(1).await, WorkflowExecutionStartedEventAttributes);
    let policy = started.retry_policy.unwrap();
    assert_eq!(policy.initial_interval, seconds(1));
    assert!((policy.backoff_coefficient - 2.0).abs() < f64::EPSILON);
    assert_eq!(policy.maximum_interval, seconds(100));
    assert_eq!(policy.maximum_attempts, 3);
}

async fn delayed(bench: &Bench) -> Run {
    let mut request = bench.starting();
    request.workflow_start_delay = seconds(60);
    let run = bench.start_as(&request).await;
    assert_eq!(run.types(2).await, []);
    run
}

/// Server semantics 8.11.
#[tokio::test]
async fn a_start_delay_outlasts_signals_but_neither_signal_with_start_nor_cancel() {
    let bench = Bench::begin();
    let run = delayed(&bench).await;
    run.signal("plain").await;
    assert_eq!(run.types(2).await, [E::WorkflowExecutionSignaled]);
    let request = bench.starting();
    let signal_with_start = SignalWithStartWorkflowExecutionRequest {
        namespace: NAMESPACE.to_owned(),
        workflow_id: run.workflow_id.clone(),
        workflow_type: request.workflow_type,
        task_queue: request.task_queue,
        signal_name: "with start".to_owned(),
        ..SignalWithStartWorkflowExecutionRequest::default()
    };
    call!(
        bench,
        signal_with_start_workflow_execution,
        signal_with_start
    )
    .unwrap();
    let woken = [E::WorkflowExecutionSignaled, E::WorkflowTaskScheduled];
    assert_eq!(run.types(3).await, woken);
    let run = delayed(&bench).await;
    let cancel = RequestCancelWorkflowExecutionRequest {
        namespace: NAMESPACE.to_owned(),
        workflow_execution: run.execution(),
        ..RequestCancelWorkflowExecutionRequest::default()
    };
    call!(bench, request_cancel_workflow_execution, cancel).unwrap();
    let woken = [
        E::WorkflowExecutionCancelRequested,
        E::WorkflowTaskScheduled,
    ];
    assert_eq!(run.types(2).await, woken);
}

/// Server semantics 8.12.
#[tokio::test]
async fn the_run_timeout_counts_from_the_end_of_the_start_delay() {
    let bench = Bench::begin();
    let mut request = bench.starting();
    request.workflow_start_delay = seconds(60);
    request.workflow_run_timeout = seconds(30);
    let run = bench.start_as(&request).await;
    let described = run.describe().await;
    let info = described.workflow_execution_info.unwrap();
    let expires = described
        .workflow_extended_info
        .unwrap()
        .run_expiration_time;
    let delay = nanoseconds(info.execution_time) - nanoseconds(info.start_time);
    assert_eq!(delay, 60_000_000_000);
    let lasts = nanoseconds(expires) - nanoseconds(info.start_time);
    assert_eq!(lasts, 90_000_000_000);
}
