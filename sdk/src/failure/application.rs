//! Failures of user code.

use std::error::Error;
use std::fmt;
use std::time::Duration;

use durably_protos::temporal::api::common::v1::{Payload, Payloads};
use durably_protos::temporal::api::enums::v1::ApplicationErrorCategory;
use durably_protos::temporal::api::failure::v1::ApplicationFailureInfo;

use super::Failure;
use super::from_error::{failure_from_error, wrapping_failure};
use super::limits::{MAX_MESSAGE_BYTES, MAX_STACK_TRACE_BYTES, cut};
use super::record::{Record, failure_kind};
use super::stack_trace;
use crate::payload::{FromPayload, PayloadError, ToPayload, payloads_ref};
use crate::proto_time::{proto_duration, std_duration};

/// The information of an application failure, and where it comes from.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Info {
    pub(super) proto: ApplicationFailureInfo,
    /// False for a failure that came without any information, which counts as an application
    /// failure without type.
    pub(super) on_wire: bool,
    /// Made from an error that has this failure's cause among its sources, not deliberately.
    pub(super) wraps: bool,
}

failure_kind! {
    /// A failure of user code: what activities and workflows return as their error.
    ///
    /// Any error becomes one. One built by hand says what the server and the other side need to
    /// know:
    ///
    /// ```
    /// use durably::failure::{ActivityResult, ApplicationFailure};
    ///
    /// async fn charge(cents: i64) -> ActivityResult<()> {
    ///     if cents <= 0 {
    ///         let failure = ApplicationFailure::new("the amount must be positive")
    ///             .with_type("InvalidAmount")
    ///             .with_details(&cents)?
    ///             .non_retryable();
    ///         return Err(failure.into());
    ///     }
    ///     Ok(())
    /// }
    /// ```
    ApplicationFailure, Application, Info
}

impl ApplicationFailure {
    /// A retryable failure without type and details. The stack trace is recorded if the environment
    /// asks for it (`RUST_BACKTRACE`, or `RUST_LIB_BACKTRACE` for errors alone).
    pub fn new(message: impl Into<String>) -> Self {
        let mut failure = Self::without_stack_trace(message.into());
        failure.record.stack_trace = stack_trace::captured();
        failure
    }

    pub(super) fn without_stack_trace(message: String) -> Self {
        let info = Info {
            proto: ApplicationFailureInfo::default(),
            on_wire: true,
            wraps: false,
        };
        Self {
            record: Box::new(Record::new(cut(message, MAX_MESSAGE_BYTES), info)),
        }
    }

    /// The failure an error stands for, to be refined: the error's message, the short name of its
    /// type, and its sources as causes. An error that is an application failure stays as it is.
    ///
    /// ```
    /// # use durably::failure::ApplicationFailure;
    /// let error = "x".parse::<u8>().map_err(|error| {
    ///     ApplicationFailure::from_error(error).non_retryable()
    /// });
    /// assert_eq!(error.unwrap_err().failure_type(), "ParseIntError");
    /// ```
    pub fn from_error<E>(error: E) -> Self
    where
        E: Into<Box<dyn Error + Send + Sync>> + 'static,
    {
        match failure_from_error(error) {
            Failure::Application(failure) => failure,
            other => wrapping_failure(other.to_string(), String::new(), other),
        }
    }

    /// Sets the type, by which callers tell failures apart and which a retry policy's
    /// `non_retryable_error_types` may list.
    #[must_use]
    pub fn with_type(mut self, failure_type: impl Into<String>) -> Self {
        self.record.info.proto.r#type = failure_type.into();
        self
    }

    /// Makes the failure final, whatever the retry policy says.
    #[must_use]
    pub fn non_retryable(mut self) -> Self {
        self.record.info.proto.non_retryable = true;
        self
    }

    /// Adds a detail for the caller to read, one payload a call.
    ///
    /// # Errors
    /// The value cannot be encoded.
    pub fn with_details<T: ToPayload>(mut self, detail: &T) -> Result<Self, PayloadError> {
        let payload = detail.to_payload()?;
        let details = &mut self.record.info.proto.details;
        details
            .get_or_insert_with(Payloads::default)
            .payloads
            .push(payload);
        Ok(self)
    }

