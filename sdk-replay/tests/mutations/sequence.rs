//! Activities and a timer, one after the other.

use std::time::Duration;

use durably::payload::ToPayload;
use durably::prelude::*;
use serde::{Deserialize, Serialize};

use crate::activities::*;
use crate::check::check;
use crate::recorded::record;

#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct Order {
    id: String,
}

#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct WiderOrder {
    id: String,
    #[serde(default)]
    note: Option<String>,
}

#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct OtherOrder {
    number: u64,
}

const MINUTE: Duration = Duration::from_secs(60);

/// Nothing.
#[workflow(name = "sequence")]
pub(crate) async fn base(ctx: &WorkflowContext, order: Order) -> WorkflowResult<()> {
    ctx.activity(reserve, &order.id).await?;
    ctx.activity(receipt, &order.id).await?;
    ctx.sleep(MINUTE).await?;
    ctx.activity(ship, &order.id).await?;
    Ok(())
}

/// A call was added before another.
#[workflow(name = "sequence")]
pub(crate) async fn call_added(ctx: &WorkflowContext, order: Order) -> WorkflowResult<()> {
    ctx.activity(reserve, &order.id).await?;
    ctx.activity(weigh, &order.id).await?; // <- ActivityTaskScheduled receipt = added_call
    ctx.activity(receipt, &order.id).await?;
    ctx.sleep(MINUTE).await?;
    ctx.activity(ship, &order.id).await?;
    Ok(())
}

/// A call was added that is not waited for.
#[workflow(name = "sequence")]
pub(crate) async fn call_added_beside(ctx: &WorkflowContext, order: Order) -> WorkflowResult<()> {
    ctx.activity(reserve, &order.id).await?;
    let weighed = ctx.activity(weigh, &order.id).start(); // <- ActivityTaskScheduled receipt = added_call
    ctx.activity(receipt, &order.id).await?;
    ctx.sleep(MINUTE).await?;
    ctx.activity(ship, &order.id).await?;
    weighed.await?;
    Ok(())
}

/// A call was added at the end.
#[workflow(name = "sequence")]
pub(crate) async fn call_added_last(ctx: &WorkflowContext, order: Order) -> WorkflowResult<()> {
    ctx.activity(reserve, &order.id).await?;
    ctx.activity(receipt, &order.id).await?;
    ctx.sleep(MINUTE).await?;
    ctx.activity(ship, &order.id).await?;
    ctx.activity(mail, &order.id).await?; // <- WorkflowExecutionCompleted = ended_later
    Ok(())
}

/// A call was removed.
#[workflow(name = "sequence")]
pub(crate) async fn call_removed(ctx: &WorkflowContext, order: Order) -> WorkflowResult<()> {
    ctx.activity(reserve, &order.id).await?;
    ctx.sleep(MINUTE).await?; // <- ActivityTaskScheduled receipt = removed_call
    ctx.activity(ship, &order.id).await?;
    Ok(())
}

/// The last call was removed.
#[workflow(name = "sequence")]
pub(crate) async fn last_call_removed(ctx: &WorkflowContext, order: Order) -> WorkflowResult<()> {
    ctx.activity(reserve, &order.id).await?;
    ctx.activity(receipt, &order.id).await?;
    ctx.sleep(MINUTE).await?; // <- ActivityTaskScheduled ship = ended_early
    Ok(())
}

/// Two calls changed places.
#[workflow(name = "sequence")]
pub(crate) async fn calls_reordered(ctx: &WorkflowContext, order: Order) -> WorkflowResult<()> {
    ctx.activity(receipt, &order.id).await?; // <- ActivityTaskScheduled reserve = moved_call
    ctx.activity(reserve, &order.id).await?;
    ctx.sleep(MINUTE).await?;
    ctx.activity(ship, &order.id).await?;
    Ok(())
}

/// A call has another name.
#[workflow(name = "sequence")]
pub(crate) async fn call_renamed(ctx: &WorkflowContext, order: Order) -> WorkflowResult<()> {
    let id = vec![order.id.to_payload()?];
    ctx.activity(reserve, &order.id).await?;
    ctx.activity_by_name::<String>("write_receipt", id) // <- ActivityTaskScheduled receipt = changed_name
        .start_to_close_timeout(MINUTE)
        .await?;
    ctx.sleep(MINUTE).await?;
    ctx.activity(ship, &order.id).await?;
    Ok(())
}

