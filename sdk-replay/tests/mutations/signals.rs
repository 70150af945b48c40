//! A handler of signals, and a wait with a timeout.

use std::rc::Rc;
use std::time::Duration;

use durably::payload::ToPayload;
use durably::prelude::*;

use crate::activities::*;
use crate::check::check;
use crate::recorded::{history_with, record};

const HOUR: Duration = Duration::from_secs(3600);

/// Registers a handler of `$name` that counts, and calls `$activity` before.
macro_rules! counted {
    ($ctx:expr, $name:literal, $parameter:ty, $count:expr, $call:expr) => {{
        let (context, count) = ($ctx.clone(), $count.clone());
        $ctx.on_signal($name, move |(_id,): ($parameter,)| {
            let (context, count) = (context.clone(), count.clone());
            async move {
                let call: fn(&WorkflowContext) -> _ = $call;
                call(&context).await?;
                count.update(|count| *count += 1);
                Ok(())
            }
        });
    }};
}

/// Nothing.
#[workflow(name = "signals")]
pub(crate) async fn base(ctx: &WorkflowContext, order: String) -> WorkflowResult<()> {
    let count = Rc::new(State::new(0));
    counted!(ctx, "add", String, count, |ctx| ctx.activity(reserve, "1"));
    ctx.wait_until(|| count.get() >= 2).timeout(HOUR).await?;
    ctx.sleep(HOUR).await?;
    ctx.activity(ship, &order).await?;
    Ok(())
}

/// The handler calls another activity.
#[workflow(name = "signals")]
pub(crate) async fn handler_calls_another(
    ctx: &WorkflowContext,
    order: String,
) -> WorkflowResult<()> {
    let count = Rc::new(State::new(0));
    // <- ActivityTaskScheduled reserve = changed_name
    counted!(ctx, "add", String, count, |ctx| ctx.activity(charge, "1"));
    ctx.wait_until(|| count.get() >= 2).timeout(HOUR).await?;
    ctx.sleep(HOUR).await?;
    ctx.activity(ship, &order).await?;
    Ok(())
}

/// The handler calls nothing.
#[workflow(name = "signals")]
pub(crate) async fn handler_calls_nothing(
    ctx: &WorkflowContext,
    order: String,
) -> WorkflowResult<()> {
    let count = Rc::new(State::new(0));
    counted!(ctx, "add", String, count, |_| async {
        Ok::<(), Failure>(())
    });
    ctx.wait_until(|| count.get() >= 2).timeout(HOUR).await?; // <- ActivityTaskScheduled reserve = removed_call
    ctx.sleep(HOUR).await?;
    ctx.activity(ship, &order).await?;
    Ok(())
}

/// The handler's signal has another name.
#[workflow(name = "signals")]
pub(crate) async fn signal_renamed(ctx: &WorkflowContext, order: String) -> WorkflowResult<()> {
    let count = Rc::new(State::new(0));
    counted!(ctx, "plus", String, count, |ctx| ctx.activity(reserve, "1"));
    ctx.wait_until(|| count.get() >= 2).timeout(HOUR).await?; // <- ActivityTaskScheduled reserve = removed_call
    ctx.sleep(HOUR).await?;
    ctx.activity(ship, &order).await?;
    Ok(())
}

/// The signal's argument has another type.
#[workflow(name = "signals")]
pub(crate) async fn signal_with_a_number(
    ctx: &WorkflowContext,
    order: String,
) -> WorkflowResult<()> {
    let count = Rc::new(State::new(0));
    counted!(ctx, "add", u64, count, |ctx| ctx.activity(reserve, "1"));
    ctx.wait_until(|| count.get() >= 2).timeout(HOUR).await?; // <- ActivityTaskScheduled reserve = removed_call
    ctx.sleep(HOUR).await?;
    ctx.activity(ship, &order).await?;
    Ok(())
}

/// More signals are waited for.
#[workflow(name = "signals")]
pub(crate) async fn waits_for_more(ctx: &WorkflowContext, order: String) -> WorkflowResult<()> {
    let count = Rc::new(State::new(0));
    counted!(ctx, "add", String, count, |ctx| ctx.activity(reserve, "1"));
    ctx.wait_until(|| count.get() >= 3).timeout(HOUR).await?; // <- TimerCanceled = removed_call
    ctx.sleep(HOUR).await?;
    ctx.activity(ship, &order).await?;
    Ok(())
}

