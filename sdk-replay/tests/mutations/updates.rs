//! An update whose handler calls an activity.

use std::rc::Rc;
use std::time::Duration;

use durably::payload::ToPayload;
use durably::prelude::*;

use crate::activities::*;
use crate::check::check;
use crate::recorded::{history_with, record};

const HOUR: Duration = Duration::from_secs(3600);

/// Registers a handler of the update `$name` that calls an activity and says that it is done.
macro_rules! handled {
    ($ctx:expr, $name:literal, $parameter:ty, $done:expr, $call:expr) => {{
        let (context, done) = ($ctx.clone(), $done.clone());
        $ctx.on_update($name, move |(_id,): ($parameter,)| {
            let (context, done) = (context.clone(), done.clone());
            async move {
                let call: fn(&WorkflowContext) -> _ = $call;
                call(&context).await?;
                done.set(true);
                Ok(true)
            }
        })
    }};
}

/// Nothing.
#[workflow(name = "updates")]
pub(crate) async fn base(ctx: &WorkflowContext, order: String) -> WorkflowResult<()> {
    let done = Rc::new(State::new(false));
    handled!(ctx, "pay", String, done, |ctx| ctx.activity(charge, "1"));
    ctx.wait_until(|| done.get()).await?;
    ctx.sleep(HOUR).await?;
    ctx.activity(ship, &order).await?;
    Ok(())
}

/// The handler calls another activity.
#[workflow(name = "updates")]
pub(crate) async fn handler_calls_another(
    ctx: &WorkflowContext,
    order: String,
) -> WorkflowResult<()> {
    let done = Rc::new(State::new(false));
    // <- ActivityTaskScheduled charge = changed_name
    handled!(ctx, "pay", String, done, |ctx| ctx.activity(mail, "1"));
    ctx.wait_until(|| done.get()).await?;
    ctx.sleep(HOUR).await?;
    ctx.activity(ship, &order).await?;
    Ok(())
}

/// The handler waits before its call.
#[workflow(name = "updates")]
pub(crate) async fn handler_sleeps(ctx: &WorkflowContext, order: String) -> WorkflowResult<()> {
    let done = Rc::new(State::new(false));
    // <- ActivityTaskScheduled charge = moved_call
    handled!(ctx, "pay", String, done, |ctx| ctx.sleep(HOUR));
    ctx.wait_until(|| done.get()).await?;
    ctx.sleep(HOUR).await?;
    ctx.activity(ship, &order).await?;
    Ok(())
}

/// The handler calls nothing.
#[workflow(name = "updates")]
pub(crate) async fn handler_calls_nothing(
    ctx: &WorkflowContext,
    order: String,
) -> WorkflowResult<()> {
    let done = Rc::new(State::new(false));
    handled!(ctx, "pay", String, done, |_| async {
        Ok::<(), Failure>(())
    });
    ctx.wait_until(|| done.get()).await?;
    ctx.sleep(HOUR).await?; // <- ActivityTaskScheduled charge = removed_call
    ctx.activity(ship, &order).await?;
    Ok(())
}

/// The update has no handler.
#[workflow(name = "updates")]
// <- WorkflowTaskStarted #2 = failed_task (code_failed)
pub(crate) async fn handler_removed(ctx: &WorkflowContext, order: String) -> WorkflowResult<()> {
    let done = Rc::new(State::new(false));
    handled!(ctx, "buy", String, done, |ctx| ctx.activity(charge, "1"));
    ctx.wait_until(|| done.get()).await?;
    ctx.sleep(HOUR).await?;
    ctx.activity(ship, &order).await?;
    Ok(())
}

/// The update's argument has another type.
#[workflow(name = "updates")]
pub(crate) async fn update_with_a_number(
    ctx: &WorkflowContext,
    order: String,
) -> WorkflowResult<()> {
    let done = Rc::new(State::new(false));
    handled!(ctx, "pay", u64, done, |ctx| ctx.activity(charge, "1"));
    ctx.wait_until(|| done.get()).await?; // <- ActivityTaskScheduled charge = removed_call
    ctx.sleep(HOUR).await?;
    ctx.activity(ship, &order).await?;
    Ok(())
}

/// A timer comes before the wait.
#[workflow(name = "updates")]
pub(crate) async fn timer_added(ctx: &WorkflowContext, order: String) -> WorkflowResult<()> {
    let done = Rc::new(State::new(false));
    handled!(ctx, "pay", String, done, |ctx| ctx.activity(charge, "1"));
    ctx.sleep(HOUR).await?; // <- WorkflowTaskScheduled #2 = moved_call
    ctx.wait_until(|| done.get()).await?;
    ctx.sleep(HOUR).await?;
    ctx.activity(ship, &order).await?;
    Ok(())
}

/// A validator refuses such updates now; those accepted stay so.
#[workflow(name = "updates")]
pub(crate) async fn validator_added(ctx: &WorkflowContext, order: String) -> WorkflowResult<()> {
    let done = Rc::new(State::new(false));
    handled!(ctx, "pay", String, done, |ctx| ctx.activity(charge, "1"))
        .validator(|_| Err(ApplicationFailure::new("closed").into()));
    ctx.wait_until(|| done.get()).await?;
    ctx.sleep(HOUR).await?;
    ctx.activity(ship, &order).await?;
    Ok(())
}

/// There is one more update, and a description.
#[workflow(name = "updates")]
pub(crate) async fn update_added(ctx: &WorkflowContext, order: String) -> WorkflowResult<()> {
    let done = Rc::new(State::new(false));
    handled!(ctx, "pay", String, done, |ctx| ctx.activity(charge, "1")).description("pays");
    handled!(ctx, "cancel", u64, done, |ctx| ctx.activity(mail, "1"));
    ctx.wait_until(|| done.get()).await?;
    ctx.sleep(HOUR).await?;
    ctx.activity(ship, &order).await?;
    Ok(())
}

#[tokio::test]
async fn mutants() {
    let recorded = record!(base, "7".to_owned(), "TimerStarted", async |env, handle| {
        history_with(env, handle, "WorkflowTaskCompleted").await;
        let arguments = vec!["card".to_payload().unwrap()];
        handle.update_by_name("pay", arguments).await.unwrap();
    });
    let table = check! { recorded, "updates.rs",
        base handler_calls_another handler_sleeps handler_calls_nothing handler_removed
        update_with_a_number timer_added validator_added update_added
    };
    expect_test::expect_file!["tables/updates.md"].assert_eq(&table);
}
