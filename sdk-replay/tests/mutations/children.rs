//! A child workflow.

use std::time::Duration;

use durably::options::ParentClosePolicy;
use durably::prelude::*;

use crate::activities::*;
use crate::check::check;
use crate::recorded::record;

const HOUR: Duration = Duration::from_secs(3600);

/// Nothing.
#[workflow(name = "children")]
pub(crate) async fn base(ctx: &WorkflowContext, order: String) -> WorkflowResult<()> {
    ctx.child(parcel, &order).workflow_id("parcel-7").await?;
    ctx.sleep(HOUR).await?;
    ctx.activity(ship, &order).await?;
    Ok(())
}

/// The child has another id.
#[workflow(name = "children")]
pub(crate) async fn child_id_changed(ctx: &WorkflowContext, order: String) -> WorkflowResult<()> {
    let call = ctx.child(parcel, &order); // <- StartChildWorkflowExecutionInitiated parcel = changed_id
    call.workflow_id("7-parcel").await?;
    ctx.sleep(HOUR).await?;
    ctx.activity(ship, &order).await?;
    Ok(())
}

/// The child is another workflow.
#[workflow(name = "children")]
pub(crate) async fn child_type_changed(ctx: &WorkflowContext, order: String) -> WorkflowResult<()> {
    ctx.child(letter, &order).workflow_id("parcel-7").await?; // <- StartChildWorkflowExecutionInitiated parcel = changed_name
    ctx.sleep(HOUR).await?;
    ctx.activity(ship, &order).await?;
    Ok(())
}

/// The child was removed.
#[workflow(name = "children")]
pub(crate) async fn child_removed(ctx: &WorkflowContext, order: String) -> WorkflowResult<()> {
    ctx.sleep(HOUR).await?; // <- StartChildWorkflowExecutionInitiated = removed_call
    ctx.activity(ship, &order).await?;
    Ok(())
}

/// The child became an activity.
#[workflow(name = "children")]
pub(crate) async fn child_made_an_activity(
    ctx: &WorkflowContext,
    order: String,
) -> WorkflowResult<()> {
    ctx.activity(wrap, &order).await?; // <- StartChildWorkflowExecutionInitiated = added_call
    ctx.sleep(HOUR).await?;
    ctx.activity(ship, &order).await?;
    Ok(())
}

/// A second child was added.
#[workflow(name = "children")]
pub(crate) async fn child_added(ctx: &WorkflowContext, order: String) -> WorkflowResult<()> {
    ctx.child(parcel, &order).workflow_id("parcel-7").await?;
    ctx.child(letter, &order).workflow_id("letter-7").await?; // <- TimerStarted = added_call
    ctx.sleep(HOUR).await?;
    ctx.activity(ship, &order).await?;
    Ok(())
}

/// The child's end is not waited for.
#[workflow(name = "children")]
pub(crate) async fn child_left_alone(ctx: &WorkflowContext, order: String) -> WorkflowResult<()> {
    let child = ctx.child(parcel, &order).workflow_id("parcel-7");
    child.start().await?.detach();
    ctx.activity(ship, &order).await?; // <- ChildWorkflowExecutionCompleted = moved_call
    Ok(())
}

/// The child has other options.
#[workflow(name = "children")]
pub(crate) async fn other_options(ctx: &WorkflowContext, order: String) -> WorkflowResult<()> {
    ctx.child(parcel, format!("order {order}"))
        .workflow_id("parcel-7")
        .parent_close_policy(ParentClosePolicy::Abandon)
        .workflow_execution_timeout(HOUR)
        .summary("the parcel")
        .await?;
    ctx.sleep(HOUR).await?;
    ctx.activity(ship, &order).await?;
    Ok(())
}

/// Start and end of the child are awaited one after the other.
#[workflow(name = "children")]
pub(crate) async fn awaited_in_two_steps(
    ctx: &WorkflowContext,
    order: String,
) -> WorkflowResult<()> {
    let call = ctx.child(parcel, &order).workflow_id("parcel-7");
    let child = call.start().await?;
    child.result().await?;
    ctx.sleep(HOUR).await?;
    ctx.activity(ship, &order).await?;
    Ok(())
}

#[tokio::test]
async fn mutants() {
    let recorded = record!(base, "7".to_owned(), "TimerStarted");
    let table = check! { recorded, "children.rs",
        base child_id_changed child_type_changed child_removed child_made_an_activity
        child_added child_left_alone other_options awaited_in_two_steps
    };
    expect_test::expect_file!["tables/children.md"].assert_eq(&table);
}
