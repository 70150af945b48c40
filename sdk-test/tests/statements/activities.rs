//! Activities: what of them is written, their cancellation and timeouts.

use durably_protos::temporal::api::common::v1::Payloads;
use durably_protos::temporal::api::enums::v1::{
    EventType as E, PendingActivityState, RetryState, TimeoutType,
};
use durably_protos::temporal::api::failure::v1::Failure;
use durably_protos::temporal::api::failure::v1::failure::FailureInfo;
use durably_protos::temporal::api::workflow::v1::PendingActivityInfo;
use durably_protos::temporal::api::workflowservice::v1::{
    PollActivityTaskQueueResponse, RespondActivityTaskCanceledRequest,
    RespondActivityTaskCompletedRequest, RespondActivityTaskFailedRequest,
};
use tonic::{Code, Status};

use crate::bench::{Bench, NAMESPACE, call, refused};
use crate::commands::{
    activity, cancel_activity, complete, failure, retrying, schedule, scheduling, seconds, timer,
};
use crate::events::{attributes, happened, nanoseconds};
use crate::run::Run;

pub(crate) async fn complete_task(
    run: &Run,
    task: &PollActivityTaskQueueResponse,
) -> Result<(), Status> {
    let request = RespondActivityTaskCompletedRequest {
        namespace: NAMESPACE.to_owned(),
        task_token: task.task_token.clone(),
        identity: "activity worker".to_owned(),
        ..RespondActivityTaskCompletedRequest::default()
    };
    call!(run.bench, respond_activity_task_completed, request).map(drop)
}

pub(crate) async fn fail_task(
    run: &Run,
    task: &PollActivityTaskQueueResponse,
    failure: Option<Failure>,
    last_heartbeat_details: Option<Payloads>,
) -> Result<(), Status> {
    let request = RespondActivityTaskFailedRequest {
        namespace: NAMESPACE.to_owned(),
        task_token: task.task_token.clone(),
        identity: "activity worker".to_owned(),
        failure,
        last_heartbeat_details,
        ..RespondActivityTaskFailedRequest::default()
    };
    call!(run.bench, respond_activity_task_failed, request).map(drop)
}

pub(crate) async fn pending(run: &Run) -> PendingActivityInfo {
    let mut pending = run.describe().await.pending_activities;
    assert_eq!(pending.len(), 1);
    pending.remove(0)
}

fn timed_out(failure: &Failure) -> TimeoutType {
    let Some(FailureInfo::TimeoutFailureInfo(info)) = &failure.failure_info else {
        panic!("a timeout, not {failure:?}");
    };
    info.timeout_type()
}

/// Server semantics 8.35.
#[tokio::test]
async fn the_start_of_an_activity_is_written_with_its_end_and_says_when_it_was() {
    let bench = Bench::begin();
    let run = bench.start().await;
    let mut attributes = scheduling(&run, "a");
    attributes.retry_policy = retrying(1, 0);
    run.turn(vec![schedule(attributes)]).await;
    let first = run.activity_task().await;
    fail_task(&run, &first, Some(failure("first")), None)
        .await
        .unwrap();
    bench.pass(1).await;
    let task = run.activity_task().await;
    assert_eq!(task.attempt, 2);
    assert_eq!(run.types(6).await, []);
    bench.pass(2).await;
    complete_task(&run, &task).await.unwrap();
    let types = [
        E::ActivityTaskStarted,
        E::ActivityTaskCompleted,
        E::WorkflowTaskScheduled,
    ];
    assert_eq!(run.types(6).await, types);
    let [event, end] = [run.event(6).await, run.event(7).await];
    assert_eq!(happened(&event), nanoseconds(task.started_time));
    assert!(happened(&end) - happened(&event) >= 2_000_000_000);
    let started = attributes!(event, ActivityTaskStartedEventAttributes);
    assert_eq!((started.scheduled_event_id, started.attempt), (5, 2));
    assert_eq!(started.identity, "activity worker");
    assert_eq!(started.last_failure.as_deref(), Some(&failure("first")));
    let completed = attributes!(end, ActivityTaskCompletedEventAttributes);
    assert_eq!(
        (completed.scheduled_event_id, completed.started_event_id),
        (5, 6)
    );
}