/// The timer comes earlier.
#[workflow(name = "sequence")]
pub(crate) async fn timer_earlier(ctx: &WorkflowContext, order: Order) -> WorkflowResult<()> {
    ctx.activity(reserve, &order.id).await?;
    ctx.sleep(MINUTE).await?; // <- ActivityTaskScheduled receipt = moved_call
    ctx.activity(receipt, &order.id).await?;
    ctx.activity(ship, &order.id).await?;
    Ok(())
}

/// The timer comes later.
#[workflow(name = "sequence")]
pub(crate) async fn timer_later(ctx: &WorkflowContext, order: Order) -> WorkflowResult<()> {
    ctx.activity(reserve, &order.id).await?;
    ctx.activity(receipt, &order.id).await?;
    ctx.activity(ship, &order.id).await?; // <- TimerStarted = moved_call
    ctx.sleep(MINUTE).await?;
    Ok(())
}

/// The timer was removed.
#[workflow(name = "sequence")]
pub(crate) async fn timer_removed(ctx: &WorkflowContext, order: Order) -> WorkflowResult<()> {
    ctx.activity(reserve, &order.id).await?;
    ctx.activity(receipt, &order.id).await?;
    ctx.activity(ship, &order.id).await?; // <- TimerStarted = removed_call
    Ok(())
}

/// A timer was added.
#[workflow(name = "sequence")]
pub(crate) async fn timer_added(ctx: &WorkflowContext, order: Order) -> WorkflowResult<()> {
    ctx.sleep(Duration::from_secs(1)).await?; // <- ActivityTaskScheduled reserve = added_call
    ctx.activity(reserve, &order.id).await?;
    ctx.activity(receipt, &order.id).await?;
    ctx.sleep(MINUTE).await?;
    ctx.activity(ship, &order.id).await?;
    Ok(())
}

/// A timer is made and dropped, which counts ids on.
#[workflow(name = "sequence")]
pub(crate) async fn timer_dropped(ctx: &WorkflowContext, order: Order) -> WorkflowResult<()> {
    ctx.activity(reserve, &order.id).await?;
    drop(ctx.sleep(MINUTE));
    ctx.activity(receipt, &order.id).await?;
    ctx.sleep(MINUTE).await?; // <- TimerStarted = shifted_id
    ctx.activity(ship, &order.id).await?;
    Ok(())
}

/// An activity became a local one.
#[workflow(name = "sequence")]
pub(crate) async fn activity_made_local(ctx: &WorkflowContext, order: Order) -> WorkflowResult<()> {
    ctx.activity(reserve, &order.id).await?;
    ctx.local_activity(receipt, &order.id).await?; // <- ActivityTaskScheduled receipt = changed_kind
    ctx.sleep(MINUTE).await?;
    ctx.activity(ship, &order.id).await?;
    Ok(())
}

/// Two calls run in parallel now.
#[workflow(name = "sequence")]
pub(crate) async fn made_parallel(ctx: &WorkflowContext, order: Order) -> WorkflowResult<()> {
    let reserved = ctx.activity(reserve, &order.id).start();
    let receipted = ctx.activity(receipt, &order.id); // <- ActivityTaskStarted = moved_call
    let receipted = receipted.start();
    reserved.await?;
    receipted.await?;
    ctx.sleep(MINUTE).await?;
    ctx.activity(ship, &order.id).await?;
    Ok(())
}

/// A call got an id of its own.
#[workflow(name = "sequence")]
pub(crate) async fn activity_id_set(ctx: &WorkflowContext, order: Order) -> WorkflowResult<()> {
    ctx.activity(reserve, &order.id).await?;
    let call = ctx.activity(receipt, &order.id); // <- ActivityTaskScheduled receipt = changed_id
    call.activity_id("the-receipt").await?;
    ctx.sleep(MINUTE).await?;
    ctx.activity(ship, &order.id).await?;
    Ok(())
}

