//! Local activities.

use std::time::Duration;

use durably::prelude::*;

use crate::activities::*;
use crate::check::check;
use crate::recorded::record;

const HOUR: Duration = Duration::from_secs(3600);

/// Nothing.
#[workflow(name = "local")]
pub(crate) async fn base(ctx: &WorkflowContext, order: String) -> WorkflowResult<()> {
    ctx.local_activity(quote, &order).await?;
    ctx.local_activity(charge, &order).await?;
    ctx.sleep(HOUR).await?;
    ctx.local_activity(ship, &order).await?;
    Ok(())
}

/// A call has another name.
#[workflow(name = "local")]
pub(crate) async fn call_renamed(ctx: &WorkflowContext, order: String) -> WorkflowResult<()> {
    ctx.local_activity(quote, &order).await?;
    ctx.local_activity(charge_card, &order).await?; // <- MarkerRecorded #2 = changed_name
    ctx.sleep(HOUR).await?;
    ctx.local_activity(ship, &order).await?;
    Ok(())
}

/// A call is no local one.
#[workflow(name = "local")]
pub(crate) async fn made_an_activity(ctx: &WorkflowContext, order: String) -> WorkflowResult<()> {
    ctx.local_activity(quote, &order).await?;
    ctx.activity(charge, &order).await?; // <- MarkerRecorded #2 = changed_kind
    ctx.sleep(HOUR).await?;
    ctx.local_activity(ship, &order).await?;
    Ok(())
}

/// A call was removed.
#[workflow(name = "local")]
pub(crate) async fn call_removed(ctx: &WorkflowContext, order: String) -> WorkflowResult<()> {
    ctx.local_activity(quote, &order).await?;
    ctx.sleep(HOUR).await?; // <- MarkerRecorded #2 = removed_call
    ctx.local_activity(ship, &order).await?;
    Ok(())
}

/// A call was added.
#[workflow(name = "local")]
pub(crate) async fn call_added(ctx: &WorkflowContext, order: String) -> WorkflowResult<()> {
    ctx.local_activity(quote, &order).await?;
    ctx.local_activity(charge, &order).await?;
    ctx.local_activity(mail, &order).await?; // <- TimerStarted = added_call
    ctx.sleep(HOUR).await?;
    ctx.local_activity(ship, &order).await?;
    Ok(())
}

/// Two calls changed places.
#[workflow(name = "local")]
pub(crate) async fn calls_reordered(ctx: &WorkflowContext, order: String) -> WorkflowResult<()> {
    ctx.local_activity(charge, &order).await?; // <- MarkerRecorded = moved_call
    ctx.local_activity(quote, &order).await?;
    ctx.sleep(HOUR).await?;
    ctx.local_activity(ship, &order).await?;
    Ok(())
}

/// A result has another type.
#[workflow(name = "local")]
pub(crate) async fn result_changed(ctx: &WorkflowContext, order: String) -> WorkflowResult<()> {
    let arguments = vec![durably::payload::ToPayload::to_payload(&order)?];
    // <- WorkflowTaskStarted = changed_type (code_failed)
    let call = ctx.local_activity_by_name::<String>("quote", arguments);
    call.start_to_close_timeout(HOUR).await?;
    ctx.local_activity(charge, &order).await?;
    ctx.sleep(HOUR).await?;
    ctx.local_activity(ship, &order).await?;
    Ok(())
}

/// The timer was removed.
#[workflow(name = "local")]
pub(crate) async fn timer_removed(ctx: &WorkflowContext, order: String) -> WorkflowResult<()> {
    ctx.local_activity(quote, &order).await?;
    ctx.local_activity(charge, &order).await?;
    ctx.local_activity(ship, &order).await?; // <- TimerStarted = removed_call
    Ok(())
}

/// The calls have other options.
#[workflow(name = "local")]
pub(crate) async fn other_options(ctx: &WorkflowContext, order: String) -> WorkflowResult<()> {
    let call = ctx
        .local_activity(quote, &order)
        .start_to_close_timeout(HOUR);
    call.summary("a price").await?;
    let retry = RetryPolicy::default().maximum_attempts(3);
    ctx.local_activity(charge, &order).retry(retry).await?;
    ctx.sleep(2 * HOUR).await?;
    ctx.local_activity(ship, &order).await?;
    Ok(())
}

/// A patch guards a new call.
#[workflow(name = "local")]
pub(crate) async fn guarded_by_a_patch(ctx: &WorkflowContext, order: String) -> WorkflowResult<()> {
    ctx.local_activity(quote, &order).await?;
    if ctx.patched("mail") {
        ctx.local_activity(mail, &order).await?;
    }
    ctx.local_activity(charge, &order).await?;
    ctx.sleep(HOUR).await?;
    ctx.local_activity(ship, &order).await?;
    Ok(())
}

#[tokio::test]
async fn mutants() {
    let recorded = record!(base, "7".to_owned(), "TimerStarted");
    let table = check! { recorded, "local.rs",
        base call_renamed made_an_activity call_removed call_added calls_reordered result_changed
        timer_removed other_options guarded_by_a_patch
    };
    expect_test::expect_file!["tables/local.md"].assert_eq(&table);
}
