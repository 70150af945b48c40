//! Activities that run in parallel.

use std::collections::HashSet;
use std::time::Duration;

use durably::payload::ToPayload;
use durably::prelude::*;
use durably::workflow::ActivityHandle;

use crate::activities::*;
use crate::check::check;
use crate::recorded::record;

const MINUTE: Duration = Duration::from_secs(60);
const STEPS: [&str; 7] = [
    "reserve", "charge", "pick", "wrap", "weigh", "label", "load",
];

/// The call of an activity by its name; the caller's place is the call's.
macro_rules! step {
    ($ctx:expr, $name:expr, $order:expr) => {
        $ctx.activity_by_name::<()>($name.to_owned(), vec![$order.to_payload()?])
            .start_to_close_timeout(MINUTE)
            .start()
    };
}

async fn all(calls: Vec<ActivityHandle<()>>) -> WorkflowResult<()> {
    for done in join_all(calls).await {
        done?;
    }
    Ok(())
}

/// Nothing.
#[workflow(name = "parallel")]
pub(crate) async fn base(ctx: &WorkflowContext, order: String) -> WorkflowResult<()> {
    let mut calls = Vec::new();
    for name in STEPS {
        calls.push(step!(ctx, name, order));
    }
    all(calls).await?;
    ctx.sleep(MINUTE).await?;
    ctx.activity(ship, &order).await?;
    Ok(())
}

/// The calls are made in another order.
#[workflow(name = "parallel")]
pub(crate) async fn reversed(ctx: &WorkflowContext, order: String) -> WorkflowResult<()> {
    let mut calls = Vec::new();
    for name in STEPS.iter().rev() {
        calls.push(step!(ctx, name, order)); // <- ActivityTaskScheduled reserve = changed_order_of_parallel_calls
    }
    all(calls).await?;
    ctx.sleep(MINUTE).await?;
    ctx.activity(ship, &order).await?;
    Ok(())
}

/// One of the calls is made last.
#[workflow(name = "parallel")]
pub(crate) async fn one_moved(ctx: &WorkflowContext, order: String) -> WorkflowResult<()> {
    let mut calls = Vec::new();
    for name in [
        "reserve", "pick", "wrap", "weigh", "label", "load", "charge",
    ] {
        calls.push(step!(ctx, name, order)); // <- ActivityTaskScheduled charge = changed_order_of_parallel_calls
    }
    all(calls).await?;
    ctx.sleep(MINUTE).await?;
    ctx.activity(ship, &order).await?;
    Ok(())
}

/// One of the calls was removed.
#[workflow(name = "parallel")]
pub(crate) async fn one_removed(ctx: &WorkflowContext, order: String) -> WorkflowResult<()> {
    let mut calls = Vec::new();
    for name in STEPS.iter().filter(|name| **name != "wrap") {
        calls.push(step!(ctx, name, order)); // <- ActivityTaskScheduled wrap = removed_call
    }
    all(calls).await?;
    ctx.sleep(MINUTE).await?;
    ctx.activity(ship, &order).await?;
    Ok(())
}

/// The last of the calls was removed.
#[workflow(name = "parallel")]
pub(crate) async fn last_removed(ctx: &WorkflowContext, order: String) -> WorkflowResult<()> {
    let mut calls = Vec::new();
    for name in &STEPS[..6] {
        calls.push(step!(ctx, name, order)); // <- ActivityTaskScheduled load = removed_call
    }
    all(calls).await?;
    ctx.sleep(MINUTE).await?;
    ctx.activity(ship, &order).await?;
    Ok(())
}

/// One more call is made after the others.
#[workflow(name = "parallel")]
pub(crate) async fn one_added_last(ctx: &WorkflowContext, order: String) -> WorkflowResult<()> {
    let mut calls = Vec::new();
    for name in STEPS {
        calls.push(step!(ctx, name, order));
    }
    calls.push(ctx.activity(mail, &order).start()); // <- ActivityTaskStarted = added_call
    all(calls).await?;
    ctx.sleep(MINUTE).await?;
    ctx.activity(ship, &order).await?;
    Ok(())
}

