//! What is skipped, and what is written of it.

use durably_protos::google::protobuf::Duration;
use durably_protos::temporal::api::common::v1::{
    TimeSkippingConfig, TimeSkippingStatePropagation, WorkflowExecution,
};
use durably_protos::temporal::api::history::v1::history_event::Attributes as A;
use durably_protos::temporal::api::history::v1::{
    HistoryEvent, WorkflowExecutionStartedEventAttributes,
    WorkflowExecutionTimeSkippingTransitionedEventAttributes as Transitioned,
};
use durably_protos::temporal::api::workflowservice::v1::{
    RespondActivityTaskCompletedRequest, RespondActivityTaskFailedRequest,
};

use crate::bench::{Bench, assert_apart, enabled, fast_forward, seconds};
use crate::commands::{activity, child, complete, continue_as_new, signal_nobody, timer};

fn transitions(events: &[HistoryEvent]) -> Vec<&Transitioned> {
    let attributes = events.iter().filter_map(|event| event.attributes.as_ref());
    attributes
        .filter_map(|attributes| match attributes {
            A::WorkflowExecutionTimeSkippingTransitionedEventAttributes(transitioned) => {
                Some(&**transitioned)
            }
            _ => None,
        })
        .collect()
}

fn started(events: &[HistoryEvent]) -> &WorkflowExecutionStartedEventAttributes {
    match &events[0].attributes {
        Some(A::WorkflowExecutionStartedEventAttributes(started)) => started,
        other => panic!("a history begins with {other:?}"),
    }
}

/// 100 s, less the moment that the real server takes to get there.
#[track_caller]
fn assert_about_100(duration: Option<Duration>) {
    let seconds = duration.unwrap().seconds;
    assert!((99..=100).contains(&seconds), "{seconds} s were skipped");
}

#[tokio::test]
async fn a_timer_is_skipped_to() {
    let mut bench = Bench::begin().await;
    bench.start(enabled()).await;
    bench.turn(vec![timer("hour", 3600)]).await;
    bench.turn(vec![complete()]).await;
    let wanted = [
        "WORKFLOW_EXECUTION_STARTED",
        "WORKFLOW_TASK_SCHEDULED",
        "WORKFLOW_TASK_STARTED",
        "WORKFLOW_TASK_COMPLETED",
        "TIMER_STARTED",
        "WORKFLOW_EXECUTION_TIME_SKIPPING_TRANSITIONED",
        "TIMER_FIRED",
        "WORKFLOW_TASK_SCHEDULED",
        "WORKFLOW_TASK_STARTED",
        "WORKFLOW_TASK_COMPLETED",
        "WORKFLOW_EXECUTION_COMPLETED",
    ];
    assert_eq!(bench.kinds().await, wanted);
    let events = bench.events("").await;
    let config = started(&events).time_skipping_config.clone().unwrap();
    assert_eq!((config.enabled, config.max_session_skip_count), (true, 200));
    assert!(events[5].worker_may_ignore);
    let transitioned = transitions(&events)[0];
    assert_apart(
        events[5].event_time.as_ref(),
        transitioned.wall_clock_time.as_ref(),
        0,
    );
    assert!(!transitioned.disabled_after_fast_forward);
    assert_apart(
        events[4].event_time.as_ref(),
        transitioned.target_time.as_ref(),
        3600,
    );
    assert_apart(
        events[4].event_time.as_ref(),
        events[6].event_time.as_ref(),
        3600,
    );
    let info = bench.info().await.unwrap();
    assert_apart(
        events[0].event_time.as_ref(),
        info.current_time.as_ref(),
        3600,
    );
    let described = bench.describe().await.workflow_execution_info.unwrap();
    assert_apart(
        described.start_time.as_ref(),
        described.close_time.as_ref(),
        3600,
    );
}

