//! What becomes of the errors that a function returns.

/// Which error the worker makes of a function's own.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Returns {
    /// `ActivityError`
    Activity,
    /// `WorkflowError`
    Workflow,
}
