//! Heartbeats: what the next attempt learns from the last.

use std::time::Duration;

use durably::prelude::*;
use durably_integration::Test;

/// Reports 1 to 1000 and fails at once: the newest report goes with the failure.
#[activity(
    start_to_close_timeout = "20s",
    heartbeat_timeout = "10s",
    retry(initial_interval = "20ms")
)]
async fn reports_and_fails(ctx: &ActivityContext) -> ActivityResult<(u32, Option<u32>)> {
    let attempt = ctx.info().attempt;
    let known = ctx.heartbeat_details::<u32>()?;
    if attempt == 1 {
        for step in 1..=1000_u32 {
            ctx.heartbeat(&step)?;
        }
        return Err("lost the connection".into());
    }
    Ok((attempt, known))
}

#[workflow]
async fn after_a_failure(ctx: &WorkflowContext) -> WorkflowResult<(u32, Option<u32>)> {
    Ok(ctx.activity(reports_and_fails, ()).await?)
}

#[tokio::test]
async fn the_newest_report_goes_with_the_failure() {
    let test = Test::begin().await;
    let _worker =
        test.worker(|worker| worker.workflow(after_a_failure).activity(reports_and_fails));
    assert_eq!(test.run(after_a_failure, ()).await, (2, Some(1000)));
}

/// Reports and hangs: the newest report is sent before the server would miss it.
#[activity(
    start_to_close_timeout = "60s",
    heartbeat_timeout = "2s",
    retry(initial_interval = "20ms")
)]
async fn reports_and_hangs(ctx: &ActivityContext) -> ActivityResult<(u32, Option<u32>)> {
    let attempt = ctx.info().attempt;
    let known = ctx.heartbeat_details::<u32>()?;
    if attempt == 1 {
        for step in 1..=7_u32 {
            ctx.heartbeat(&step)?;
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
        return Err(ctx.canceled().await.into());
    }
    Ok((attempt, known))
}

#[workflow]
async fn after_a_hang(ctx: &WorkflowContext) -> WorkflowResult<(u32, Option<u32>)> {
    Ok(ctx.activity(reports_and_hangs, ()).await?)
}

#[tokio::test]
async fn the_newest_report_survives_a_hang() {
    let test = Test::begin().await;
    let _worker = test.worker(|worker| worker.workflow(after_a_hang).activity(reports_and_hangs));
    assert_eq!(test.run(after_a_hang, ()).await, (2, Some(7)));
}

/// Longer than its heartbeat timeout, which the reports keep from expiring; from a blocking body.
#[activity(
    start_to_close_timeout = "60s",
    heartbeat_timeout = "1s",
    retry(maximum_attempts = 1)
)]
fn keeps_alive(ctx: &ActivityContext) -> ActivityResult<u32> {
    for step in 0..30_u32 {
        std::thread::sleep(Duration::from_millis(100));
        ctx.heartbeat(&step)?;
    }
    Ok(ctx.info().attempt)
}

#[workflow]
async fn long(ctx: &WorkflowContext) -> WorkflowResult<u32> {
    Ok(ctx.activity(keeps_alive, ()).await?)
}

#[tokio::test]
async fn reports_keep_a_long_attempt_alive() {
    let test = Test::begin().await;
    let _worker = test.worker(|worker| worker.workflow(long).activity(keeps_alive));
    assert_eq!(test.run(long, ()).await, 1);
}
