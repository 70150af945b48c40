//! Activities: results, retries, failures, timeouts, cancellations.

use durably::activity::ActivityCancellationType as Cancel;
use durably::failure::Failure;
use durably::prelude::*;
use durably::workflow::ActivityFuture;
use serde_json::Value;

use crate::calls::{done, echo, millis, remote, unknown_case};

#[workflow(name = "Activities")]
pub(crate) async fn activities(ctx: &WorkflowContext, case: String) -> WorkflowResult<Value> {
    match case.as_str() {
        "sequence" => {
            for _ in 0..3 {
                echo(ctx).await?;
            }
        }
        "parallel" => {
            try_join_all((0..5).map(|_| echo(ctx).start())).await?;
        }
        "reverse" => {
            let handles: Vec<_> = (0..4).map(|_| remote(ctx, "slow").start()).collect();
            for handle in handles.into_iter().rev() {
                handle.await?;
            }
        }
        "as_completed" => {
            let mut running = Unordered::new();
            running.extend((0..3).map(|_| remote(ctx, "slow").start()));
            while let Some(ended) = running.next().await {
                ended?;
                echo(ctx).await?;
            }
        }
        "no_value" => {
            remote(ctx, "nothing").await?;
            echo(ctx).await?;
        }
        "retries" => return Ok(remote(ctx, "flaky").await?),
        "exhausted" => {
            if remote(ctx, "flaky").await.is_err() {
                echo(ctx).await?;
            }
        }
        "non_retryable" => return Ok(remote(ctx, "fail").await?),
        "non_retryable_type" => {
            if remote(ctx, "fail").await.is_err() {
                echo(ctx).await?;
            }
        }
        "retry_delay" => return Ok(remote(ctx, "fail").await?),
        "one_of_many_fails" => {
            let calls = ["echo", "fail", "slow"].map(|name| remote(ctx, name).start());
            join_all(calls).await;
        }
        "first_failure_wins" => {
            let mut calls = ["slow", "fail", "slow"].map(|name| remote(ctx, name).start());
            // Python's `gather` leaves the others running.
            let failure = try_join_all(calls.iter_mut()).await;
            calls.into_iter().for_each(ActivityFuture::detach);
            failure?;
        }
        "options" => {
            echo(ctx).activity_id("mine").summary("a summary").await?;
            echo(ctx).await?;
            echo(ctx).activity_id("4").await?;
        }
        "timeouts" => {
            let kinds: Vec<_> = (0..4).map(|_| remote(ctx, "slow").start()).collect();
            for kind in kinds {
                assert!(kind.await.is_err());
            }
        }
        "timed_out" => return Ok(remote(ctx, "slow").await?),
        "loop" => {
            for _ in 0..12 {
                echo(ctx).await?;
            }
        }
        "pipeline" => {
            try_join_all((0..6).map(|_| async move {
                remote(ctx, "slow").await?;
                ctx.sleep(millis(50)).await?;
                echo(ctx).await
            }))
            .await?;
        }
        _ => return Err(unknown_case(&case)),
    }
    done()
}

async fn outcome(ctx: &WorkflowContext, handle: ActivityFuture<Value>) -> Result<Value, Failure> {
    let _ = handle.await;
    echo(ctx).await
}

#[workflow(name = "ActivityCancellation")]
pub(crate) async fn activity_cancellation(
    ctx: &WorkflowContext,
    case: String,
) -> WorkflowResult<Value> {
    let kind = match case.split('_').next() {
        Some("wait") => Cancel::WaitCancellationCompleted,
        Some("abandon") => Cancel::Abandon,
        _ => Cancel::TryCancel,
    };
    match case.as_str() {
        "try_running" | "wait_running" | "wait_completes" | "wait_fails" | "abandon_running" => {
            let handle = remote(ctx, "beat").cancellation_type(kind).start();
            ctx.sleep(millis(400)).await?;
            handle.cancel();
            outcome(ctx, handle).await?;
        }
        "try_not_started" | "wait_not_started" | "abandon_not_started" => {
            let handle = echo(ctx).cancellation_type(kind).start();
            ctx.sleep(millis(100)).await?;
            handle.cancel();
            outcome(ctx, handle).await?;
        }
        "try_before_send" | "wait_before_send" | "abandon_before_send" => {
            let dropped = echo(ctx).cancellation_type(kind).start();
            let kept = echo(ctx).start();
            dropped.cancel();
            outcome(ctx, dropped).await?;
            kept.await?;
        }
        "abandoned_ends_later" => {
            let handles = ["slow", "fail"].map(|name| {
                let call = remote(ctx, name).cancellation_type(Cancel::Abandon);
                call.start()
            });
            ctx.sleep(millis(20)).await?;
            handles.iter().for_each(ActivityFuture::cancel);
            for handle in handles {
                outcome(ctx, handle).await?;
            }
            ctx.sleep(millis(600)).await?;
        }
        "after_its_end" => {
            echo(ctx).await?;
            echo(ctx).await?;
        }
        _ => return Err(unknown_case(&case)),
    }
    done()
}