/// Server semantics 8.36.
#[tokio::test]
async fn retries_of_an_activity_are_not_written() {
    let bench = Bench::begin();
    let run = bench.start().await;
    let mut attributes = scheduling(&run, "a");
    attributes.retry_policy = Some(durably_protos::temporal::api::common::v1::RetryPolicy {
        initial_interval: seconds(1),
        backoff_coefficient: 1.0,
        ..Default::default()
    });
    run.turn(vec![schedule(attributes)]).await;
    for attempt in 1..=3 {
        let task = run.activity_task().await;
        assert_eq!(task.attempt, attempt);
        fail_task(&run, &task, Some(failure("again")), None)
            .await
            .unwrap();
        bench.pass(1).await;
        assert_eq!(run.types(6).await, []);
        let pending = pending(&run).await;
        assert_eq!(
            (pending.attempt, pending.state()),
            (attempt + 1, PendingActivityState::Scheduled)
        );
        assert_eq!(pending.last_failure.unwrap().message, "again");
    }
}

async fn assert_canceled_unstarted(run: &Run) {
    run.signal("wake").await;
    run.turn(vec![cancel_activity(5)]).await;
    let types = [
        E::ActivityTaskCancelRequested,
        E::ActivityTaskCanceled,
        E::WorkflowTaskScheduled,
    ];
    assert_eq!(run.types(10).await, types);
    let canceled = attributes!(run.event(11).await, ActivityTaskCanceledEventAttributes);
    assert_eq!(
        (canceled.scheduled_event_id, canceled.started_event_id),
        (5, 0)
    );
    assert_eq!(canceled.latest_cancel_requested_event_id, 10);
    assert_eq!(canceled.identity, "worker");
    let details = canceled.details.unwrap().payloads.remove(0);
    assert_eq!(details.data, "\"ACTIVITY_ID_NOT_STARTED\"");
}

/// Server semantics 8.37.
#[tokio::test]
async fn an_activity_that_is_not_running_is_canceled_at_once() {
    let bench = Bench::begin();
    let run = bench.start().await;
    run.turn(vec![activity(&run, "a")]).await;
    assert_canceled_unstarted(&run).await;
    let run = bench.start().await;
    let mut attributes = scheduling(&run, "a");
    attributes.retry_policy = retrying(30, 0);
    run.turn(vec![schedule(attributes)]).await;
    let task = run.activity_task().await;
    fail_task(&run, &task, Some(failure("again")), None)
        .await
        .unwrap();
    assert_canceled_unstarted(&run).await;
}

#[tokio::test]
async fn the_cancellation_of_one_that_is_not_running_comes_behind_the_commands() {
    let bench = Bench::begin();
    let run = bench.start().await;
    run.turn(vec![activity(&run, "a")]).await;
    run.signal("wake").await;
    run.turn(vec![cancel_activity(5), timer("b", 60)]).await;
    let types = [
        E::ActivityTaskCancelRequested,
        E::TimerStarted,
        E::ActivityTaskCanceled,
        E::WorkflowTaskScheduled,
    ];
    assert_eq!(run.types(10).await, types);

    let run = bench.start().await;
    run.turn(vec![activity(&run, "a")]).await;
    run.signal("wake").await;
    run.turn(vec![cancel_activity(5), complete("over")]).await;
    let types = [
        E::ActivityTaskCancelRequested,
        E::WorkflowExecutionCompleted,
    ];
    assert_eq!(run.types(10).await, types);
}

/// Server semantics 8.38.
#[tokio::test]
async fn an_activity_cannot_be_canceled_unasked() {
    let bench = Bench::begin();
    let run = bench.start().await;
    run.turn(vec![activity(&run, "a")]).await;
    let task = run.activity_task().await;
    let request = RespondActivityTaskCanceledRequest {
        namespace: NAMESPACE.to_owned(),
        task_token: task.task_token.clone(),
        ..RespondActivityTaskCanceledRequest::default()
    };
    let canceled = call!(bench, respond_activity_task_canceled, request);
    refused(
        canceled,
        Code::InvalidArgument,
        "unable to mark activity as canceled without activity being request canceled first",
    );
    assert_eq!(run.types(6).await, []);
    assert_eq!(pending(&run).await.state(), PendingActivityState::Started);
    complete_task(&run, &task).await.unwrap();
}

