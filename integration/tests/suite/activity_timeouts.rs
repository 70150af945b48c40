//! Each of the timeouts of an activity, as the workflow sees it.

use std::time::Duration;

use durably::failure::{RetryState, TimeoutType};
use durably::prelude::*;
use durably_integration::Test;

const SECOND: Duration = Duration::from_secs(1);

/// Takes for ever, or until the worker says that its time is over.
#[activity]
async fn forever(ctx: &ActivityContext) -> ActivityResult<()> {
    Err(ctx.canceled().await.into())
}

#[activity]
async fn fails() -> ActivityResult<()> {
    Err("again".into())
}

/// Reports once, and never again.
#[activity]
async fn falls_silent(ctx: &ActivityContext) -> ActivityResult<()> {
    ctx.heartbeat(&"so far")?;
    Err(ctx.canceled().await.into())
}

#[derive(Debug, PartialEq, serde::Serialize, serde::Deserialize)]
struct Seen {
    timeout: String,
    last_heartbeat: Option<String>,
}

fn seen(result: Result<(), Failure>) -> WorkflowResult<Seen> {
    let failure = result.expect_err("the activity times out");
    let timeout = failure.timeout().expect("a timeout is the cause");
    Ok(Seen {
        timeout: format!("{:?}", timeout.timeout_type()),
        last_heartbeat: timeout.last_heartbeat_detail(0)?,
    })
}

fn of(timeout: TimeoutType) -> Seen {
    Seen {
        timeout: format!("{timeout:?}"),
        last_heartbeat: None,
    }
}

#[workflow]
async fn start_to_close(ctx: &WorkflowContext) -> WorkflowResult<Seen> {
    let call = ctx.activity(forever, ()).start_to_close_timeout(SECOND);
    seen(call.retry(RetryPolicy::no_retries()).await)
}

#[tokio::test]
async fn an_attempt_takes_too_long() {
    let test = Test::begin().await;
    let _worker = test.worker(|worker| worker.workflow(start_to_close).activity(forever));
    assert_eq!(
        test.run(start_to_close, ()).await,
        of(TimeoutType::StartToClose)
    );
}

#[workflow]
async fn schedule_to_start(ctx: &WorkflowContext) -> WorkflowResult<Seen> {
    let call = ctx.activity(forever, ()).start_to_close_timeout(SECOND);
    let queue = format!("{}-of-nobody", ctx.info().task_queue());
    seen(
        call.schedule_to_start_timeout(SECOND)
            .task_queue(queue)
            .await,
    )
}

#[tokio::test]
async fn no_worker_takes_it() {
    let test = Test::begin().await;
    let _worker = test.worker(|worker| worker.workflow(schedule_to_start).activity(forever));
    assert_eq!(
        test.run(schedule_to_start, ()).await,
        of(TimeoutType::ScheduleToStart)
    );
}

#[workflow]
async fn schedule_to_close(ctx: &WorkflowContext) -> WorkflowResult<Seen> {
    seen(
        ctx.activity(forever, ())
            .schedule_to_close_timeout(SECOND)
            .await,
    )
}

#[tokio::test]
async fn all_attempts_together_take_too_long() {
    let test = Test::begin().await;
    let _worker = test.worker(|worker| worker.workflow(schedule_to_close).activity(forever));
    assert_eq!(
        test.run(schedule_to_close, ()).await,
        of(TimeoutType::ScheduleToClose)
    );
}

#[workflow]
async fn no_time_left(ctx: &WorkflowContext) -> WorkflowResult<String> {
    let policy = RetryPolicy::new().initial_interval(600 * SECOND);
    let call = ctx
        .activity(fails, ())
        .schedule_to_close_timeout(60 * SECOND)
        .retry(policy);
    match call.await {
        Err(Failure::Activity(failure)) => Ok(format!("{:?}", failure.retry_state())),
        other => Err(format!("the activity fails, not {other:?}").into()),
    }
}

#[tokio::test]
async fn no_retry_without_time_for_it() {
    let test = Test::begin().await;
    let _worker = test.worker(|worker| worker.workflow(no_time_left).activity(fails));
    assert_eq!(
        test.run(no_time_left, ()).await,
        format!("{:?}", RetryState::Timeout)
    );
}

#[workflow]
async fn heartbeat(ctx: &WorkflowContext) -> WorkflowResult<Seen> {
    let call = ctx
        .activity(falls_silent, ())
        .start_to_close_timeout(60 * SECOND);
    seen(
        call.heartbeat_timeout(SECOND)
            .retry(RetryPolicy::no_retries())
            .await,
    )
}

#[tokio::test]
async fn an_attempt_falls_silent() {
    let test = Test::begin().await;
    let _worker = test.worker(|worker| worker.workflow(heartbeat).activity(falls_silent));
    let seen = test.run(heartbeat, ()).await;
    assert_eq!(seen.timeout, format!("{:?}", TimeoutType::Heartbeat));
    assert_eq!(seen.last_heartbeat.as_deref(), Some("so far"));
}

#[activity]
async fn late_at_first(ctx: &ActivityContext) -> ActivityResult<u32> {
    let attempt = ctx.info().attempt;
    if attempt == 1 {
        return Err(ctx.canceled().await.into());
    }
    Ok(attempt)
}

#[workflow]
async fn retried(ctx: &WorkflowContext) -> WorkflowResult<u32> {
    let policy = RetryPolicy::new().initial_interval(Duration::from_millis(50));
    Ok(ctx
        .activity(late_at_first, ())
        .start_to_close_timeout(SECOND)
        .retry(policy)
        .await?)
}

#[tokio::test]
async fn an_attempt_that_took_too_long_is_retried() {
    let test = Test::begin().await;
    let _worker = test.worker(|worker| worker.workflow(retried).activity(late_at_first));
    assert!(test.run(retried, ()).await >= 2);
}
