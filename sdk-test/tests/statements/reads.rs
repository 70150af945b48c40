//! Histories, namespaces, and polls that end.

use std::time::Duration;

use durably_protos::temporal::api::enums::v1::{EventType as E, HistoryEventFilterType};
use durably_protos::temporal::api::errordetails::v1::NamespaceNotFoundFailure;
use durably_protos::temporal::api::workflowservice::v1::{
    CountWorkflowExecutionsRequest, DescribeNamespaceRequest, PollActivityTaskQueueRequest,
    PollWorkflowTaskQueueRequest, PollWorkflowTaskQueueResponse,
};
use tonic::{Code, Status};

use crate::bench::{Bench, NAMESPACE, call, detail, queue, refused};
use crate::commands::{child_of, complete, start_child, timer};
use crate::events::happened;

/// Server semantics 8.70.
#[tokio::test]
async fn waiting_for_the_end_gives_the_last_event_alone() {
    let bench = Bench::begin();
    let run = bench.start().await;
    let mut reading = run.reading();
    reading.set_history_event_filter_type(HistoryEventFilterType::CloseEvent);
    let now = call!(bench, get_workflow_execution_history, reading.clone()).unwrap();
    assert_eq!(now.history.unwrap_or_default().events, []);
    assert!(now.next_page_token.is_empty());
    reading.wait_new_event = true;
    let waiting = tokio::spawn({
        let bench = bench.clone();
        async move { call!(bench, get_workflow_execution_history, reading) }
    });
    bench.arrive().await;
    run.signal("signal").await;
    bench.arrive().await;
    assert!(!waiting.is_finished());
    run.turn(vec![complete("done")]).await;
    let end = waiting.await.unwrap().unwrap();
    let events = end.history.unwrap().events;
    assert_eq!(events.len(), 1);
    assert_eq!(events[0], run.last().await);
    assert_eq!(events[0].event_type(), E::WorkflowExecutionCompleted);
    assert!(end.next_page_token.is_empty());
}

/// Server semantics 8.71.
#[tokio::test]
async fn waiting_for_events_that_do_not_come_ends_with_a_token_to_go_on() {
    let bench = Bench::begin();
    let run = bench.start().await;
    let mut reading = run.reading();
    reading.wait_new_event = true;
    let page = call!(bench, get_workflow_execution_history, reading.clone()).unwrap();
    assert_eq!(page.history.unwrap().events.len(), 2);
    reading.next_page_token = page.next_page_token;
    assert!(!reading.next_page_token.is_empty());
    // Every wait ends after 20 s of real time. Here the runtime's clock alone has them pass.
    if bench.is_embedded() {
        tokio::time::pause();
    }
    let begun = tokio::time::Instant::now();
    let page = call!(bench, get_workflow_execution_history, reading.clone(), within 60).unwrap();
    let passed = begun.elapsed();
    let about_20 = Duration::from_secs(19)..Duration::from_secs(23);
    assert!(about_20.contains(&passed), "{passed:?}");
    assert_eq!(page.history.unwrap_or_default().events, []);
    reading.next_page_token = page.next_page_token;
    assert!(!reading.next_page_token.is_empty());
    run.signal("signal").await;
    let page = call!(bench, get_workflow_execution_history, reading).unwrap();
    let events = page.history.unwrap().events;
    let ids: Vec<_> = events.iter().map(|event| event.event_id).collect();
    assert_eq!(ids, [3]);
}

/// Server semantics 8.72.
#[tokio::test]
async fn an_event_tells_when_it_happened_and_not_when_it_was_written() {
    let bench = Bench::begin();
    let run = bench.start().await;
    let task = run.task().await;
    run.signal("signal").await;
    bench.pass(1).await;
    run.respond(&task, vec![timer("timer", 60)]).await.unwrap();
    let types = [
        E::WorkflowTaskCompleted,
        E::TimerStarted,
        E::WorkflowExecutionSignaled,
        E::WorkflowTaskScheduled,
    ];
    assert_eq!(run.types(4).await, types);
    let [completed, signaled] = [run.event(4).await, run.event(6).await];
    assert!(happened(&completed) - happened(&signaled) >= 1_000_000_000);
}

fn is_not_found<T: std::fmt::Debug>(answer: Result<T, Status>) {
    let message = "Namespace nowhere is not found.";
    let status = refused(answer, Code::NotFound, message);
    let detail: NamespaceNotFoundFailure = detail(&status);
    assert_eq!(detail.namespace, "nowhere");
}

/// Server semantics 8.73.
#[tokio::test]
async fn an_unknown_namespace_is_named_by_every_call_and_command() {
    let bench = Bench::begin();
    let run = bench.start().await;
    let nowhere = "nowhere".to_owned();
    let request = DescribeNamespaceRequest {
        namespace: nowhere.clone(),
        ..DescribeNamespaceRequest::default()
    };
    is_not_found(call!(bench, describe_namespace, request));
    let mut start = bench.starting();
    start.namespace = nowhere.clone();
    is_not_found(call!(bench, start_workflow_execution, start));
    let mut reading = run.reading();
    reading.namespace = nowhere.clone();
    is_not_found(call!(bench, get_workflow_execution_history, reading));
    let request = PollWorkflowTaskQueueRequest {
        namespace: nowhere.clone(),
        task_queue: Some(queue(&run.workflow_id)),
        ..PollWorkflowTaskQueueRequest::default()
    };
    is_not_found(call!(bench, poll_workflow_task_queue, request));
    let request = PollActivityTaskQueueRequest {
        namespace: nowhere.clone(),
        task_queue: Some(queue(&run.workflow_id)),
        ..PollActivityTaskQueueRequest::default()
    };
    is_not_found(call!(bench, poll_activity_task_queue, request));
    let request = CountWorkflowExecutionsRequest {
        namespace: nowhere.clone(),
        ..CountWorkflowExecutionsRequest::default()
    };
    is_not_found(call!(bench, count_workflow_executions, request));
    let task = run.task().await;
    let mut child = child_of("child");
    #[expect(deprecated, reason = "it is still read")]
    {
        child.namespace = nowhere;
    }
    is_not_found(run.respond(&task, vec![start_child(child)]).await);
    assert_eq!(run.types(4).await, []);
    run.respond(&task, vec![complete("done")]).await.unwrap();
}

/// Server semantics 8.74.
#[tokio::test]
async fn a_poll_needs_time_and_ends_empty_before_its_deadline() {
    let bench = Bench::begin();
    let request = PollWorkflowTaskQueueRequest {
        namespace: NAMESPACE.to_owned(),
        task_queue: Some(queue(&bench.starting().workflow_id)),
        ..PollWorkflowTaskQueueRequest::default()
    };
    let short = call!(bench, poll_workflow_task_queue, request.clone(), within 1);
    refused(
        short,
        Code::FailedPrecondition,
        "Context timeout is too short.",
    );
    if bench.is_embedded() {
        tokio::time::pause();
    }
    let begun = tokio::time::Instant::now();
    let empty = call!(bench, poll_workflow_task_queue, request, within 4).unwrap();
    let passed = begun.elapsed();
    let about_3 = Duration::from_millis(2500)..Duration::from_millis(3900);
    assert!(about_3.contains(&passed), "{passed:?}");
    let empty = PollWorkflowTaskQueueResponse {
        poller_scaling_decision: None,
        ..empty
    };
    assert_eq!(empty.task_token, "");
    assert_eq!(empty.workflow_execution, None);
    assert_eq!(empty.history, None);
}