/// The run fails at its end.
#[workflow(name = "sequence")]
pub(crate) async fn fails_at_the_end(ctx: &WorkflowContext, order: Order) -> WorkflowResult<()> {
    ctx.activity(reserve, &order.id).await?;
    ctx.activity(receipt, &order.id).await?;
    ctx.sleep(MINUTE).await?;
    ctx.activity(ship, &order.id).await?; // <- WorkflowExecutionCompleted = changed_end
    Err(ApplicationFailure::new("no more").into())
}

/// The code panics.
#[workflow(name = "sequence")]
pub(crate) async fn panics(ctx: &WorkflowContext, order: Order) -> WorkflowResult<()> {
    ctx.activity(reserve, &order.id).await?;
    panic!("no stock of {}", order.id); // <- WorkflowTaskStarted #2 = panic (code_failed)
}

/// The input has another type.
#[workflow(name = "sequence")]
// <- WorkflowExecutionStarted = changed_type (code_failed)
pub(crate) async fn input_changed(ctx: &WorkflowContext, order: OtherOrder) -> WorkflowResult<()> {
    ctx.activity(reserve, order.number.to_string()).await?;
    ctx.activity(receipt, order.number.to_string()).await?;
    Ok(())
}

/// A result has another type.
#[workflow(name = "sequence")]
pub(crate) async fn result_changed(ctx: &WorkflowContext, order: Order) -> WorkflowResult<()> {
    ctx.activity(reserve, &order.id).await?;
    let call = ctx.activity_by_name::<u64>("receipt", vec![order.id.to_payload()?]); // <- ActivityTaskCompleted #2 = changed_type (code_failed)
    call.start_to_close_timeout(MINUTE).await?;
    ctx.sleep(MINUTE).await?;
    ctx.activity(ship, &order.id).await?;
    Ok(())
}

/// The code waits for something outside.
#[workflow(name = "sequence")]
pub(crate) async fn waits_outside(ctx: &WorkflowContext, order: Order) -> WorkflowResult<()> {
    ctx.activity(reserve, &order.id).await?; // <- ActivityTaskScheduled receipt = outside_wait
    std::future::pending::<()>().await;
    Ok(())
}

/// A static decides, which looks random.
#[workflow(name = "sequence")]
pub(crate) async fn by_a_static(ctx: &WorkflowContext, order: Order) -> WorkflowResult<()> {
    use std::sync::atomic::{AtomicU32, Ordering};
    static RUNS: AtomicU32 = AtomicU32::new(0);
    ctx.activity(reserve, &order.id).await?;
    if RUNS.fetch_add(1, Ordering::Relaxed) % 2 == 1 {
        ctx.activity(weigh, &order.id).await?; // <- ActivityTaskScheduled receipt = not_deterministic
    }
    ctx.activity(receipt, &order.id).await?;
    ctx.sleep(MINUTE).await?;
    ctx.activity(ship, &order.id).await?;
    Ok(())
}

/// The timer is longer.
#[workflow(name = "sequence")]
pub(crate) async fn longer_timer(ctx: &WorkflowContext, order: Order) -> WorkflowResult<()> {
    ctx.activity(reserve, &order.id).await?;
    ctx.activity(receipt, &order.id).await?;
    ctx.timer(10 * MINUTE).summary("cooling off").await?;
    ctx.activity(ship, &order.id).await?;
    Ok(())
}

/// The calls have other options.
#[workflow(name = "sequence")]
pub(crate) async fn other_options(ctx: &WorkflowContext, order: Order) -> WorkflowResult<()> {
    let retry = RetryPolicy::default().maximum_attempts(3);
    let reserved = ctx.activity(reserve, &order.id).retry(retry);
    reserved.heartbeat_timeout(MINUTE).summary("stock").await?;
    let call = ctx
        .activity(receipt, &order.id)
        .start_to_close_timeout(MINUTE);
    call.task_queue("office").await?;
    ctx.sleep(MINUTE).await?;
    ctx.activity(ship, &order.id).await?;
    Ok(())
}

