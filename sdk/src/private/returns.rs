//! The return types of activities, workflows and fallible handlers: a `Result` under any name.

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
    fn into_activity_result(self) -> ActivityResult<Self::Output>;
}

impl<T, E: Into<ActivityError>> ActivityReturn for Result<T, E> {
    type Output = T;

    fn into_activity_result(self) -> ActivityResult<T> {
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
    fn into_workflow_result(self) -> WorkflowResult<Self::Output>;
}

impl<T, E: Into<WorkflowError>> WorkflowReturn for Result<T, E> {
    type Output = T;

    fn into_workflow_result(self) -> WorkflowResult<T> {
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
    fn into_handler_result(self) -> WorkflowResult<Self::Output>;
}

impl<T, E: Into<WorkflowError>> HandlerReturn for Result<T, E> {
    type Output = T;

    fn into_handler_result(self) -> WorkflowResult<T> {
        self.map_err(Into::into)
    }
}
