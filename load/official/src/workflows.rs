//! The workflows of the load comparison. Each takes one JSON number and returns one.

use std::time::Duration;

use temporalio_common::data_converters::RawValue;
use temporalio_macros::{workflow, workflow_methods};
use temporalio_sdk::workflows::join_all;
use temporalio_sdk::{SyncWorkflowContext, WorkflowContext, WorkflowResult};

use crate::activities::{LoadActivities, noop_options};

/// `one_activity`: one `noop(n)`; returns its result.
#[workflow]
#[derive(Default)]
pub struct OneActivity;

#[workflow_methods]
impl OneActivity {
    #[run(name = "one_activity")]
    pub async fn run(ctx: &mut WorkflowContext<Self>, n: u64) -> WorkflowResult<u64> {
        Ok(ctx
            .execute_activity(LoadActivities::noop, n, noop_options())
            .await?)
    }
}

/// `seq`: `n` activities one after the other; returns `n`.
#[workflow]
#[derive(Default)]
pub struct Seq;

#[workflow_methods]
impl Seq {
    #[run(name = "seq")]
    pub async fn run(ctx: &mut WorkflowContext<Self>, n: u64) -> WorkflowResult<u64> {
        for i in 0..n {
            ctx.execute_activity(LoadActivities::noop, i, noop_options())
                .await?;
        }
        Ok(n)
    }
}

/// `fanout`: `n` activities started together, then joined; returns `n`.
#[workflow]
#[derive(Default)]
pub struct Fanout;

#[workflow_methods]
impl Fanout {
    #[run(name = "fanout")]
    pub async fn run(ctx: &mut WorkflowContext<Self>, n: u64) -> WorkflowResult<u64> {
        let activities =
            (0..n).map(|i| ctx.execute_activity(LoadActivities::noop, i, noop_options()));
        for result in join_all(activities).await {
            result?;
        }
        Ok(n)
    }
}

/// `timers`: `n` timers of 1 ms started together, then joined; returns `n`.
#[workflow]
#[derive(Default)]
pub struct Timers;

#[workflow_methods]
impl Timers {
    #[run(name = "timers")]
    pub async fn run(ctx: &mut WorkflowContext<Self>, n: u64) -> WorkflowResult<u64> {
        join_all((0..n).map(|_| ctx.timer(Duration::from_millis(1)))).await;
        Ok(n)
    }
}

/// `signals`: waits for `n` signals `add`; returns the sum of their numbers.
#[workflow]
#[derive(Default)]
pub struct Signals {
    received: u64,
    sum: u64,
}

#[workflow_methods]
impl Signals {
    #[run(name = "signals")]
    pub async fn run(ctx: &mut WorkflowContext<Self>, n: u64) -> WorkflowResult<u64> {
        ctx.wait_condition(|state| state.received >= n).await?;
        Ok(ctx.state(|state| state.sum))
    }

    #[signal]
    pub fn add(&mut self, _ctx: &mut SyncWorkflowContext<Self>, number: u64) {
        self.received += 1;
        self.sum = self.sum.wrapping_add(number);
    }
}

/// `idle`: waits for one signal `finish`, whose payload is ignored; returns 0.
#[workflow]
#[derive(Default)]
pub struct Idle {
    finished: bool,
}

#[workflow_methods]
impl Idle {
    #[run(name = "idle")]
    pub async fn run(ctx: &mut WorkflowContext<Self>, _n: u64) -> WorkflowResult<u64> {
        ctx.wait_condition(|state| state.finished).await?;
        Ok(0)
    }

    #[signal]
    pub fn finish(&mut self, _ctx: &mut SyncWorkflowContext<Self>, _ignored: RawValue) {
        self.finished = true;
    }
}