#[tokio::test]
async fn a_start_delay_is_skipped_to() {
    let mut bench = Bench::begin().await;
    let delayed = bench.try_start(Some(enabled()), |request| {
        request.workflow_start_delay = seconds(600);
    });
    delayed.await.unwrap();
    bench.turn(vec![complete()]).await;
    let events = bench.events("").await;
    assert_eq!(transitions(&events).len(), 1);
    assert_apart(
        events[0].event_time.as_ref(),
        events[2].event_time.as_ref(),
        600,
    );
}

#[tokio::test]
async fn retries_of_activities_are_skipped_to() {
    let mut bench = Bench::begin().await;
    bench.start(enabled()).await;
    let command = activity(&bench);
    bench.turn(vec![command]).await;
    let mut scheduled = None;
    for (attempt, wait) in [(1, 0), (2, 60), (3, 120)] {
        let task = bench.poll_activity().await;
        assert_eq!(task.attempt, attempt);
        let current = task.current_attempt_scheduled_time;
        assert_apart(
            scheduled.as_ref().or(current.as_ref()),
            current.as_ref(),
            wait,
        );
        assert_apart(current.as_ref(), task.started_time.as_ref(), 0);
        scheduled = current;
        let task_token = task.task_token;
        if attempt < 3 {
            let failed = RespondActivityTaskFailedRequest {
                namespace: "default".to_owned(),
                task_token,
                ..RespondActivityTaskFailedRequest::default()
            };
            bench
                .client
                .respond_activity_task_failed(failed)
                .await
                .unwrap();
        } else {
            let completed = RespondActivityTaskCompletedRequest {
                namespace: "default".to_owned(),
                task_token,
                ..RespondActivityTaskCompletedRequest::default()
            };
            bench
                .client
                .respond_activity_task_completed(completed)
                .await
                .unwrap();
        }
    }
    bench.turn(vec![complete()]).await;
    assert_eq!(transitions(&bench.events("").await).len(), 2);
}

#[tokio::test]
async fn timeouts_are_skipped_to_once_the_workflow_has_begun() {
    let mut bench = Bench::begin().await;
    let limited = bench.try_start(Some(enabled()), |request| {
        request.workflow_run_timeout = seconds(1000);
    });
    limited.await.unwrap();
    bench.turn(vec![]).await;
    tokio::time::sleep(std::time::Duration::from_millis(2500)).await;
    let kinds = bench.kinds().await;
    assert_eq!(kinds[5..], ["WORKFLOW_EXECUTION_TIMED_OUT"], "{kinds:?}");
    let events = bench.events("").await;
    assert_apart(
        events[0].event_time.as_ref(),
        events[5].event_time.as_ref(),
        1000,
    );
}

#[tokio::test]
async fn time_is_skipped_so_often_and_no_more() {
    let mut bench = Bench::begin().await;
    let twice = TimeSkippingConfig {
        max_session_skip_count: 2,
        ..enabled()
    };
    bench.start(twice.clone()).await;
    for id in ["a", "b", "c"] {
        bench.turn(vec![timer(id, 500)]).await;
    }
    let config = bench.info().await.unwrap().effective_config.unwrap();
    assert!(!config.enabled);
    assert_eq!(transitions(&bench.events("").await).len(), 2);
    // A config begins a new count, even if it looks like the first.
    bench
        .set(Some(twice), "time_skipping_config")
        .await
        .unwrap();
    bench.turn(vec![complete()]).await;
    assert_eq!(transitions(&bench.events("").await).len(), 3);
}

#[tokio::test]
async fn an_answer_that_is_due_from_others_comes_first() {
    let mut bench = Bench::begin().await;
    bench.start(enabled()).await;
    bench.turn(vec![signal_nobody(), timer("t", 500)]).await;
    bench.turn(vec![]).await;
    bench.turn(vec![complete()]).await;
    let kinds = bench.kinds().await;
    let place = |kind: &str| kinds.iter().position(|other| other == kind).unwrap();
    let failed = place("SIGNAL_EXTERNAL_WORKFLOW_EXECUTION_FAILED");
    let skipped = place("WORKFLOW_EXECUTION_TIME_SKIPPING_TRANSITIONED");
    assert!(failed < skipped, "{kinds:?}");
}

