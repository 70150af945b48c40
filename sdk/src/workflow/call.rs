//! What calls of every kind have in common: results and options that are wrong are a matter of the code.
//! They fail the workflow task, which is retried until the code is mended, and not the run.

use std::fmt;
use std::panic::Location;

use durably_protos::temporal::api::common::v1::{self, Payload, Payloads};
use durably_protos::temporal::api::failure::v1::Failure as ProtoFailure;

use super::WorkflowContext;
use super::interceptor::CallResult;
use crate::failure::{ApplicationFailure, Failure, RetryPolicy};
use crate::payload::{FromPayload, PayloadError, value_from_result};

/// The task fails: the code cannot go on.
pub(super) struct TaskFails;

/// Fails the task because of a value that cannot be read or written. `place` is that of the call.
pub(super) fn fail_task(
    context: &WorkflowContext,
    what: &str,
    error: &PayloadError,
    place: Option<&'static Location<'static>>,
) {
    let failure = ApplicationFailure::new(format!("{what}: {error}")).with_type("PayloadError");
    context.engine.fail_task(ProtoFailure::from(failure), place);
}

/// The retry policy of a call, unless it makes no sense. `what` is called.
pub(super) fn retry_policy(
    context: &WorkflowContext,
    what: fmt::Arguments<'_>,
    policy: Option<&RetryPolicy>,
    place: &'static Location<'static>,
) -> Result<Option<v1::RetryPolicy>, TaskFails> {
    let policy = policy.map(RetryPolicy::to_proto).transpose();
    policy.map_err(|error| {
        let message = format!("{place}: {what}: {error}");
        let failure = ApplicationFailure::new(message).with_type("InvalidRetryPolicy");
        context.engine.fail_task(failure.into(), Some(place));
        TaskFails
    })
}

/// The result among payloads: there is at most one.
pub(super) fn first_payload(result: Option<Payloads>) -> Option<Payload> {
    result?.payloads.into_iter().next()
}

/// A call's result as its caller gets it. `what` cannot be read, otherwise.
pub(super) async fn value<T: FromPayload>(
    context: &WorkflowContext,
    result: CallResult,
    what: &str,
    place: &'static Location<'static>,
) -> Result<T, Failure> {
    match value_from_result(result?.as_ref()) {
        Ok(value) => Ok(value),
        Err(error) => {
            let what = format!("{what} cannot be read");
            fail_task(context, &what, &error, Some(place));
            std::future::pending().await
        }
    }
}
