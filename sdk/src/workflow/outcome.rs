//! How a workflow's result becomes the run's last command.

use durably_engine::{Outcome, TaskEnd};
use durably_protos::temporal::api::common::v1::Payload;

use super::WorkflowContext;
use crate::failure::{ApplicationFailure, Failure, WorkflowError};
use crate::payload::{PayloadError, payloads};

/// The end of a run by an error of its code.
pub(super) fn end_by_error(context: &WorkflowContext, error: WorkflowError) -> TaskEnd {
    match error {
        WorkflowError::Failed(failure) => TaskEnd::Workflow(end_by_failure(context, failure)),
        WorkflowError::ContinueAsNew(next) => match super::continue_as_new::command(context, *next)
        {
            Ok(command) => TaskEnd::Workflow(Outcome::ContinuedAsNew(Box::new(command))),
            Err(error) => task_failed(error),
        },
        WorkflowError::Payload(error) => payload_failed(&error),
        WorkflowError::TaskFailed(failure) => task_failed(failure),
    }
}

/// A cancellation that escapes from a workflow that was asked to cancel ends it as canceled
/// (protocol 4.10); every other failure fails it.
fn end_by_failure(context: &WorkflowContext, failure: Failure) -> Outcome {
    if failure.is_canceled() && context.engine.is_cancel_requested() {
        let details = failure.chain().find_map(|failure| match failure {
            Failure::Canceled(canceled) => Some(canceled.details().to_vec()),
            _ => None,
        });
        return Outcome::Canceled(details.and_then(payloads));
    }
    Outcome::Failed(Box::new(failure.into()))
}

/// The end of a run by its result.
pub(super) fn end_by_result(result: Result<Option<Payload>, PayloadError>) -> TaskEnd {
    match result {
        Ok(result) => TaskEnd::Workflow(Outcome::Completed(result)),
        Err(error) => payload_failed(&error),
    }
}

/// Values that cannot be read or written are a matter of the code, not of the run.
pub(super) fn payload_failed(error: &PayloadError) -> TaskEnd {
    task_failed(
        ApplicationFailure::new(error.to_string())
            .with_type("PayloadError")
            .into(),
    )
}

fn task_failed(failure: Failure) -> TaskEnd {
    TaskEnd::TaskFailed(Box::new(failure.into()))
}
