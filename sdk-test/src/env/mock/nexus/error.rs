//! How a mocked Nexus operation does not give its result at once.

use std::error::Error;
use std::fmt;

use durably::failure::ApplicationFailure;

/// What a [`NexusMock`](super::NexusMock)'s closure answers instead of a result.
///
/// `?` and `.into()` make one of an [`ApplicationFailure`], with which the operation
/// [fails](Self::failed), and of any other error or text, which is the handler's trouble: `INTERNAL`, and
/// retried.
///
/// It is no [`Error`] itself, so that every error can become one.
#[derive(Debug, Clone)]
pub struct NexusError(pub(super) Kind);

#[derive(Debug, Clone)]
pub(super) enum Kind {
    Failed(ApplicationFailure),
    Canceled(String),
    Handler {
        error_type: String,
        message: String,
        is_retryable: Option<bool>,
    },
    CompleteAsynchronously,
}

impl NexusError {
    /// The operation ends as failed, whatever the failure says of retries.
    #[must_use]
    pub fn failed(failure: ApplicationFailure) -> Self {
        Self(Kind::Failed(failure))
    }

    /// The operation ends as canceled.
    #[must_use]
    pub fn canceled(message: impl Into<String>) -> Self {
        Self(Kind::Canceled(message.into()))
    }

    /// The handler has an error of a type that the Nexus specification names, such as `UNAVAILABLE`. The
    /// operation goes on: the server calls again, waiting longer each time, until its
    /// schedule-to-close timeout. With a type that says that another call would be no better
    /// (`BAD_REQUEST`, `UNAUTHENTICATED`, `UNAUTHORIZED`, `NOT_FOUND`, `NOT_IMPLEMENTED`, `CONFLICT`) it
    /// fails.
    #[must_use]
    pub fn handler(error_type: impl Into<String>, message: impl Into<String>) -> Self {
        Self(Kind::Handler {
            error_type: error_type.into(),
            message: message.into(),
            is_retryable: None,
        })
    }

    /// The operation has started, and the test completes it:
    /// [`NexusMock::next_started`](super::NexusMock::next_started).
    #[must_use]
    pub fn complete_asynchronously() -> Self {
        Self(Kind::CompleteAsynchronously)
    }

    /// A [handler's error](Self::handler) after which the server calls again, whatever its type. Other
    /// errors stay as they are.
    #[must_use]
    pub fn retryable(self) -> Self {
        self.with_retries(true)
    }

    /// A [handler's error](Self::handler) with which the operation fails, whatever its type. Other errors
    /// stay as they are.
    #[must_use]
    pub fn non_retryable(self) -> Self {
        self.with_retries(false)
    }

    fn with_retries(mut self, retries: bool) -> Self {
        if let Kind::Handler { is_retryable, .. } = &mut self.0 {
            *is_retryable = Some(retries);
        }
        self
    }
}

impl<E> From<E> for NexusError
where
    E: Into<Box<dyn Error + Send + Sync>> + 'static,
{
    fn from(error: E) -> Self {
        match error.into().downcast::<ApplicationFailure>() {
            Ok(failure) => Self::failed(*failure),
            Err(error) => Self::handler("INTERNAL", error.to_string()),
        }
    }
}

impl fmt::Display for NexusError {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.0 {
            Kind::Failed(failure) => failure.fmt(formatter),
            Kind::Canceled(message) => write!(formatter, "canceled: {message}"),
            Kind::Handler {
                error_type,
                message,
                ..
            } => write!(formatter, "{error_type}: {message}"),
            Kind::CompleteAsynchronously => formatter.write_str("will be completed by the test"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn errors_become_what_they_are() {
        let failure = NexusError::from(ApplicationFailure::new("no money"));
        assert!(matches!(failure.0, Kind::Failed(_)), "{failure}");
        let text = NexusError::from("no answer").non_retryable();
        let Kind::Handler { is_retryable, .. } = &text.0 else {
            panic!("the handler's error, not {text}");
        };
        assert_eq!(*is_retryable, Some(false));
        assert_eq!(text.to_string(), "INTERNAL: no answer");
    }
}