    /// Sets how long the server waits before the next attempt, instead of the retry policy's
    /// interval. Only activity attempts are delayed so.
    #[must_use]
    pub fn with_next_retry_delay(mut self, delay: Duration) -> Self {
        self.record.info.proto.next_retry_delay = Some(proto_duration(delay));
        self
    }

    /// Sets the category. A `Benign` failure is expected in normal operation: it is logged at debug
    /// level and not counted by the failure metrics.
    #[must_use]
    pub fn with_category(mut self, category: ApplicationErrorCategory) -> Self {
        self.record.info.proto.category = category.into();
        self
    }

    /// Sets what caused this failure. The error's sources follow as further causes.
    #[must_use]
    pub fn with_cause<E>(mut self, cause: E) -> Self
    where
        E: Into<Box<dyn Error + Send + Sync>> + 'static,
    {
        self.record.cause = Some(failure_from_error(cause));
        self
    }

    /// Replaces the stack trace.
    #[must_use]
    pub fn with_stack_trace(mut self, stack_trace: impl Into<String>) -> Self {
        self.record.stack_trace = cut(stack_trace.into(), MAX_STACK_TRACE_BYTES);
        self
    }

    /// The type; empty if it has none.
    pub fn failure_type(&self) -> &str {
        &self.record.info.proto.r#type
    }

    /// Whether the failure is final, whatever the retry policy says.
    pub fn is_non_retryable(&self) -> bool {
        self.record.info.proto.non_retryable
    }

    /// The details as they came.
    pub fn details(&self) -> &[Payload] {
        payloads_ref(self.record.info.proto.details.as_ref())
    }

    /// One detail, counted from 0; `None` if there are not so many.
    ///
    /// # Errors
    /// The detail cannot be read as this type.
    pub fn detail<T: FromPayload>(&self, index: usize) -> Result<Option<T>, PayloadError> {
        self.details().get(index).map(T::from_payload).transpose()
    }

    /// How long the server waits before the next attempt, if the failure says so.
    pub fn next_retry_delay(&self) -> Option<Duration> {
        self.record
            .info
            .proto
            .next_retry_delay
            .as_ref()
            .map(std_duration)
    }

    /// The category; one that this version does not know counts as unspecified.
    pub fn category(&self) -> ApplicationErrorCategory {
        self.record.info.proto.category()
    }

    /// Whether this failure stands for an error that merely wraps its cause.
    pub(super) fn wraps(&self) -> bool {
        self.record.info.wraps
    }
}

impl fmt::Display for ApplicationFailure {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let otherwise = match self.failure_type() {
            "" => "application failure",
            failure_type => failure_type,
        };
        formatter.write_str(self.record.message_or(otherwise))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_set_can_be_read() {
        let failure = ApplicationFailure::new("broken")
            .with_type("Broken")
            .with_details(&1)
            .unwrap()
            .with_details(&"two".to_owned())
            .unwrap()
            .with_next_retry_delay(Duration::from_millis(1500))
            .with_category(ApplicationErrorCategory::Benign)
            .non_retryable();
        assert_eq!(failure.to_string(), "broken");
        assert_eq!(failure.failure_type(), "Broken");
        assert_eq!(failure.detail::<i32>(0).unwrap(), Some(1));
        assert_eq!(failure.detail::<String>(1).unwrap().as_deref(), Some("two"));
        assert_eq!(failure.detail::<String>(2).unwrap(), None);
        assert!(failure.detail::<String>(0).is_err());
        assert_eq!(
            failure.next_retry_delay(),
            Some(Duration::from_millis(1500))
        );
        assert_eq!(failure.category(), ApplicationErrorCategory::Benign);
        assert!(failure.is_non_retryable());
    }

    #[test]
    fn a_long_message_is_cut() {
        let failure = ApplicationFailure::new("x".repeat(MAX_MESSAGE_BYTES + 1));
        assert!(failure.message().len() <= MAX_MESSAGE_BYTES);
        assert!(failure.message().ends_with("(cut, 32769 bytes in all)"));
    }
}
