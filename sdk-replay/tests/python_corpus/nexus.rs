//! Nexus operations: at once, by a workflow, failing, canceled.

use durably::prelude::*;
use durably::workflow::NexusCall;
use serde_json::Value;

use crate::calls::{done, echo, unknown_case};

fn operation(ctx: &WorkflowContext, name: &str) -> NexusCall<Value> {
    ctx.nexus_operation("corpus", "Shop", name, &"lamp")
}

#[workflow(name = "NexusCalls")]
pub(crate) async fn nexus_calls(ctx: &WorkflowContext, case: String) -> WorkflowResult<Value> {
    match case.as_str() {
        "at_once" => {
            operation(ctx, "price").await?;
            echo(ctx).await?;
        }
        "by_workflow" => {
            let delivery = operation(ctx, "deliver").start().await?;
            echo(ctx).await?;
            delivery.result().await?;
        }
        "fails" => {
            assert!(operation(ctx, "price").await.is_err());
            echo(ctx).await?;
        }
        "together" => {
            let activity = echo(ctx).start();
            try_join!(
                operation(ctx, "deliver"),
                operation(ctx, "price"),
                operation(ctx, "deliver"),
                activity
            )?;
        }
        "canceled" => {
            let delivery = operation(ctx, "deliver").start().await?;
            echo(ctx).await?;
            delivery.cancel();
            assert!(delivery.result().await.is_err());
            echo(ctx).await?;
        }
        "times_out" => {
            assert!(operation(ctx, "deliver").await.is_err());
            echo(ctx).await?;
        }
        _ => return Err(unknown_case(&case)),
    }
    done()
}