/// A call has another argument, which no replay compares.
#[workflow(name = "sequence")]
pub(crate) async fn other_arguments(ctx: &WorkflowContext, order: Order) -> WorkflowResult<()> {
    ctx.activity(reserve, format!("order {}", order.id)).await?;
    ctx.activity(receipt, &order.id).await?;
    ctx.sleep(MINUTE).await?;
    ctx.activity(ship, &order.id).await?;
    Ok(())
}

/// A query, details, and a signal's handler were added.
#[workflow(name = "sequence")]
pub(crate) async fn handlers_added(ctx: &WorkflowContext, order: Order) -> WorkflowResult<()> {
    ctx.on_query("id", |(): ()| Ok("order"));
    ctx.on_signal("hurry", |(): ()| async { Ok(()) });
    ctx.activity(reserve, &order.id).await?;
    ctx.set_current_details("reserved");
    ctx.activity(receipt, &order.id).await?;
    ctx.sleep(MINUTE).await?;
    ctx.activity(ship, &order.id).await?;
    Ok(())
}

/// The input has one more field.
#[workflow(name = "sequence")]
pub(crate) async fn input_widened(ctx: &WorkflowContext, order: WiderOrder) -> WorkflowResult<()> {
    ctx.activity(reserve, &order.id).await?;
    ctx.activity(receipt, &order.id).await?;
    ctx.sleep(MINUTE).await?;
    ctx.activity(ship, &order.id).await?;
    if order.note.is_some() {
        ctx.activity(mail, &order.id).await?;
    }
    Ok(())
}

/// Calls are made in a function of their own.
#[workflow(name = "sequence")]
pub(crate) async fn refactored(ctx: &WorkflowContext, order: Order) -> WorkflowResult<String> {
    let written = prepared(ctx, &order.id).await?;
    ctx.sleep(MINUTE).await?;
    ctx.activity(ship, &order.id).await?;
    Ok(written)
}

async fn prepared(ctx: &WorkflowContext, id: &String) -> WorkflowResult<String> {
    ctx.activity(reserve, id).await?;
    Ok(ctx.activity(receipt, id).await?)
}

/// The run's own clock, chance and ids are used.
#[workflow(name = "sequence")]
pub(crate) async fn own_chance(ctx: &WorkflowContext, order: Order) -> WorkflowResult<()> {
    let (_, _) = (ctx.uuid(), ctx.now());
    ctx.activity(reserve, &order.id).await?;
    ctx.activity(receipt, &order.id).await?;
    ctx.sleep(MINUTE).await?;
    ctx.activity(ship, &order.id).await?;
    Ok(())
}

/// A patch guards a new call.
#[workflow(name = "sequence")]
pub(crate) async fn guarded_by_a_patch(ctx: &WorkflowContext, order: Order) -> WorkflowResult<()> {
    ctx.activity(reserve, &order.id).await?;
    if ctx.patched("weigh") {
        ctx.activity(weigh, &order.id).await?;
    }
    ctx.activity(receipt, &order.id).await?;
    ctx.sleep(MINUTE).await?;
    ctx.activity(ship, &order.id).await?;
    Ok(())
}

/// The text of an error, and what is done after it.
#[workflow(name = "sequence")]
pub(crate) async fn other_error(ctx: &WorkflowContext, order: Order) -> WorkflowResult<()> {
    if ctx.activity(reserve, &order.id).await.is_err() {
        ctx.activity(mail, &order.id).await?;
        return Err(ApplicationFailure::new("out of stock").into());
    }
    ctx.activity(receipt, &order.id).await?;
    ctx.sleep(MINUTE).await?;
    ctx.activity(ship, &order.id).await?;
    Ok(())
}

#[tokio::test]
async fn mutants() {
    let order = Order { id: "7".to_owned() };
    let recorded = record!(base, order, "TimerStarted");
    let table = check! { recorded, "sequence.rs",
        base call_added call_added_beside call_added_last call_removed last_call_removed
        calls_reordered call_renamed timer_earlier timer_later timer_removed timer_added
        timer_dropped activity_made_local made_parallel activity_id_set fails_at_the_end panics
        input_changed result_changed waits_outside by_a_static longer_timer other_options
        other_arguments handlers_added input_widened refactored own_chance guarded_by_a_patch
        other_error
    };
    expect_test::expect_file!["tables/sequence.md"].assert_eq(&table);
}
