//! Workflows of others: signals and cancel requests, also to those that do not exist.

use durably::prelude::*;
use durably::workflow::ExternalFuture;
use serde_json::Value;

use crate::calls::{done, echo, millis, unknown_case};

fn signal(ctx: &WorkflowContext, target: &str) -> ExternalFuture {
    let id = format!("{}-{target}", ctx.info().workflow_id());
    ctx.external_by_id(id).signal_by_name("word", Vec::new())
}

fn cancel(ctx: &WorkflowContext, target: &str) -> ExternalFuture {
    let id = format!("{}-{target}", ctx.info().workflow_id());
    ctx.external_by_id(id).cancel("")
}

#[workflow(name = "External")]
pub(crate) async fn external(ctx: &WorkflowContext, case: String) -> WorkflowResult<Value> {
    match case.as_str() {
        "signals" => {
            signal(ctx, "target").await?;
            try_join!(signal(ctx, "target"), signal(ctx, "target"))?;
            echo(ctx).await?;
        }
        "cancels" => {
            cancel(ctx, "target").await?;
            echo(ctx).await?;
        }
        "missing" => {
            assert!(signal(ctx, "nobody").await.is_err());
            assert!(cancel(ctx, "nobody").await.is_err());
            echo(ctx).await?;
        }
        "all_at_once" => {
            // `start_activity` begins at once, the others when they are awaited.
            let activity = echo(ctx).start();
            let _ = join!(
                signal(ctx, "target"),
                signal(ctx, "nobody"),
                cancel(ctx, "nobody"),
                activity,
                ctx.timer(millis(100)),
                cancel(ctx, "target")
            );
        }
        "signal_dropped" => {
            drop(signal(ctx, "target"));
            signal(ctx, "target").await?;
            echo(ctx).await?;
        }
        "signal_and_end" => signal(ctx, "target").detach(),
        _ => return Err(unknown_case(&case)),
    }
    done()
}
