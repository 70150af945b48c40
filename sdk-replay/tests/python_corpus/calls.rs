//! Short ways to call the activities of the recorded workflows. What they were called with is not
//! compared, so nothing is passed.

use std::time::Duration;

use durably::activity::HasTimeout;
use durably::failure::Failure;
use durably::prelude::*;
use durably::workflow::{ActivityCall, LocalActivityCall};
use serde_json::Value;

pub(crate) const TEN_SECONDS: Duration = Duration::from_secs(10);

pub(crate) fn done<E>() -> Result<Value, E> {
    Ok(Value::Null)
}

pub(crate) fn millis(millis: u64) -> Duration {
    Duration::from_millis(millis)
}

#[track_caller]
pub(crate) fn remote(ctx: &WorkflowContext, name: &str) -> ActivityCall<Value, HasTimeout> {
    ctx.activity_by_name(name, Vec::new())
        .start_to_close_timeout(TEN_SECONDS)
}

#[track_caller]
pub(crate) fn local(ctx: &WorkflowContext, name: &str) -> LocalActivityCall<Value, HasTimeout> {
    ctx.local_activity_by_name(name, Vec::new())
        .start_to_close_timeout(TEN_SECONDS)
}

#[track_caller]
pub(crate) fn echo(ctx: &WorkflowContext) -> ActivityCall<Value, HasTimeout> {
    remote(ctx, "echo")
}

/// Begins a local activity now, as Python's `start_local_activity` does.
pub(crate) fn begin_local(
    call: LocalActivityCall<Value, HasTimeout>,
) -> impl Future<Output = Result<Value, Failure>> + Unpin + use<> {
    call.into_future()
}

pub(crate) fn unknown_case(case: &str) -> WorkflowError {
    WorkflowError::fail_task(ApplicationFailure::new(format!("no case {case}")))
}
