//! Workflows that do something else are refused, with what differs.

use durably::prelude::*;
use durably::replay::Replayer;
use durably::workflow::WorkflowContext;
use serde_json::Value;

use crate::calls::{done, echo, local, millis, remote};
use crate::corpus::history;

#[workflow(name = "Activities")]
async fn one_activity_less(ctx: &WorkflowContext, _case: String) -> WorkflowResult<Value> {
    for _ in 0..2 {
        echo(ctx).await?;
    }
    done()
}

#[workflow(name = "Activities")]
async fn another_activity(ctx: &WorkflowContext, _case: String) -> WorkflowResult<Value> {
    for _ in 0..5 {
        remote(ctx, "nothing").start().detach();
    }
    done()
}

#[workflow(name = "LocalActivities")]
async fn remote_instead_of_local(ctx: &WorkflowContext, _case: String) -> WorkflowResult<Value> {
    for _ in 0..6 {
        echo(ctx).await?;
    }
    done()
}

#[workflow(name = "LocalActivities")]
async fn local_in_another_order(ctx: &WorkflowContext, _case: String) -> WorkflowResult<Value> {
    local(ctx, "slow").await?;
    echo(ctx).await?;
    done()
}

#[workflow(name = "Patches")]
async fn patch_removed(ctx: &WorkflowContext, _case: String) -> WorkflowResult<Value> {
    Ok(echo(ctx).await?)
}

#[workflow(name = "Patches")]
async fn another_patch(ctx: &WorkflowContext, _case: String) -> WorkflowResult<Value> {
    match ctx.patched("another") {
        true => done(),
        false => Ok(echo(ctx).await?),
    }
}

#[workflow(name = "Timers")]
async fn timer_left_out(ctx: &WorkflowContext, _case: String) -> WorkflowResult<Value> {
    ctx.sleep(millis(100)).await?;
    ctx.sleep(millis(50)).await?;
    done()
}

#[workflow(name = "Timers")]
async fn activity_instead_of_timer(ctx: &WorkflowContext, _case: String) -> WorkflowResult<Value> {
    Ok(echo(ctx).await?)
}

#[workflow(name = "Children")]
async fn another_child_id(ctx: &WorkflowContext, _case: String) -> WorkflowResult<Value> {
    let call = ctx.child_by_name::<Value>("Child", Vec::new());
    Ok(call.workflow_id("another").await?)
}

#[workflow(name = "Children")]
async fn another_child_type(ctx: &WorkflowContext, _case: String) -> WorkflowResult<Value> {
    Ok(ctx.child_by_name("Another", Vec::new()).await?)
}

#[workflow(name = "Ends")]
async fn ends_otherwise(_ctx: &WorkflowContext, _case: String) -> WorkflowResult<Value> {
    done()
}

#[workflow(name = "Updates")]
async fn does_not_take_updates(ctx: &WorkflowContext, _case: String) -> WorkflowResult<Value> {
    ctx.wait_until(|| false).await?;
    done()
}

#[track_caller]
fn refuses(
    replayer: Result<Replayer, durably::workflow::DuplicateWorkflow>,
    name: &str,
    why: &str,
) {
    let replayer = replayer.expect("it is alone");
    let error = replayer
        .replay(history(name))
        .expect_err("it does something else");
    let text = error.to_string();
    assert!(text.contains(why), "{name}: {text}");
    assert!(
        replayer.replay_from_every_task(&history(name)).is_err(),
        "{name}"
    );
}

macro_rules! refused {
    ($($test:ident: $workflow:ident, $history:literal, $why:literal;)*) => {$(
        #[test]
        fn $test() {
            refuses(Replayer::new().workflow($workflow), $history, $why);
        }
    )*};
}

refused! {
    missing_activities: one_activity_less, "activities-sequence", "CompleteWorkflowExecution";
    other_activities: another_activity, "activities-parallel", "activity type";
    remote_for_local: remote_instead_of_local, "local-sequence", "local activity";
    other_orders: local_in_another_order, "local-mixed_ids", "ActivityTaskScheduled";
    removed_patches: patch_removed, "patches-between", "patch";
    other_patches: another_patch, "patches-one", "patch";
    missing_timers: timer_left_out, "timers-sequence", "CompleteWorkflowExecution";
    activities_for_timers: activity_instead_of_timer, "timers-gather", "TimerStarted";
    other_child_ids: another_child_id, "children-one", "workflow id";
    other_child_types: another_child_type, "children-named_by_chance", "workflow type";
    other_ends: ends_otherwise, "ends-fails", "WorkflowExecutionFailed";
    missing_updates: does_not_take_updates, "updates-plain", "Update handler for 'add' expected";
}
