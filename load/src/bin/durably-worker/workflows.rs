//! The workflows of the load comparison. Each takes one JSON number and returns one.

use std::time::Duration;

use durably::prelude::*;

/// The one activity: returns its argument.
#[activity(start_to_close_timeout = "60s")]
pub(crate) async fn noop(n: u64) -> ActivityResult<u64> {
    Ok(n)
}

/// One `noop(n)`; returns its result.
#[workflow]
pub(crate) async fn one_activity(ctx: &WorkflowContext, n: u64) -> WorkflowResult<u64> {
    Ok(ctx.activity(noop, n).await?)
}

/// `n` activities one after the other; returns `n`.
#[workflow]
pub(crate) async fn seq(ctx: &WorkflowContext, n: u64) -> WorkflowResult<u64> {
    for i in 0..n {
        ctx.activity(noop, i).await?;
    }
    Ok(n)
}

/// `n` activities started together, then joined; returns `n`.
#[workflow]
pub(crate) async fn fanout(ctx: &WorkflowContext, n: u64) -> WorkflowResult<u64> {
    let started: Vec<_> = (0..n).map(|i| ctx.activity(noop, i).start()).collect();
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

/// Waits for one signal `finish`; returns 0.
#[derive(Default)]
pub(crate) struct Idle {
    finished: State<bool>,
}

#[workflow(name = "idle")]
impl Idle {
    #[run]
    pub(crate) async fn run(&self, ctx: &WorkflowContext, _n: u64) -> WorkflowResult<u64> {
        ctx.wait_until(|| self.finished.get()).await?;
        Ok(0)
    }

    #[signal]
    fn finish(&self) {
        self.finished.set(true);
    }
}
