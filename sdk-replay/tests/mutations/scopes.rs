//! A scope that is canceled.

use std::time::Duration;

use durably::prelude::*;

use crate::activities::*;
use crate::check::check;
use crate::recorded::record;

const HOUR: Duration = Duration::from_secs(3600);

/// Nothing.
#[workflow(name = "scopes")]
pub(crate) async fn base(ctx: &WorkflowContext, order: String) -> WorkflowResult<()> {
    let reminder = ctx.cancel_scope(ctx.timer(9 * HOUR));
    let scope = reminder.scope();
    let reminder = ctx.spawn(reminder);
    ctx.activity(reserve, &order).await?;
    scope.cancel("reserved");
    let _ = reminder.await;
    ctx.sleep(HOUR).await?;
    ctx.activity(ship, &order).await?;
    Ok(())
}

/// The scope is not canceled.
#[workflow(name = "scopes")]
pub(crate) async fn not_canceled(ctx: &WorkflowContext, order: String) -> WorkflowResult<()> {
    let reminder = ctx.cancel_scope(ctx.timer(9 * HOUR));
    let reminder = ctx.spawn(reminder);
    ctx.activity(reserve, &order).await?;
    ctx.sleep(HOUR).await?; // <- TimerCanceled = removed_call
    ctx.activity(ship, &order).await?;
    let _ = reminder.await;
    Ok(())
}

/// The scope is canceled later.
#[workflow(name = "scopes")]
pub(crate) async fn canceled_later(ctx: &WorkflowContext, order: String) -> WorkflowResult<()> {
    let reminder = ctx.cancel_scope(ctx.timer(9 * HOUR));
    let scope = reminder.scope();
    let reminder = ctx.spawn(reminder);
    ctx.activity(reserve, &order).await?;
    ctx.sleep(HOUR).await?; // <- TimerCanceled = moved_call
    scope.cancel("reserved");
    let _ = reminder.await;
    ctx.activity(ship, &order).await?;
    Ok(())
}

/// The scope is canceled before its timer starts, which then never does.
#[workflow(name = "scopes")]
pub(crate) async fn canceled_at_once(ctx: &WorkflowContext, order: String) -> WorkflowResult<()> {
    let reminder = ctx.cancel_scope(ctx.timer(9 * HOUR));
    let scope = reminder.scope();
    scope.cancel("never mind");
    let reminder = ctx.spawn(reminder);
    ctx.activity(reserve, &order).await?; // <- TimerStarted = removed_call
    let _ = reminder.await;
    ctx.sleep(HOUR).await?;
    ctx.activity(ship, &order).await?;
    Ok(())
}

/// The timer is shielded.
#[workflow(name = "scopes")]
pub(crate) async fn shielded(ctx: &WorkflowContext, order: String) -> WorkflowResult<()> {
    let reminder = ctx.cancel_scope(ctx.shield(ctx.timer(9 * HOUR)));
    let scope = reminder.scope();
    let reminder = ctx.spawn(reminder);
    ctx.activity(reserve, &order).await?;
    scope.cancel("reserved");
    ctx.sleep(HOUR).await?; // <- TimerCanceled = removed_call
    let _ = reminder.await;
    ctx.activity(ship, &order).await?;
    Ok(())
}

/// What was canceled cleans up.
#[workflow(name = "scopes")]
pub(crate) async fn clean_up_added(ctx: &WorkflowContext, order: String) -> WorkflowResult<()> {
    let reminder = ctx.cancel_scope(ctx.timer(9 * HOUR));
    let scope = reminder.scope();
    let reminder = ctx.spawn(reminder);
    ctx.activity(reserve, &order).await?;
    scope.cancel("reserved");
    if reminder.await.is_err() {
        ctx.activity(mail, &order).await?; // <- TimerStarted #2 = added_call
    }
    ctx.sleep(HOUR).await?;
    ctx.activity(ship, &order).await?;
    Ok(())
}

/// The scope is canceled for another reason, and its timer is longer.
#[workflow(name = "scopes")]
pub(crate) async fn other_reason(ctx: &WorkflowContext, order: String) -> WorkflowResult<()> {
    let reminder = ctx.cancel_scope(ctx.timer(99 * HOUR));
    let scope = reminder.scope();
    let reminder = ctx.spawn(reminder);
    ctx.activity(reserve, &order).await?;
    scope.cancel("all is reserved");
    let _ = reminder.await;
    ctx.sleep(HOUR).await?;
    ctx.activity(ship, &order).await?;
    Ok(())
}

/// A timer that is started at once stands for the scope.
#[workflow(name = "scopes")]
pub(crate) async fn dropped_instead(ctx: &WorkflowContext, order: String) -> WorkflowResult<()> {
    let reminder = ctx.sleep(9 * HOUR); // <- ActivityTaskScheduled reserve = changed_order_of_parallel_calls
    ctx.activity(reserve, &order).await?;
    drop(reminder);
    ctx.sleep(HOUR).await?;
    ctx.activity(ship, &order).await?;
    Ok(())
}

#[tokio::test]
async fn mutants() {
    let recorded = record!(base, "7".to_owned(), "TimerStarted #2");
    let table = check! { recorded, "scopes.rs",
        base not_canceled canceled_later canceled_at_once shielded clean_up_added other_reason
        dropped_instead
    };
    expect_test::expect_file!["tables/scopes.md"].assert_eq(&table);
}