/// Server semantics 8.39.
#[tokio::test]
async fn an_activity_that_fails_after_it_was_asked_to_cancel_is_not_retried() {
    let bench = Bench::begin();
    let run = bench.start().await;
    run.turn(vec![activity(&run, "a")]).await;
    let task = run.activity_task().await;
    run.signal("wake").await;
    run.turn(vec![cancel_activity(5)]).await;
    assert_eq!(
        pending(&run).await.state(),
        PendingActivityState::CancelRequested
    );
    fail_task(&run, &task, Some(failure("stopped")), None)
        .await
        .unwrap();
    let types = [
        E::ActivityTaskCancelRequested,
        E::ActivityTaskStarted,
        E::ActivityTaskFailed,
        E::WorkflowTaskScheduled,
    ];
    assert_eq!(run.types(10).await, types);
    let failed = attributes!(run.event(12).await, ActivityTaskFailedEventAttributes);
    assert_eq!(failed.retry_state(), RetryState::CancelRequested);
    assert_eq!(failed.failure, Some(failure("stopped")));
}

/// Server semantics 8.40.
#[tokio::test]
async fn a_retry_without_time_left_ends_the_activity_at_once() {
    let bench = Bench::begin();
    let run = bench.start().await;
    let mut attributes = scheduling(&run, "a");
    attributes.schedule_to_close_timeout = seconds(30);
    attributes.start_to_close_timeout = seconds(1);
    attributes.retry_policy = retrying(1, 0);
    run.turn(vec![schedule(attributes)]).await;
    let task = run.activity_task().await;
    fail_task(&run, &task, Some(failure("first")), None)
        .await
        .unwrap();
    bench.pass(1).await;
    run.activity_task().await;
    bench.pass(1).await;
    let types = [
        E::ActivityTaskStarted,
        E::ActivityTaskTimedOut,
        E::WorkflowTaskScheduled,
    ];
    assert_eq!(run.types(6).await, types);
    let ended = attributes!(run.event(7).await, ActivityTaskTimedOutEventAttributes);
    assert_eq!(ended.retry_state(), RetryState::Timeout);
    let end = ended.failure.unwrap();
    assert_eq!(timed_out(&end), TimeoutType::ScheduleToClose);
    assert_eq!(
        end.message,
        "Not enough time to schedule next retry before activity ScheduleToClose timeout, giving up retrying"
    );
    // Of the attempt before, not of the one that took too long.
    assert_eq!(end.cause.as_deref(), Some(&failure("first")));

    let run = bench.start().await;
    let mut attributes = scheduling(&run, "a");
    attributes.schedule_to_close_timeout = seconds(2);
    attributes.retry_policy = retrying(5, 0);
    run.turn(vec![schedule(attributes)]).await;
    let task = run.activity_task().await;
    fail_task(&run, &task, Some(failure("reported")), None)
        .await
        .unwrap();
    let types = [
        E::ActivityTaskStarted,
        E::ActivityTaskFailed,
        E::WorkflowTaskScheduled,
    ];
    assert_eq!(run.types(6).await, types);
    let failed = attributes!(run.event(7).await, ActivityTaskFailedEventAttributes);
    assert_eq!(failed.retry_state(), RetryState::Timeout);
    assert_eq!(failed.failure, Some(failure("reported")));
}

/// Server semantics 8.41.
#[tokio::test]
async fn an_activity_nobody_starts_in_time_is_not_retried() {
    let bench = Bench::begin();
    let run = bench.start().await;
    let mut attributes = scheduling(&run, "a");
    attributes.schedule_to_start_timeout = seconds(1);
    attributes.retry_policy = retrying(1, 0);
    run.turn(vec![schedule(attributes)]).await;
    bench.pass(1).await;
    let types = [E::ActivityTaskTimedOut, E::WorkflowTaskScheduled];
    assert_eq!(run.types(6).await, types);
    let ended = attributes!(run.event(6).await, ActivityTaskTimedOutEventAttributes);
    assert_eq!(ended.retry_state(), RetryState::Timeout);
    assert_eq!((ended.scheduled_event_id, ended.started_event_id), (5, 0));
    let end = ended.failure.unwrap();
    assert_eq!(timed_out(&end), TimeoutType::ScheduleToStart);
    assert_eq!(
        (end.message.as_str(), end.source.as_str()),
        ("activity ScheduleToStart timeout", "Server")
    );
    run.turn(vec![complete("done")]).await;
}
