//! Ends of runs: failures, retries, cron, timeouts, termination.

use durably::prelude::*;
use serde_json::Value;

use crate::calls::{done, echo, millis, remote, unknown_case};

#[workflow(name = "Ends")]
pub(crate) async fn ends(ctx: &WorkflowContext, case: String) -> WorkflowResult<Value> {
    let broken = || ApplicationFailure::new("broken");
    match case.as_str() {
        "nothing" | "at_once" => {}
        "fails" | "fails_for_good" | "fails_with_a_cause" => return Err(broken().into()),
        "fails_beside_others" => {
            // Python's `create_task` begins at the next await.
            let spawned = ctx.clone();
            let first = ctx.spawn(async move { spawned.sleep(millis(10_000)).await });
            let slow = remote(ctx, "slow").start();
            echo(ctx).await?;
            let second = ctx.sleep(millis(11_000));
            std::mem::forget((first, slow, second));
            return Err(broken().into());
        }
        "retried" => {
            echo(ctx).await?;
            if ctx.info().attempt() < 3 {
                return Err(broken().into());
            }
        }
        "cron" => {
            echo(ctx).await?;
        }
        "waits" => {
            echo(ctx).await?;
            ctx.sleep(millis(60_000)).await?;
        }
        _ => return Err(unknown_case(&case)),
    }
    done()
}
