//! Workflow tasks: what comes while they are scheduled or started, and how they fail.

use durably_protos::temporal::api::enums::v1::{
    EventType as E, TaskQueueKind, TimeoutType, WorkflowTaskFailedCause,
};
use durably_protos::temporal::api::failure::v1::failure::FailureInfo;
use durably_protos::temporal::api::workflowservice::v1::RespondActivityTaskCompletedRequest;
use tonic::Code;

use crate::bench::{Bench, NAMESPACE, call, refused};
use crate::commands::{activity, cancel_timer, complete, timer};
use crate::events::attributes;

/// Server semantics 8.19.
#[tokio::test]
async fn events_of_a_scheduled_task_stand_before_its_start() {
    let bench = Bench::begin();
    let run = bench.start().await;
    run.signal("one").await;
    run.signal("two").await;
    run.task().await;
    let types = [
        E::WorkflowTaskScheduled,
        E::WorkflowExecutionSignaled,
        E::WorkflowExecutionSignaled,
        E::WorkflowTaskStarted,
    ];
    assert_eq!(run.types(2).await, types);
    let started = attributes!(run.event(5).await, WorkflowTaskStartedEventAttributes);
    assert_eq!(started.scheduled_event_id, 2);
}

/// Server semantics 8.20.
#[tokio::test]
async fn events_of_a_started_task_appear_after_its_commands() {
    let bench = Bench::begin();
    let run = bench.start().await;
    let task = run.task().await;
    run.signal("buffered").await;
    assert_eq!(run.types(4).await, []);
    let info = run.describe().await.workflow_execution_info.unwrap();
    assert_eq!(info.history_length, 3);
    run.respond(&task, vec![timer("timer", 60)]).await.unwrap();
    let types = [
        E::WorkflowTaskCompleted,
        E::TimerStarted,
        E::WorkflowExecutionSignaled,
        E::WorkflowTaskScheduled,
    ];
    assert_eq!(run.types(4).await, types);
}

/// Server semantics 8.21.
#[tokio::test]
async fn buffered_completions_are_written_after_signals_and_timers_that_came_later() {
    let bench = Bench::begin();
    let run = bench.start().await;
    run.turn(vec![
        activity(&run, "a"),
        activity(&run, "b"),
        timer("timer", 1),
    ])
    .await;
    run.signal("first").await;
    let task = run.task().await;
    let [one, _other] = [run.activity_task().await, run.activity_task().await];
    let completed = RespondActivityTaskCompletedRequest {
        namespace: NAMESPACE.to_owned(),
        task_token: one.task_token,
        ..RespondActivityTaskCompletedRequest::default()
    };
    call!(bench, respond_activity_task_completed, completed).unwrap();
    run.signal("second").await;
    bench.pass(1).await;
    assert_eq!(run.types(11).await, []);
    assert_eq!(run.describe().await.pending_activities.len(), 1);
    run.respond(&task, vec![]).await.unwrap();
    let types = [
        E::WorkflowTaskCompleted,
        E::ActivityTaskStarted,
        E::WorkflowExecutionSignaled,
        E::TimerFired,
        E::ActivityTaskCompleted,
        E::WorkflowTaskScheduled,
    ];
    assert_eq!(run.types(11).await, types);
    let completed = attributes!(run.event(15).await, ActivityTaskCompletedEventAttributes);
    assert_eq!(completed.started_event_id, 12);
    let started = attributes!(run.event(12).await, ActivityTaskStartedEventAttributes);
    assert_eq!(started.scheduled_event_id, completed.scheduled_event_id);
}

/// Server semantics 8.22.
#[tokio::test]
async fn a_close_over_buffered_events_fails_the_task() {
    let bench = Bench::begin();
    let run = bench.start().await;
    let task = run.task().await;
    run.signal("buffered").await;
    let closed = run.respond(&task, vec![complete("done")]).await;
    refused(closed, Code::InvalidArgument, "UnhandledCommand");
    let types = [
        E::WorkflowTaskFailed,
        E::WorkflowExecutionSignaled,
        E::WorkflowTaskScheduled,
    ];
    assert_eq!(run.types(4).await, types);
    let failed = attributes!(run.event(4).await, WorkflowTaskFailedEventAttributes);
    assert_eq!(failed.cause(), WorkflowTaskFailedCause::UnhandledCommand);
    let failure = failed.failure.unwrap();
    assert_eq!(failure.message, "UnhandledCommand");
    assert!(matches!(
        failure.failure_info,
        Some(FailureInfo::ServerFailureInfo(_))
    ));
    let scheduled = attributes!(run.event(6).await, WorkflowTaskScheduledEventAttributes);
    assert_eq!(scheduled.attempt, 1);
}

/// Server semantics 8.23.
#[tokio::test]
async fn canceling_a_timer_takes_back_its_buffered_firing() {
    let bench = Bench::begin();
    let run = bench.start().await;
    run.turn(vec![timer("timer", 1)]).await;
    run.signal("wake").await;
    let task = run.task().await;
    bench.pass(1).await;
    run.respond(&task, vec![cancel_timer("timer"), complete("done")])
        .await
        .unwrap();
    let types = [
        E::WorkflowTaskCompleted,
        E::TimerCanceled,
        E::WorkflowExecutionCompleted,
    ];
    assert_eq!(run.types(9).await, types);
}

