//! The workflows of the shared recorded histories, as `official-replay` runs them.
//!
//! Those histories carry the string `"x"` as argument and result of `noop`, where the worker of
//! this package passes numbers. Here `noop` therefore takes and returns any JSON value, so that
//! both kinds of history replay. `timers` and `signals` are the worker's own.

use std::time::Duration;

use serde_json::Value;
use temporalio_macros::{activity_definitions, workflow, workflow_methods};
use temporalio_sdk::workflows::join_all;
use temporalio_sdk::{LocalActivityOptions, WorkflowContext, WorkflowResult};

use crate::activities::noop_options;

/// `noop` as a declaration: a replay never runs an activity.
pub struct RecordedActivities;

#[activity_definitions]
impl RecordedActivities {
    #[activity(name = "noop")]
    pub fn noop(_value: Value) -> Result<Value, temporalio_sdk::activities::ActivityError> {
        // The SDK's macro wants exactly this body of an activity that is only declared.
        unimplemented!()
    }
}

fn argument() -> Value {
    Value::from("x")
}

/// `one_activity`, with any JSON value as the activity's result; returns `n`.
#[workflow]
#[derive(Default)]
pub struct RecordedOneActivity;

#[workflow_methods]
impl RecordedOneActivity {
    #[run(name = "one_activity")]
    pub async fn run(ctx: &mut WorkflowContext<Self>, n: u64) -> WorkflowResult<u64> {
        ctx.execute_activity(RecordedActivities::noop, argument(), noop_options())
            .await?;
        Ok(n)
    }
}

/// `seq`, with any JSON value as the activities' result.
#[workflow]
#[derive(Default)]
pub struct RecordedSeq;

#[workflow_methods]
impl RecordedSeq {
    #[run(name = "seq")]
    pub async fn run(ctx: &mut WorkflowContext<Self>, n: u64) -> WorkflowResult<u64> {
        for _ in 0..n {
            ctx.execute_activity(RecordedActivities::noop, argument(), noop_options())
                .await?;
        }
        Ok(n)
    }
}

/// `fanout`, with any JSON value as the activities' result.
#[workflow]
#[derive(Default)]
pub struct RecordedFanout;

#[workflow_methods]
impl RecordedFanout {
    #[run(name = "fanout")]
    pub async fn run(ctx: &mut WorkflowContext<Self>, n: u64) -> WorkflowResult<u64> {
        let activities = (0..n)
            .map(|_| ctx.execute_activity(RecordedActivities::noop, argument(), noop_options()));
        for result in join_all(activities).await {
            result?;
        }
        Ok(n)
    }
}

/// `local_seq`: `n` local activities one after the other; returns `n`.
#[workflow]
#[derive(Default)]
pub struct RecordedLocalSeq;

#[workflow_methods]
impl RecordedLocalSeq {
    #[run(name = "local_seq")]
    pub async fn run(ctx: &mut WorkflowContext<Self>, n: u64) -> WorkflowResult<u64> {
        for _ in 0..n {
            let options = LocalActivityOptions::builder()
                .start_to_close_timeout(Duration::from_secs(60))
                .build();
            ctx.execute_local_activity(RecordedActivities::noop, argument(), options)
                .await?;
        }
        Ok(n)
    }
}
