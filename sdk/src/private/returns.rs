//! The return types of activities, workflows and handlers.

use crate::failure::{ActivityError, ActivityResult, WorkflowError, WorkflowResult};

/// A return type that is named like a `Result`, which then must be one, under whatever alias.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is named like a `Result` and is not one",
    label = "a return type whose name ends in `Result` must be a `Result`",
    note = "rename the type, or name it by an alias that does not end in `Result`"
)]
pub trait NamedResult {
    /// What is returned on success.
    type Output;
}

impl<T, E> NamedResult for Result<T, E> {
    type Output = T;
}

/// What an activity returned, with the error that every activity has.
pub fn activity_result<T, E: IntoActivityError>(result: Result<T, E>) -> ActivityResult<T> {
    result.map_err(Into::into)
}

/// What a workflow or one of its handlers returned, with the error that all of them have.
pub fn workflow_result<T, E: IntoWorkflowError>(result: Result<T, E>) -> WorkflowResult<T> {
    result.map_err(Into::into)
}

/// An error that an activity may return.
///
/// A trait of its own over `Into`: the compiler would otherwise report the innermost bound that
/// fails, deep inside the conversions.
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be the error of an activity",
    label = "the error type `{Self}` does not convert into `ActivityError`",
    note = "implement `std::error::Error` (with `Send`, `Sync` and `'static`) for it, or return an `ApplicationFailure`"
)]
pub trait IntoActivityError: Into<ActivityError> {}

#[diagnostic::do_not_recommend]
impl<E: Into<ActivityError>> IntoActivityError for E {}

/// An error that a workflow or one of its handlers may return.
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be the error of a workflow",
    label = "the error type `{Self}` does not convert into `WorkflowError`",
    note = "implement `std::error::Error` (with `Send`, `Sync` and `'static`) for it, or return an `ApplicationFailure`"
)]
pub trait IntoWorkflowError: Into<WorkflowError> {}

#[diagnostic::do_not_recommend]
impl<E: Into<WorkflowError>> IntoWorkflowError for E {}