/// Has a parent start a child after 100 s, and the child wait for 5000.
async fn family(config: TimeSkippingConfig) -> (Bench, Vec<HistoryEvent>) {
    let mut bench = Bench::begin().await;
    bench.start(config).await;
    bench.turn(vec![timer("first", 100)]).await;
    let command = child(&bench);
    bench.turn(vec![command, timer("second", 700)]).await;
    // The parent learns of its child, and the child begins.
    for _ in 0..2 {
        let task = bench.poll().await;
        let execution = task.workflow_execution.clone().unwrap();
        let is_child = execution.workflow_id != bench.id;
        let commands = if is_child {
            vec![timer("t", 5000)]
        } else {
            vec![]
        };
        bench.answer(task, commands).await;
    }
    let execution = WorkflowExecution {
        workflow_id: format!("{}-child", bench.id),
        run_id: String::new(),
    };
    let events = bench.events_of(execution).await;
    (bench, events)
}

#[tokio::test]
async fn a_child_begins_at_its_parents_time_and_skips_too() {
    let (mut bench, events) = family(fast_forward("f", 50_000)).await;
    let started = started(&events);
    let config = started.time_skipping_config.clone().unwrap();
    assert!(config.enabled && config.fast_forward_config.is_none());
    let skipped = started.time_skipping_state_propagation.unwrap();
    assert_about_100(skipped.initial_skipped_duration);
    // The first task, since the real server begins a child at its own time.
    let parent = bench.events("").await;
    assert_apart(
        parent[0].event_time.as_ref(),
        events[1].event_time.as_ref(),
        100,
    );
    assert_eq!(transitions(&events).len(), 1);
    // A parent skips nothing while its child is there.
    assert_eq!(transitions(&parent).len(), 1);
    bench.turn(vec![complete()]).await;
    bench.turn(vec![]).await;
    bench.turn(vec![complete()]).await;
    assert_eq!(transitions(&bench.events("").await).len(), 2);
}

#[tokio::test]
async fn a_child_that_is_not_to_skip_has_its_parents_time_all_the_same() {
    let config = TimeSkippingConfig {
        disable_propagation: true,
        ..enabled()
    };
    let (mut bench, events) = family(config).await;
    let started = started(&events);
    assert_eq!(started.time_skipping_config, None);
    assert!(started.time_skipping_state_propagation.is_some());
    assert_eq!(transitions(&events), Vec::<&Transitioned>::new());
    bench.terminate().await;
}

#[tokio::test]
async fn the_next_run_takes_everything_over() {
    let mut bench = Bench::begin().await;
    let first = bench.start(fast_forward("far", 10_000)).await;
    bench.turn(vec![timer("t", 100)]).await;
    bench.turn(vec![continue_as_new()]).await;
    bench.turn(vec![timer("u", 200)]).await;
    bench.turn(vec![complete()]).await;
    let first = bench.events(&first).await;
    let events = bench.events("").await;
    let started = started(&events);
    let TimeSkippingStatePropagation {
        initial_skipped_duration,
        fast_forward_target_time,
        initial_skip_count,
    } = started.time_skipping_state_propagation.unwrap();
    assert_about_100(initial_skipped_duration);
    assert_apart(
        first[0].event_time.as_ref(),
        fast_forward_target_time.as_ref(),
        10_000,
    );
    assert_eq!(initial_skip_count, 1);
    let config = started.time_skipping_config.clone().unwrap();
    assert_eq!(config.fast_forward_config.unwrap().id, "far");
    assert_apart(
        first[0].event_time.as_ref(),
        events[0].event_time.as_ref(),
        100,
    );
    let last = events.last().unwrap();
    assert_apart(first[0].event_time.as_ref(), last.event_time.as_ref(), 300);
}
