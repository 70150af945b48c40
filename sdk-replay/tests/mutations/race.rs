//! An activity races a timer.

use std::time::Duration;

use durably::prelude::*;
use durably::workflow::TimedOut;

use crate::activities::*;
use crate::check::check;
use crate::recorded::record;

const MINUTE: Duration = Duration::from_secs(60);

/// Nothing.
#[workflow(name = "race")]
pub(crate) async fn base(ctx: &WorkflowContext, order: String) -> WorkflowResult<u64> {
    let price = select! {
        price = ctx.activity(quote, &order) => price?,
        slept = ctx.sleep(MINUTE) => { slept?; 0 }
    };
    ctx.sleep(2 * MINUTE).await?;
    ctx.activity(ship, &order).await?;
    Ok(price)
}

/// The arms changed places.
#[workflow(name = "race")]
pub(crate) async fn arms_swapped(ctx: &WorkflowContext, order: String) -> WorkflowResult<u64> {
    let price = select! {
        slept = ctx.sleep(MINUTE) => { slept?; 0 } // <- ActivityTaskScheduled quote = changed_order_of_parallel_calls
        price = ctx.activity(quote, &order) => price?,
    };
    ctx.sleep(2 * MINUTE).await?;
    ctx.activity(ship, &order).await?;
    Ok(price)
}

/// The timer of the race was removed.
#[workflow(name = "race")]
pub(crate) async fn no_race(ctx: &WorkflowContext, order: String) -> WorkflowResult<u64> {
    let price = ctx.activity(quote, &order).await?; // <- TimerStarted = removed_call
    ctx.sleep(2 * MINUTE).await?;
    ctx.activity(ship, &order).await?;
    Ok(price)
}

/// Both are waited for.
#[workflow(name = "race")]
pub(crate) async fn both_awaited(ctx: &WorkflowContext, order: String) -> WorkflowResult<u64> {
    let quoted = ctx.activity(quote, &order).start();
    let slept = ctx.sleep(MINUTE); // <- TimerCanceled = removed_call
    let (price, slept) = join!(quoted, slept);
    slept?;
    ctx.sleep(2 * MINUTE).await?;
    ctx.activity(ship, &order).await?;
    Ok(price?)
}

/// The timer goes on when the race is won.
#[workflow(name = "race")]
pub(crate) async fn timer_kept(ctx: &WorkflowContext, order: String) -> WorkflowResult<u64> {
    let quoted = ctx.activity(quote, &order).start();
    let slept = ctx.sleep(MINUTE);
    let price = quoted.await?;
    ctx.sleep(2 * MINUTE).await?; // <- TimerCanceled = removed_call
    slept.await?;
    ctx.activity(ship, &order).await?;
    Ok(price)
}

/// A third one races along.
#[workflow(name = "race")]
pub(crate) async fn arm_added(ctx: &WorkflowContext, order: String) -> WorkflowResult<u64> {
    let price = select! {
        price = ctx.activity(quote, &order) => price?,
        slept = ctx.sleep(MINUTE) => { slept?; 0 }
        weighed = ctx.activity(weigh, &order) => { weighed?; 1 } // <- ActivityTaskStarted = added_call
    };
    ctx.sleep(2 * MINUTE).await?;
    ctx.activity(ship, &order).await?;
    Ok(price)
}

/// The price decides about a call.
#[workflow(name = "race")]
pub(crate) async fn decides_otherwise(ctx: &WorkflowContext, order: String) -> WorkflowResult<u64> {
    let price = select! {
        price = ctx.activity(quote, &order) => price?,
        slept = ctx.sleep(MINUTE) => { slept?; 0 }
    };
    if price < 5 {
        ctx.sleep(2 * MINUTE).await?;
    }
    ctx.activity(ship, &order).await?; // <- TimerStarted #2 = removed_call
    Ok(price)
}

/// Other times.
#[workflow(name = "race")]
pub(crate) async fn other_times(ctx: &WorkflowContext, order: String) -> WorkflowResult<u64> {
    let price = select! {
        price = ctx.activity(quote, &order) => price?,
        slept = ctx.sleep(Duration::from_secs(1)) => { slept?; 0 }
    };
    ctx.sleep(MINUTE).await?;
    ctx.activity(ship, &order).await?;
    Ok(price)
}

/// `timeout` stands for `select!`.
#[workflow(name = "race")]
pub(crate) async fn written_as_timeout(
    ctx: &WorkflowContext,
    order: String,
) -> WorkflowResult<u64> {
    let price = match ctx.timeout(MINUTE, ctx.activity(quote, &order)).await {
        Ok(price) => price?,
        Err(TimedOut { .. }) => 0,
    };
    ctx.sleep(2 * MINUTE).await?;
    ctx.activity(ship, &order).await?;
    Ok(price)
}

/// The loser's branch makes a call.
#[workflow(name = "race")]
pub(crate) async fn other_branch(ctx: &WorkflowContext, order: String) -> WorkflowResult<u64> {
    let price = select! {
        price = ctx.activity(quote, &order) => price?,
        slept = ctx.sleep(MINUTE) => {
            slept?;
            ctx.activity(mail, &order).await?;
            0
        }
    };
    ctx.sleep(2 * MINUTE).await?;
    ctx.activity(ship, &order).await?;
    Ok(price)
}

#[tokio::test]
async fn mutants() {
    let recorded = record!(base, "7".to_owned(), "TimerStarted #2");
    let table = check! { recorded, "race.rs",
        base arms_swapped no_race both_awaited timer_kept arm_added decides_otherwise other_times
        written_as_timeout other_branch
    };
    expect_test::expect_file!["tables/race.md"].assert_eq(&table);
}
