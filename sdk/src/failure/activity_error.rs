//! What the body of an activity returns as its error.

use std::error::Error;
use std::fmt;

use super::from_error::failure_from_error;
use super::{CanceledFailure, Failure};
use crate::payload::{PayloadError, ToPayload};

/// What an activity returns.
pub type ActivityResult<T> = Result<T, ActivityError>;

/// How an activity's attempt ends other than with a result.
///
/// Any error converts into one by `?`: it becomes an
/// [`ApplicationFailure`](super::ApplicationFailure), and the server retries the activity as its
/// retry policy says. An error that is a failure already is kept as such, also inside an
/// `anyhow::Error`; a cancellation stays a cancellation, also when other errors wrap it.
///
/// Like `anyhow::Error`, this type is deliberately no `std::error::Error` itself.
#[derive(Debug)]
#[non_exhaustive]
pub enum ActivityError {
    /// The attempt failed.
    Failed(Failure),
    /// The activity gave up because it was asked to.
    Canceled(CanceledFailure),
    /// The activity goes on elsewhere; a client completes it later by its task token or id.
    CompleteAsynchronously,
}

impl ActivityError {
    /// The answer of an activity that someone else will complete: no result is sent, and the
    /// activity's timeouts go on running.
    ///
    /// ```
    /// # use durably::failure::{ActivityError, ActivityResult};
    /// async fn wait_for_approval(order: String) -> ActivityResult<bool> {
    ///     // ... hand the task token to whoever approves ...
    ///     Err(ActivityError::complete_asynchronously())
    /// }
    /// ```
    pub fn complete_asynchronously() -> Self {
        Self::CompleteAsynchronously
    }

    /// The answer of an activity that stops because it was asked to, with details for its caller.
    ///
    /// # Errors
    /// The details cannot be encoded.
    pub fn canceled<T: ToPayload>(details: &T) -> Result<Self, PayloadError> {
        let failure = CanceledFailure::new("activity canceled").with_details(details)?;
        Ok(Self::Canceled(failure))
    }
}

impl<E> From<E> for ActivityError
where
    E: Into<Box<dyn Error + Send + Sync>> + 'static,
{
    fn from(error: E) -> Self {
        match failure_from_error(error) {
            Failure::Canceled(failure) => Self::Canceled(failure),
            failure => match wrapped_cancellation(&failure) {
                Some(canceled) => Self::Canceled(canceled.clone()),
                None => Self::Failed(failure),
            },
        }
    }
}

/// The cancellation that the user's errors wrap, if it is one.
fn wrapped_cancellation(failure: &Failure) -> Option<&CanceledFailure> {
    match failure {
        Failure::Canceled(canceled) => Some(canceled),
        Failure::Application(wrapper) if wrapper.wraps() => {
            wrapper.cause().and_then(wrapped_cancellation)
        }
        _ => None,
    }
}

impl fmt::Display for ActivityError {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Failed(failure) => failure.fmt(formatter),
            Self::Canceled(failure) => failure.fmt(formatter),
            Self::CompleteAsynchronously => formatter.write_str("will be completed elsewhere"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::failure::ApplicationFailure;

    fn question_mark<E>(error: E) -> ActivityError
    where
        E: Into<Box<dyn Error + Send + Sync>> + 'static,
    {
        fn body<E: Into<ActivityError>>(error: E) -> ActivityResult<()> {
            Err(error.into())
        }
        body(error).unwrap_err()
    }

    #[test]
    fn errors_convert_by_question_mark() {
        let parse = || -> ActivityResult<u8> { Ok("x".parse::<u8>()?) };
        let ActivityError::Failed(Failure::Application(failure)) = parse().unwrap_err() else {
            panic!("an application failure");
        };
        assert_eq!(failure.failure_type(), "ParseIntError");
        assert!(matches!(question_mark("text"), ActivityError::Failed(_)));
        assert!(matches!(
            question_mark(anyhow::anyhow!("text")),
            ActivityError::Failed(_)
        ));
    }

    #[test]
    fn a_cancellation_stays_one_unless_a_failure_is_built_over_it() {
        let canceled = || CanceledFailure::new("stop").with_details(&7).unwrap();
        let wrapped = anyhow::Error::from(canceled()).context("uploading");
        for error in [question_mark(canceled()), question_mark(wrapped)] {
            let ActivityError::Canceled(failure) = error else {
                panic!("canceled, not {error:?}");
            };
            assert_eq!(failure.detail::<i32>(0).unwrap(), Some(7));
        }
        let deliberate = ApplicationFailure::new("gave up").with_cause(canceled());
        assert!(matches!(
            question_mark(deliberate),
            ActivityError::Failed(_)
        ));
    }
}
