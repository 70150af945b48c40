//! What the body of a workflow returns as its error.

use std::error::Error;
use std::fmt;

use super::from_error::{failure_from_error, from_boxed, into_anyhow, short_type_name};
use super::{ContinueAsNew, Failure};
use crate::payload::PayloadError;

/// What a workflow and its handlers return.
pub type WorkflowResult<T> = Result<T, WorkflowError>;

/// How a workflow's code ends other than with a result.
///
/// Any error converts into one by `?`: it becomes an
/// [`ApplicationFailure`](super::ApplicationFailure) and fails the workflow. An error that is a
/// failure already is kept as such, also inside an `anyhow::Error`.
///
/// Like `anyhow::Error`, this type is deliberately no `std::error::Error` itself.
///
/// # Determinism
/// A failure and a continuation are recorded as the run's last event. A payload error is not
/// recorded: it fails the workflow task, and the task is retried.
#[derive(Debug)]
#[non_exhaustive]
pub enum WorkflowError {
    /// The workflow fails. A [cancellation](Failure::is_canceled) of a workflow that was asked to
    /// cancel makes it end as canceled.
    Failed(Failure),
    /// The workflow goes on in a new run.
    ContinueAsNew(Box<ContinueAsNew>),
    /// A value could not be read or written. That is a matter of the code (or of a missing codec),
    /// not of the workflow: the workflow task fails and is retried until the code is mended.
    Payload(PayloadError),
    /// The code cannot go on as it is: the workflow task fails, and is retried until the code (or
    /// what it depends on) is mended. Nothing is recorded of the run but the failed task. See
    /// [`fail_task`](Self::fail_task).
    TaskFailed(Failure),
}

impl WorkflowError {
    /// Fails the workflow task instead of the workflow: for what is a fault of the code rather than
    /// of the run, such as a case that cannot happen.
    ///
    /// ```
    /// # use durably::prelude::*;
    /// # async fn example(ctx: &WorkflowContext, state: &str) -> WorkflowResult<()> {
    /// match state {
    ///     "new" | "paid" => Ok(()),
    ///     other => Err(WorkflowError::fail_task(ApplicationFailure::new(format!("no state {other}")))),
    /// }
    /// # }
    /// ```
    pub fn fail_task(failure: impl Into<Failure>) -> Self {
        Self::TaskFailed(failure.into())
    }
}

impl<E> From<E> for WorkflowError
where
    E: Into<Box<dyn Error + Send + Sync>> + 'static,
{
    fn from(error: E) -> Self {
        let failure_type = short_type_name::<E>();
        let error: Box<dyn Error + Send + Sync> = match into_anyhow(error) {
            Ok(error) if is_payload_error(&error) => match error.downcast() {
                Ok(error) => return Self::Payload(error),
                Err(error) => return Self::Failed(failure_from_error(error)),
            },
            Ok(error) => return Self::Failed(failure_from_error(error)),
            Err(error) => error.into(),
        };
        match error.downcast::<PayloadError>() {
            Ok(error) => Self::Payload(*error),
            Err(error) => Self::Failed(from_boxed(&error, failure_type)),
        }
    }
}

/// Whether that is what the error itself is, without any context around it.
fn is_payload_error(error: &anyhow::Error) -> bool {
    let error: &(dyn Error + Send + Sync + 'static) = error.as_ref();
    error.is::<PayloadError>()
}

impl fmt::Display for WorkflowError {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Failed(failure) => failure.fmt(formatter),
            Self::ContinueAsNew(_) => formatter.write_str("continues as a new run"),
            Self::Payload(error) => error.fmt(formatter),
            Self::TaskFailed(failure) => failure.fmt(formatter),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::failure::ApplicationFailure;
    use crate::payload::FromPayload;

    #[test]
    fn payload_errors_stay_apart_from_failures() {
        let missing = || u8::from_missing().unwrap_err();
        let direct = WorkflowError::from(missing());
        let boxed = WorkflowError::from(Box::<dyn Error + Send + Sync>::from(missing()));
        let anyhow = WorkflowError::from(anyhow::Error::from(missing()));
        for error in [direct, boxed, anyhow] {
            assert!(matches!(error, WorkflowError::Payload(_)), "{error:?}");
        }
        let wrapped = anyhow::Error::from(missing()).context("reading the order");
        assert!(matches!(
            WorkflowError::from(wrapped),
            WorkflowError::Failed(_)
        ));
    }

    #[test]
    fn any_other_error_fails_the_workflow() {
        let WorkflowError::Failed(failure) = WorkflowError::from(fmt::Error) else {
            panic!("a failure");
        };
        assert_eq!(failure.application().unwrap().failure_type(), "Error");
        let kept = ApplicationFailure::new("no").non_retryable();
        let WorkflowError::Failed(failure) = WorkflowError::from(kept.clone()) else {
            panic!("a failure");
        };
        assert_eq!(failure, kept.into());
    }
}
