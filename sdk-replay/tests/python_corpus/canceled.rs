//! Cancel requests of workflows: what ends, what is shielded, clean-up, requests that are ignored.

use durably::activity::ActivityCancellationType;
use durably::prelude::*;
use serde_json::Value;

use crate::calls::{done, echo, local, millis, remote, unknown_case};

#[derive(Default)]
pub(crate) struct Canceled {
    flag: State<bool>,
}

#[workflow(name = "Canceled")]
impl Canceled {
    #[run]
    pub(crate) async fn run(&self, ctx: &WorkflowContext, case: String) -> WorkflowResult<Value> {
        let long = || ctx.sleep(millis(60_000));
        match case.as_str() {
            "timer" => long().await?,
            "activity" => return Ok(remote(ctx, "beat").await?),
            "activity_wait" => {
                let kind = ActivityCancellationType::WaitCancellationCompleted;
                return Ok(remote(ctx, "beat").cancellation_type(kind).await?);
            }
            "condition" => ctx.wait_until(|| self.flag.get()).await?,
            "condition_with_timeout" => {
                let wait = ctx.wait_until(|| self.flag.get());
                wait.timeout(millis(60_000)).await?;
            }
            "gather" => {
                // `start_activity` begins at once, `sleep` when it is awaited.
                // A cancellation takes timers before activities, and Python one after the other.
                let calls = async {
                    let slow = remote(ctx, "slow").start();
                    (ctx.sleep(millis(60_000)), slow, ctx.sleep(millis(61_000)))
                };
                let (first, slow, second) = ctx.shield(calls).await;
                let canceled = ctx.wait_until(|| false).await;
                drop(first);
                drop(slow);
                drop(second);
                canceled?;
            }
            "clean_up" => {
                let ended = long().await;
                let clean_up = async {
                    echo(ctx).await?;
                    ctx.sleep(millis(50)).await?;
                    local(ctx, "echo").await
                };
                ctx.shield(clean_up).await?;
                ended?;
            }
            "clean_up_activity" => {
                let ended = remote(ctx, "beat").await;
                ctx.shield(echo(ctx)).await?;
                ended?;
            }
            "ignored" => {
                assert!(long().await.is_err());
                return Ok(ctx.shield(echo(ctx)).await?);
            }
            "fails" => {
                assert!(long().await.is_err());
                return Err(ApplicationFailure::new("not canceled but failed").into());
            }
            "shielded" => {
                ctx.shield(remote(ctx, "slow")).await?;
                ctx.shield(echo(ctx)).await?;
                ctx.wait_until(|| false).await?;
            }
            "local_activity" => return Ok(local(ctx, "slow").await?),
            "handler" => {
                let canceled = ctx.wait_until(|| self.flag.get()).await;
                let wait = async { ctx.wait_until(|| self.flag.get()).await };
                ctx.shield(wait).await?;
                ctx.shield(echo(ctx)).await?;
                canceled?;
            }
            "child" | "child_clean_up" => {
                let id = format!("{}-child", ctx.info().workflow_id());
                let call = ctx.child_by_name::<Value>("Canceled", Vec::new());
                return Ok(call.workflow_id(id).await?);
            }
            "twice" => {
                // Python cancels what is awaited at each request, and here a scope is canceled once.
                assert!(ctx.sleep(millis(1000)).await.is_err());
                let rest = async {
                    echo(ctx).await?;
                    ctx.sleep(millis(1000)).await?;
                    echo(ctx).await
                };
                ctx.shield(rest).await?;
            }
            _ => return Err(unknown_case(&case)),
        }
        done()
    }

    #[signal]
    async fn work(&self, ctx: &WorkflowContext) -> WorkflowResult<()> {
        ctx.shield(remote(ctx, "slow")).await?;
        self.flag.set(true);
        Ok(())
    }
}