/// One more call is made before the others.
#[workflow(name = "parallel")]
pub(crate) async fn one_added_first(ctx: &WorkflowContext, order: String) -> WorkflowResult<()> {
    let mut calls = Vec::new();
    calls.push(ctx.activity(mail, &order).start()); // <- ActivityTaskScheduled reserve = added_call
    for name in STEPS {
        calls.push(step!(ctx, name, order));
    }
    all(calls).await?;
    ctx.sleep(MINUTE).await?;
    ctx.activity(ship, &order).await?;
    Ok(())
}

/// One after the other.
#[workflow(name = "parallel")]
pub(crate) async fn sequential(ctx: &WorkflowContext, order: String) -> WorkflowResult<()> {
    for name in STEPS {
        let call = step!(ctx, name, order); // <- ActivityTaskScheduled charge = removed_call
        call.await?;
    }
    ctx.sleep(MINUTE).await?;
    ctx.activity(ship, &order).await?;
    Ok(())
}

/// The order is that of a hash set.
#[workflow(name = "parallel")]
pub(crate) async fn order_of_a_hash_set(
    ctx: &WorkflowContext,
    order: String,
) -> WorkflowResult<()> {
    let mut calls = Vec::new();
    for name in HashSet::from(STEPS) {
        calls.push(step!(ctx, name, order)); // <- any = not_deterministic
    }
    all(calls).await?;
    ctx.sleep(MINUTE).await?;
    ctx.activity(ship, &order).await?;
    Ok(())
}

/// A static decides, which looks random, where all runs of the history go the same way.
#[workflow(name = "parallel")]
pub(crate) async fn by_a_static(ctx: &WorkflowContext, order: String) -> WorkflowResult<()> {
    use std::sync::atomic::{AtomicU32, Ordering};
    static RUNS: AtomicU32 = AtomicU32::new(0);
    let mut calls = Vec::new();
    for name in STEPS {
        calls.push(step!(ctx, name, order));
    }
    all(calls).await?;
    ctx.sleep(MINUTE).await?;
    if RUNS.fetch_add(1, Ordering::Relaxed) % 2 == 1 {
        drop(ctx.sleep(MINUTE)); // <- ActivityTaskScheduled ship = not_deterministic (not_deterministic)
    }
    ctx.activity(ship, &order).await?;
    Ok(())
}

/// The results are awaited in another way.
#[workflow(name = "parallel")]
pub(crate) async fn awaited_one_by_one(ctx: &WorkflowContext, order: String) -> WorkflowResult<()> {
    let mut calls = Vec::new();
    for name in STEPS {
        calls.push(step!(ctx, name, order));
    }
    for call in calls.into_iter().rev() {
        call.await?;
    }
    ctx.sleep(MINUTE).await?;
    ctx.activity(ship, &order).await?;
    Ok(())
}

/// The results are taken as they come.
#[workflow(name = "parallel")]
pub(crate) async fn taken_as_they_come(ctx: &WorkflowContext, order: String) -> WorkflowResult<()> {
    let mut calls = Unordered::new();
    for name in STEPS {
        calls.push(step!(ctx, name, order));
    }
    while let Some(done) = calls.next().await {
        done?;
    }
    ctx.sleep(MINUTE).await?;
    ctx.activity(ship, &order).await?;
    Ok(())
}

/// The calls are made in tasks of their own.
#[workflow(name = "parallel")]
pub(crate) async fn in_tasks(ctx: &WorkflowContext, order: String) -> WorkflowResult<()> {
    let mut tasks = Vec::new();
    for name in STEPS {
        let (context, order) = (ctx.clone(), order.clone());
        tasks.push(ctx.spawn(async move {
            step!(context, name, order).await?;
            WorkflowResult::Ok(())
        }));
    }
    for task in tasks {
        task.await?;
    }
    ctx.sleep(MINUTE).await?;
    ctx.activity(ship, &order).await?;
    Ok(())
}

#[tokio::test]
async fn mutants() {
    let recorded = record!(base, "7".to_owned(), "TimerStarted");
    let table = check! { recorded, "parallel.rs",
        base reversed one_moved one_removed last_removed one_added_last one_added_first sequential
        order_of_a_hash_set by_a_static awaited_one_by_one taken_as_they_come in_tasks
    };
    expect_test::expect_file!["tables/parallel.md"].assert_eq(&table);
}
