//! Undoing what was done: in reverse, all of it, also after a cancellation.

use std::time::Duration;

use durably::client::ResultError;
use durably::prelude::*;
use durably_integration::Test;
use durably_protos::temporal::api::enums::v1::EventType;

const LONG: Duration = Duration::from_secs(3600);

#[activity(start_to_close_timeout = "10s", retry(maximum_attempts = 1))]
async fn step(name: String) -> ActivityResult<String> {
    tokio::time::sleep(Duration::from_millis(50)).await;
    if name.contains("broken") {
        return Err(ApplicationFailure::new(format!("{name} fails"))
            .with_type("Broken")
            .into());
    }
    Ok(name)
}

/// Does one step after the other, then fails, or waits until it is canceled.
async fn steps(
    ctx: &WorkflowContext,
    names: &[String],
    waits: bool,
    saga: &mut Saga<String>,
) -> Result<(), Failure> {
    for name in names {
        let done = ctx.activity(step, name.replace("broken", "whole")).await?;
        let context = ctx.clone();
        let name = name.clone();
        saga.compensate(async move {
            context.timer(Duration::from_millis(1)).await?;
            let undone = context.activity(step, format!("undo {name}")).await?;
            Ok::<_, WorkflowError>(format!("{undone}, which was {done}"))
        });
    }
    if waits {
        ctx.sleep(LONG).await?;
    }
    Err(ApplicationFailure::new("the last step fails").into())
}

#[workflow]
async fn undoes(
    ctx: &WorkflowContext,
    names: Vec<String>,
    waits: bool,
    in_parallel: bool,
) -> WorkflowResult<Vec<String>> {
    let mut saga = Saga::new();
    if in_parallel {
        saga = saga.in_parallel();
    }
    let result = steps(ctx, &names, waits, &mut saga).await;
    assert_eq!(saga.len(), names.len());
    let mut undone = saga.run_compensations(ctx).await?;
    undone.extend(result.err().map(|failure| failure.message().to_owned()));
    Ok(undone)
}

fn names(names: &[&str]) -> Vec<String> {
    names.iter().copied().map(str::to_owned).collect()
}

#[tokio::test]
async fn the_last_step_is_undone_first() {
    let test = Test::begin().await;
    let _worker = test.worker(|worker| worker.workflow(undoes).activity(step));
    let undone = test
        .run(undoes, (names(&["a", "b", "c"]), false, false))
        .await;
    assert_eq!(
        undone,
        [
            "undo c, which was c",
            "undo b, which was b",
            "undo a, which was a",
            "the last step fails"
        ]
    );
}

#[tokio::test]
async fn no_cancellation_keeps_steps_from_being_undone() {
    let test = Test::begin().await;
    let _worker = test.worker(|worker| worker.workflow(undoes).activity(step));
    let handle = test.start(undoes, (names(&["a", "b"]), true, true)).await;
    test.until_event(&handle, EventType::TimerStarted).await;
    handle.cancel("changed my mind").await.unwrap();
    assert_eq!(
        test.result(&handle).await.unwrap(),
        [
            "undo b, which was b",
            "undo a, which was a",
            "timer canceled"
        ]
    );
    let events = test.events(&handle).await;
    let types = events.types();
    let first_end = types
        .iter()
        .rposition(|kind| *kind == EventType::ActivityTaskScheduled);
    let ended = types
        .iter()
        .take(first_end.unwrap())
        .filter(|kind| **kind == EventType::ActivityTaskCompleted)
        .count();
    assert_eq!(ended, 2, "beside each other: {events:?}");
}

#[tokio::test]
async fn all_are_undone_though_some_cannot_be() {
    let test = Test::begin().await;
    let _worker = test.worker(|worker| worker.workflow(undoes).activity(step));
    let steps = names(&["a", "broken b", "c", "broken d"]);
    let handle = test.start(undoes, (steps, false, false)).await;
    let error = test.result(&handle).await.unwrap_err();
    let ResultError::Failed(failure) = error else {
        panic!("a failure, not {error:?}");
    };
    assert_eq!(
        failure.message(),
        "2 of 4 compensations failed: undo broken d fails; undo broken b fails"
    );
    let application = failure.application().unwrap();
    assert_eq!(application.failure_type(), "CompensationsFailed");
    assert!(matches!(failure.cause(), Some(Failure::Activity(_))));
    let events = test.events(&handle).await;
    assert_eq!(events.count(EventType::ActivityTaskScheduled), 8);
}
