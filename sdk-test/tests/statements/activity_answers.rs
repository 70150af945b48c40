//! How activities are answered, and the ids by which they are known.

use durably_protos::google::protobuf::Duration;
use durably_protos::temporal::api::enums::v1::EventType as E;
use durably_protos::temporal::api::failure::v1::failure::FailureInfo;
use durably_protos::temporal::api::failure::v1::{Failure, TimeoutFailureInfo};
use durably_protos::temporal::api::workflowservice::v1::RespondActivityTaskCompletedByIdRequest;
use tonic::Code;

use crate::activities::{complete_task, fail_task, pending};
use crate::bench::{Bench, NAMESPACE, call, refused};
use crate::commands::{
    activity, cancel_activity, complete, failure, payloads, retrying, schedule, scheduling,
};
use crate::events::{attributes, nanoseconds};

/// Server semantics 8.42.
#[tokio::test]
async fn an_activity_can_be_completed_by_id_before_anybody_started_it() {
    let bench = Bench::begin();
    let run = bench.start().await;
    run.turn(vec![activity(&run, "a"), activity(&run, "b")])
        .await;
    let request = RespondActivityTaskCompletedByIdRequest {
        namespace: NAMESPACE.to_owned(),
        workflow_id: run.workflow_id.clone(),
        activity_id: "a".to_owned(),
        result: payloads("by id"),
        identity: "operator".to_owned(),
        ..RespondActivityTaskCompletedByIdRequest::default()
    };
    call!(bench, respond_activity_task_completed_by_id, request).unwrap();
    let types = [
        E::ActivityTaskStarted,
        E::ActivityTaskCompleted,
        E::WorkflowTaskScheduled,
    ];
    assert_eq!(run.types(7).await, types);
    let started = attributes!(run.event(7).await, ActivityTaskStartedEventAttributes);
    assert_eq!((started.scheduled_event_id, started.attempt), (5, 1));
    assert_eq!(
        (started.identity.as_str(), started.request_id.as_str()),
        ("operator", "")
    );
    let completed = attributes!(run.event(8).await, ActivityTaskCompletedEventAttributes);
    assert_eq!(completed.result, payloads("by id"));
    // The queue gives the other one alone.
    assert_eq!(run.activity_task().await.activity_id, "b");
}

/// Server semantics 8.43.
#[tokio::test]
async fn an_activity_fails_of_the_application_or_of_nothing() {
    let bench = Bench::begin();
    let run = bench.start().await;
    let mut attributes = scheduling(&run, "a");
    attributes.retry_policy = retrying(1, 0);
    run.turn(vec![schedule(attributes)]).await;
    let task = run.activity_task().await;
    let info = TimeoutFailureInfo::default();
    let other = Failure {
        failure_info: Some(FailureInfo::TimeoutFailureInfo(info)),
        ..Failure::default()
    };
    let answer = fail_task(&run, &task, Some(other), None).await;
    refused(
        answer,
        Code::InvalidArgument,
        "Failure must have ApplicationFailureInfo.",
    );
    fail_task(&run, &task, None, None).await.unwrap();
    assert_eq!(pending(&run).await.attempt, 2);
}

/// Server semantics 8.44.
#[tokio::test]
async fn details_given_with_a_failure_reach_the_next_attempt() {
    let bench = Bench::begin();
    let run = bench.start().await;
    let mut attributes = scheduling(&run, "a");
    attributes.retry_policy = retrying(1, 0);
    run.turn(vec![schedule(attributes)]).await;
    let task = run.activity_task().await;
    assert_eq!(task.heartbeat_details, None);
    fail_task(&run, &task, Some(failure("first")), payloads("so far"))
        .await
        .unwrap();
    bench.pass(1).await;
    let task = run.activity_task().await;
    assert_eq!(
        (task.attempt, task.heartbeat_details),
        (2, payloads("so far"))
    );
}

/// Server semantics 8.45.
#[tokio::test]
async fn the_id_of_an_activity_is_free_again_once_it_ended() {
    const TAKEN: &str = "ScheduleActivityDuplicateId: invalid history builder state for action: \
                         add-activitytask-scheduled-event, ActivityID: a";
    let bench = Bench::begin();
    let run = bench.start().await;
    let task = run.task().await;
    let twice = run.respond(&task, vec![activity(&run, "a"), activity(&run, "a")]);
    refused(twice.await, Code::InvalidArgument, TAKEN);

    let run = bench.start().await;
    run.turn(vec![activity(&run, "a")]).await;
    run.signal("wake").await;
    let task = run.task().await;
    let pending = run.respond(&task, vec![activity(&run, "a")]).await;
    refused(pending, Code::InvalidArgument, TAKEN);
    let answer = run.activity_task().await;
    complete_task(&run, &answer).await.unwrap();
    run.turn(vec![activity(&run, "a")]).await;
    assert_eq!(run.last().await.event_type(), E::ActivityTaskScheduled);
}

/// Server semantics 8.46.
#[tokio::test]
async fn the_delay_a_failure_asks_for_overrides_the_policy() {
    let bench = Bench::begin();
    let run = bench.start().await;
    let mut attributes = scheduling(&run, "a");
    let mut policy = retrying(1, 0);
    if let Some(policy) = &mut policy {
        policy.maximum_interval = Some(Duration {
            seconds: 2,
            nanos: 0,
        });
    }
    attributes.retry_policy = policy;
    run.turn(vec![schedule(attributes)]).await;
    let task = run.activity_task().await;
    let mut failure = failure("later");
    if let Some(FailureInfo::ApplicationFailureInfo(info)) = &mut failure.failure_info {
        info.next_retry_delay = Some(Duration {
            seconds: 7,
            nanos: 0,
        });
    }
    fail_task(&run, &task, Some(failure), None).await.unwrap();
    let pending = pending(&run).await;
    // The real server takes it from two readings of its clock.
    assert_eq!(pending.current_retry_interval.unwrap().seconds, 7);
    let delay = nanoseconds(pending.next_attempt_schedule_time)
        - nanoseconds(pending.last_attempt_complete_time);
    assert_eq!(delay / 1_000_000, 7_000);
}

/// Server semantics 8.47.
#[tokio::test]
async fn canceling_an_activity_is_wrong_once_its_end_is_written() {
    let bench = Bench::begin();
    let run = bench.start().await;
    run.turn(vec![activity(&run, "a")]).await;
    let answer = run.activity_task().await;
    complete_task(&run, &answer).await.unwrap();
    let task = run.task().await;
    let canceled = run.respond(&task, vec![cancel_activity(5)]).await;
    let status = canceled.unwrap_err();
    assert_eq!(status.code(), Code::InvalidArgument);
    let message = status.message();
    assert!(
        message.starts_with("BadRequestCancelActivityAttributes: "),
        "{message}"
    );

    let run = bench.start().await;
    run.turn(vec![activity(&run, "a")]).await;
    let answer = run.activity_task().await;
    run.signal("wake").await;
    let task = run.task().await;
    complete_task(&run, &answer).await.unwrap();
    run.respond(&task, vec![cancel_activity(5)]).await.unwrap();
    let types = [
        E::WorkflowTaskCompleted,
        E::ActivityTaskCancelRequested,
        E::ActivityTaskStarted,
        E::ActivityTaskCompleted,
        E::WorkflowTaskScheduled,
    ];
    assert_eq!(run.types(9).await, types);
    run.turn(vec![complete("done")]).await;
}
