//! The return types of activities, workflows and fallible handlers: a `Result` under any name.
//!
//! The errors have traits of their own over `Into`: the compiler would otherwise report the innermost
//! bound that fails, deep inside the conversions.

use crate::failure::{ActivityError, ActivityResult, WorkflowError, WorkflowResult};

/// What an activity may return.
#[diagnostic::on_unimplemented(
    message = "an activity returns a `Result`, not `{Self}`",
    label = "expected `ActivityResult<..>`, or a `Result` whose error converts into `ActivityError`"
)]
pub trait ActivityReturn {
    /// What the activity returns when it succeeds.
    type Output;

    /// The same with the error every activity has.
    fn into_result(self) -> ActivityResult<Self::Output>;
}

impl<T, E: IntoActivityError> ActivityReturn for Result<T, E> {
    type Output = T;

    fn into_result(self) -> ActivityResult<T> {
        self.map_err(Into::into)
    }
}

/// What a workflow may return.
#[diagnostic::on_unimplemented(
    message = "a workflow returns a `Result`, not `{Self}`",
    label = "expected `WorkflowResult<..>`, or a `Result` whose error converts into `WorkflowError`"
)]
pub trait WorkflowReturn {
    /// What the workflow returns when it succeeds.
    type Output;

    /// The same with the error every workflow has.
    fn into_result(self) -> WorkflowResult<Self::Output>;
}

impl<T, E: IntoWorkflowError> WorkflowReturn for Result<T, E> {
    type Output = T;

    fn into_result(self) -> WorkflowResult<T> {
        self.map_err(Into::into)
    }
}

/// What a handler whose return type is *named* like a `Result` may return.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is named like a `Result` and is not one",
    label = "a handler's return type whose name ends in `Result` must be a `Result` whose error converts into `WorkflowError`",
    note = "rename the type, or name it by an alias that does not end in `Result`"
)]
pub trait HandlerReturn {
    /// What the handler returns when it succeeds.
    type Output;

    /// The same with the error every handler has.
    fn into_result(self) -> WorkflowResult<Self::Output>;
}

impl<T, E: IntoWorkflowError> HandlerReturn for Result<T, E> {
    type Output = T;

    fn into_result(self) -> WorkflowResult<T> {
        self.map_err(Into::into)
    }
}

/// An error that an activity may return.
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be the error of an activity",
    label = "does not convert into `ActivityError`",
    note = "implement `std::error::Error` (with `Send`, `Sync` and `'static`) for it, or return an `ApplicationFailure`"
)]
pub trait IntoActivityError: Into<ActivityError> {}

#[diagnostic::do_not_recommend]
impl<E: Into<ActivityError>> IntoActivityError for E {}

/// An error that a workflow or one of its handlers may return.
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be the error of a workflow",
    label = "does not convert into `WorkflowError`",
    note = "implement `std::error::Error` (with `Send`, `Sync` and `'static`) for it, or return an `ApplicationFailure`"
)]
pub trait IntoWorkflowError: Into<WorkflowError> {}

#[diagnostic::do_not_recommend]
impl<E: Into<WorkflowError>> IntoWorkflowError for E {}
