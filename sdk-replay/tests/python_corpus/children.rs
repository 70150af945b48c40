//! Child workflows: ends of each kind, close policies, cancellation types, ids, signals.

use durably::failure::Failure;
use durably::options::ParentClosePolicy;
use durably::prelude::*;
use durably::workflow::{ChildCall, ChildCancellationType as Cancel};
use serde_json::Value;

use crate::calls::{done, echo, local, millis, unknown_case};

fn child(ctx: &WorkflowContext, number: u32) -> ChildCall<(), Value> {
    let id = format!("{}-child-{number}", ctx.info().workflow_id());
    ctx.child_by_name("Child", Vec::new()).workflow_id(id)
}

#[workflow(name = "Children")]
pub(crate) async fn children(ctx: &WorkflowContext, case: String) -> WorkflowResult<Value> {
    match case.as_str() {
        "one" | "fails_for_good" | "retried" | "continues" => return Ok(child(ctx, 1).await?),
        "sequence" => {
            for number in 1..=3 {
                child(ctx, number).await?;
            }
        }
        "parallel" => {
            try_join_all([3, 1, 2].map(|number| child(ctx, number))).await?;
        }
        "named_by_chance" => return Ok(ctx.child_by_name("Child", Vec::new()).await?),
        "fails" | "times_out" | "terminated" => {
            assert!(child(ctx, 1).await.is_err());
            echo(ctx).await?;
        }
        "signaled" => {
            let child = child(ctx, 1).start().await?;
            child.signal_by_name("word", Vec::new()).await?;
            let signals = ["b", "c"].map(|_| child.signal_by_name("word", Vec::new()));
            try_join_all(signals).await?;
            child.result().await?;
        }
        "same_id" => {
            let first = child(ctx, 1).start().await?;
            assert!(child(ctx, 1).start().await.is_err());
            echo(ctx).await?;
            first.result().await?;
        }
        "abandoned" | "asked_to_cancel" => {
            let policy = ParentClosePolicy::Abandon;
            let call = child(ctx, 1).parent_close_policy(policy);
            call.start().await?.detach();
        }
        "terminated_with_parent" => {
            let child = child(ctx, 1).start().await?;
            echo(ctx).await?;
            child.detach();
        }
        "cancel_wait" | "cancel_ignored" => {
            canceled(ctx, Cancel::WaitCancellationCompleted).await?;
        }
        "cancel_wait_requested" => canceled(ctx, Cancel::WaitCancellationRequested).await?,
        "cancel_try" => canceled(ctx, Cancel::TryCancel).await?,
        "cancel_abandon" => canceled(ctx, Cancel::Abandon).await?,
        "cancel_before_send" => {
            let call = ctx.cancel_scope(child(ctx, 1).start());
            let scope = call.scope();
            let cancel = async { scope.cancel("enough") };
            let (started, ()) = join!(call, cancel);
            assert!(started.is_err());
            child(ctx, 2).await?;
        }
        "cancel_as_it_starts" => {
            let child = child(ctx, 1).start().await?;
            child.cancel();
            assert!(child.result().await.is_err());
            echo(ctx).await?;
        }
        "race" => {
            let child = child(ctx, 1).start().await?;
            ctx.sleep(millis(100)).await?;
            child.cancel();
            assert!(child.result().await.is_err());
            local(ctx, "echo").await?;
        }
        "options" => {
            let call = child(ctx, 1).cancellation_type(Cancel::TryCancel);
            call.summary("a summary").await?;
            child(ctx, 2).await?;
        }
        _ => return Err(unknown_case(&case)),
    }
    done()
}

async fn canceled(ctx: &WorkflowContext, kind: Cancel) -> Result<(), Failure> {
    let child = child(ctx, 1).cancellation_type(kind).start().await?;
    ctx.sleep(millis(200)).await?;
    child.cancel();
    let _ = child.result().await;
    ctx.sleep(millis(300)).await?;
    echo(ctx).await?;
    Ok(())
}
