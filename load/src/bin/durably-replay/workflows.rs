//! The workflows of the recorded histories.
//!
//! Some of those histories carry text as argument and result of `noop`, where the load workers
//! pass numbers. Here `noop` therefore takes and returns any JSON value.

use std::time::Duration;

use durably::prelude::*;
use serde_json::Value;

/// `noop`, which a replay never runs.
#[activity(start_to_close_timeout = "60s")]
pub(crate) async fn noop(value: Value) -> ActivityResult<Value> {
    Ok(value)
}

/// One `noop`; returns `n`.
#[workflow]
pub(crate) async fn one_activity(ctx: &WorkflowContext, n: u64) -> WorkflowResult<u64> {
    ctx.activity(noop, Value::from("x")).await?;
    Ok(n)
}

/// `n` activities one after the other; returns `n`.
#[workflow]
pub(crate) async fn seq(ctx: &WorkflowContext, n: u64) -> WorkflowResult<u64> {
    for _ in 0..n {
        ctx.activity(noop, Value::from("x")).await?;
    }
    Ok(n)
}

/// `n` activities started together, then joined; returns `n`.
#[workflow]
pub(crate) async fn fanout(ctx: &WorkflowContext, n: u64) -> WorkflowResult<u64> {
    let start = |_| ctx.activity(noop, Value::from("x")).start();
    let started: Vec<_> = (0..n).map(start).collect();
    for activity in started {
        activity.await?;
    }
    Ok(n)
}

/// `n` timers of 1 ms started together, then joined; returns `n`.
#[workflow]
pub(crate) async fn timers(ctx: &WorkflowContext, n: u64) -> WorkflowResult<u64> {
    let started: Vec<_> = (0..n)
        .map(|_| ctx.sleep(Duration::from_millis(1)))
        .collect();
    for timer in started {
        timer.await?;
    }
    Ok(n)
}

/// Waits for `n` signals `add`; returns the sum of their numbers.
#[derive(Default)]
pub(crate) struct Signals {
    received: State<u64>,
    sum: State<u64>,
}

#[workflow(name = "signals")]
impl Signals {
    #[run]
    pub(crate) async fn run(&self, ctx: &WorkflowContext, n: u64) -> WorkflowResult<u64> {
        ctx.wait_until(|| self.received.get() >= n).await?;
        Ok(self.sum.get())
    }

    #[signal]
    fn add(&self, number: u64) {
        self.received.update(|received| *received += 1);
        self.sum.update(|sum| *sum = sum.wrapping_add(number));
    }
}