/// Fewer signals are waited for.
#[workflow(name = "signals")]
pub(crate) async fn waits_for_fewer(ctx: &WorkflowContext, order: String) -> WorkflowResult<()> {
    let count = Rc::new(State::new(0));
    counted!(ctx, "add", String, count, |ctx| ctx.activity(reserve, "1"));
    ctx.wait_until(|| count.get() >= 1).timeout(HOUR).await?; // <- WorkflowExecutionSignaled #2 = moved_call
    ctx.sleep(HOUR).await?;
    ctx.activity(ship, &order).await?;
    Ok(())
}

/// The wait has no timeout.
#[workflow(name = "signals")]
pub(crate) async fn timeout_removed(ctx: &WorkflowContext, order: String) -> WorkflowResult<()> {
    let count = Rc::new(State::new(0));
    counted!(ctx, "add", String, count, |ctx| ctx.activity(reserve, "1"));
    ctx.wait_until(|| count.get() >= 2).await?; // <- TimerStarted = removed_call
    ctx.sleep(HOUR).await?;
    ctx.activity(ship, &order).await?;
    Ok(())
}

/// The wait comes after a call.
#[workflow(name = "signals")]
pub(crate) async fn call_before_the_wait(
    ctx: &WorkflowContext,
    order: String,
) -> WorkflowResult<()> {
    let count = Rc::new(State::new(0));
    counted!(ctx, "add", String, count, |ctx| ctx.activity(reserve, "1"));
    ctx.activity(mail, &order).await?; // <- TimerStarted = added_call
    ctx.wait_until(|| count.get() >= 2).timeout(HOUR).await?;
    ctx.sleep(HOUR).await?;
    ctx.activity(ship, &order).await?;
    Ok(())
}

/// The wait's timeout is longer.
#[workflow(name = "signals")]
pub(crate) async fn longer_timeout(ctx: &WorkflowContext, order: String) -> WorkflowResult<()> {
    let count = Rc::new(State::new(0));
    counted!(ctx, "add", String, count, |ctx| ctx.activity(reserve, "1"));
    let all = ctx
        .wait_until(|| count.get() >= 2)
        .timeout(9 * HOUR)
        .await?;
    if !all {
        ctx.activity(mail, &order).await?;
    }
    ctx.sleep(HOUR).await?;
    ctx.activity(ship, &order).await?;
    Ok(())
}

/// There are handlers of more signals.
#[workflow(name = "signals")]
pub(crate) async fn handlers_added(ctx: &WorkflowContext, order: String) -> WorkflowResult<()> {
    let count = Rc::new(State::new(0));
    counted!(ctx, "add", String, count, |ctx| ctx.activity(reserve, "1"));
    counted!(ctx, "remove", String, count, |ctx| ctx
        .activity(charge, "1"));
    ctx.wait_until(|| count.get() >= 2).timeout(HOUR).await?;
    ctx.sleep(HOUR).await?;
    ctx.activity(ship, &order).await?;
    Ok(())
}

#[tokio::test]
async fn mutants() {
    let recorded = record!(
        base,
        "7".to_owned(),
        "TimerStarted #2",
        async |env, handle| {
            history_with(env, handle, "TimerStarted").await;
            for (signal, done) in [
                ("a", "ActivityTaskCompleted"),
                ("b", "ActivityTaskCompleted #2"),
            ] {
                let arguments = vec![signal.to_payload().unwrap()];
                handle.signal_by_name("add", arguments).await.unwrap();
                history_with(env, handle, done).await;
            }
        }
    );
    let table = check! { recorded, "signals.rs",
        base handler_calls_another handler_calls_nothing signal_renamed signal_with_a_number
        waits_for_more waits_for_fewer timeout_removed call_before_the_wait longer_timeout
        handlers_added
    };
    expect_test::expect_file!["tables/signals.md"].assert_eq(&table);
}