/// Server semantics 8.24.
#[tokio::test]
async fn further_failures_of_a_task_are_not_written() {
    let bench = Bench::begin();
    let run = bench.start().await;
    for attempt in 1..=4 {
        let task = run.task().await;
        assert_eq!(task.attempt, attempt);
        let shown = task.history.as_ref().unwrap().events.clone();
        if attempt > 1 {
            assert_eq!(task.started_event_id, 6);
            let ids: Vec<_> = shown.iter().map(|event| event.event_id).collect();
            assert_eq!(ids, [1, 2, 3, 4, 5, 6]);
            let scheduled = attributes!(shown[4], WorkflowTaskScheduledEventAttributes);
            assert_eq!(scheduled.attempt, attempt);
            let started = attributes!(shown[5], WorkflowTaskStartedEventAttributes);
            assert_eq!(started.scheduled_event_id, 5);
        }
        run.fail_task(&task).await.unwrap();
        let described = run.describe().await;
        let info = described.workflow_execution_info.unwrap();
        assert_eq!(info.history_length, 4);
        assert_eq!(
            described.pending_workflow_task.unwrap().attempt,
            attempt + 1
        );
    }
    assert_eq!(run.event(4).await.event_type(), E::WorkflowTaskFailed);
    run.turn(vec![complete("done")]).await;
    let types = [
        E::WorkflowTaskScheduled,
        E::WorkflowTaskStarted,
        E::WorkflowTaskCompleted,
        E::WorkflowExecutionCompleted,
    ];
    assert_eq!(run.types(5).await, types);
    let scheduled = attributes!(run.event(5).await, WorkflowTaskScheduledEventAttributes);
    assert_eq!(scheduled.attempt, 5);
}

/// Server semantics 8.25.
#[tokio::test]
async fn an_event_makes_a_retried_task_a_first_attempt_again() {
    let bench = Bench::begin();
    let run = bench.start().await;
    let task = run.task().await;
    run.fail_task(&task).await.unwrap();
    run.signal("new").await;
    let task = run.task().await;
    assert_eq!((task.attempt, task.started_event_id), (1, 7));
    let types = [
        E::WorkflowTaskFailed,
        E::WorkflowExecutionSignaled,
        E::WorkflowTaskScheduled,
        E::WorkflowTaskStarted,
    ];
    assert_eq!(run.types(4).await, types);
    let scheduled = attributes!(run.event(6).await, WorkflowTaskScheduledEventAttributes);
    assert_eq!(scheduled.attempt, 1);
}

/// Server semantics 8.26.
#[tokio::test]
async fn a_failed_sticky_task_is_retried_on_the_normal_queue_as_a_first_attempt() {
    let bench = Bench::begin();
    let run = bench.start().await;
    let task = run.task().await;
    let mut answer = run.answer(&task, vec![]);
    answer.sticky_attributes = run.sticky(10);
    run.respond_as(answer).await.unwrap();
    let polling = tokio::spawn({
        let run = run.clone();
        async move { run.sticky_task().await }
    });
    bench.arrive().await;
    run.signal("wake").await;
    let task = polling.await.unwrap();
    let shown = &task.history.as_ref().unwrap().events;
    assert_eq!((shown[0].event_id, task.attempt), (4, 1));
    run.fail_task(&task).await.unwrap();
    let types = [E::WorkflowTaskFailed, E::WorkflowTaskScheduled];
    assert_eq!(run.types(8).await, types);
    let task = run.task().await;
    assert_eq!(task.attempt, 1);
    assert_eq!(task.history.unwrap().events.len(), 10);
}

/// Server semantics 8.27.
#[tokio::test]
async fn a_sticky_task_nobody_takes_goes_to_the_normal_queue() {
    let bench = Bench::begin();
    let run = bench.start().await;
    let task = run.task().await;
    let mut answer = run.answer(&task, vec![]);
    answer.sticky_attributes = run.sticky(1);
    run.respond_as(answer).await.unwrap();
    // A worker that has been there not long ago.
    let polling = tokio::spawn({
        let run = run.clone();
        async move { run.sticky_task().await }
    });
    bench.arrive().await;
    run.signal("one").await;
    let task = polling.await.unwrap();
    let mut answer = run.answer(&task, vec![]);
    answer.sticky_attributes = run.sticky(1);
    run.respond_as(answer).await.unwrap();
    run.signal("two").await;
    bench.pass(1).await;
    let types = [
        E::WorkflowExecutionSignaled,
        E::WorkflowTaskScheduled,
        E::WorkflowTaskTimedOut,
        E::WorkflowTaskScheduled,
    ];
    assert_eq!(run.types(9).await, types);
    let scheduled = attributes!(run.event(10).await, WorkflowTaskScheduledEventAttributes);
    let queue = scheduled.task_queue.unwrap();
    assert_eq!(queue, run.sticky_queue());
    let timed_out = attributes!(run.event(11).await, WorkflowTaskTimedOutEventAttributes);
    assert_eq!(timed_out.timeout_type(), TimeoutType::ScheduleToStart);
    assert_eq!(
        (timed_out.scheduled_event_id, timed_out.started_event_id),
        (10, 0)
    );
    let scheduled = attributes!(run.event(12).await, WorkflowTaskScheduledEventAttributes);
    let queue = scheduled.task_queue.unwrap();
    assert_eq!(
        (queue.name.as_str(), queue.kind()),
        (run.workflow_id.as_str(), TaskQueueKind::Normal)
    );
    assert_eq!(scheduled.attempt, 1);
    let task = run.task().await;
    assert_eq!(task.history.unwrap().events.len(), 13);
}
