//! How activities and workflows are retried.

use std::time::Duration;

use durably_protos::temporal::api::common::v1;

use crate::proto_time::{proto_duration, std_duration};

/// When the server makes a further attempt, and how long it waits before.
///
/// What is left unset takes the server's default: 1 s, coefficient 2, at most 100 times the initial
/// interval, attempts without limit.
///
/// ```
/// use std::time::Duration;
/// use durably::failure::RetryPolicy;
///
/// const CAREFUL: RetryPolicy = RetryPolicy::new()
///     .initial_interval(Duration::from_millis(200))
///     .maximum_attempts(5)
///     .non_retryable_error_types(&["InvalidOrder"]);
/// # CAREFUL.validate().unwrap();
/// ```
#[derive(Debug, Clone, Default)]
pub struct RetryPolicy {
    initial_interval: Option<Duration>,
    backoff_coefficient: Option<f64>,
    maximum_interval: Option<Duration>,
    maximum_attempts: Option<u32>,
    // Two lists, so that a policy can be a constant: a `Vec` cannot be filled in one.
    static_error_types: &'static [&'static str],
    error_types: Vec<String>,
}

impl RetryPolicy {
    /// The server's default: attempts without limit.
    pub const fn new() -> Self {
        Self {
            initial_interval: None,
            backoff_coefficient: None,
            maximum_interval: None,
            maximum_attempts: None,
            static_error_types: &[],
            error_types: Vec::new(),
        }
    }

    /// A single attempt.
    pub const fn no_retries() -> Self {
        Self::new().maximum_attempts(1)
    }

    /// Sets how long to wait before the second attempt.
    #[must_use]
    pub const fn initial_interval(mut self, interval: Duration) -> Self {
        self.initial_interval = Some(interval);
        self
    }

    /// Sets by what the interval is multiplied from attempt to attempt; at least 1.
    #[must_use]
    pub const fn backoff_coefficient(mut self, coefficient: f64) -> Self {
        self.backoff_coefficient = Some(coefficient);
        self
    }

    /// Sets the longest interval.
    #[must_use]
    pub const fn maximum_interval(mut self, interval: Duration) -> Self {
        self.maximum_interval = Some(interval);
        self
    }

    /// Sets how many attempts there are in all; 0 means without limit.
    #[must_use]
    pub const fn maximum_attempts(mut self, attempts: u32) -> Self {
        self.maximum_attempts = Some(attempts);
        self
    }

    /// Sets the types of application failures after which there is no further attempt.
    #[must_use]
    pub const fn non_retryable_error_types(mut self, types: &'static [&'static str]) -> Self {
        self.static_error_types = types;
        self
    }

    /// Adds a type of application failures after which there is no further attempt.
    #[must_use]
    pub fn non_retryable_error_type(mut self, error_type: impl Into<String>) -> Self {
        self.error_types.push(error_type.into());
        self
    }

    /// How long to wait before the second attempt, if set.
    pub const fn get_initial_interval(&self) -> Option<Duration> {
        self.initial_interval
    }

    /// By what the interval is multiplied, if set.
    pub const fn get_backoff_coefficient(&self) -> Option<f64> {
        self.backoff_coefficient
    }

    /// The longest interval, if set.
    pub const fn get_maximum_interval(&self) -> Option<Duration> {
        self.maximum_interval
    }

    /// How many attempts there are in all, if set; 0 means without limit.
    pub const fn get_maximum_attempts(&self) -> Option<u32> {
        self.maximum_attempts
    }

    /// The types of application failures after which there is no further attempt.
    pub fn error_types(&self) -> impl Iterator<Item = &str> {
        let own = self.error_types.iter().map(String::as_str);
        self.static_error_types.iter().copied().chain(own)
    }

    /// Checks what the server would refuse.
    ///
    /// # Errors
    /// The policy cannot be used; the error says why.
    pub fn validate(&self) -> Result<(), InvalidRetryPolicy> {
        if let Some(coefficient) = self.backoff_coefficient
            && !(coefficient.is_finite() && coefficient >= 1.0)
        {
            return Err(InvalidRetryPolicy::BackoffCoefficient { coefficient });
        }
        if self.initial_interval == Some(Duration::ZERO) {
            return Err(InvalidRetryPolicy::InitialInterval);
        }
        if let Some(maximum) = self.maximum_interval {
            let initial = self.initial_interval.unwrap_or(DEFAULT_INITIAL_INTERVAL);
            if maximum < initial {
                return Err(InvalidRetryPolicy::MaximumInterval { initial, maximum });
            }
        }
        if let Some(attempts) = self.maximum_attempts
            && i32::try_from(attempts).is_err()
        {
            return Err(InvalidRetryPolicy::MaximumAttempts { attempts });
        }
        Ok(())
    }

    /// The wire form.
    ///
    /// # Errors
    /// The policy cannot be used; the error says why.
    pub fn to_proto(&self) -> Result<v1::RetryPolicy, InvalidRetryPolicy> {
        self.validate()?;
        Ok(v1::RetryPolicy {
            initial_interval: self.initial_interval.map(proto_duration),
            backoff_coefficient: self.backoff_coefficient.unwrap_or_default(),
            maximum_interval: self.maximum_interval.map(proto_duration),
            // Validation has found it in range.
            maximum_attempts: self
                .maximum_attempts
                .unwrap_or(0)
                .try_into()
                .unwrap_or(i32::MAX),
            non_retryable_error_types: self.error_types().map(str::to_owned).collect(),
        })
    }
}

/// What the server assumes for an initial interval that is not set.
const DEFAULT_INITIAL_INTERVAL: Duration = Duration::from_secs(1);

impl PartialEq for RetryPolicy {
    fn eq(&self, other: &Self) -> bool {
        self.initial_interval == other.initial_interval
            && self.backoff_coefficient == other.backoff_coefficient
            && self.maximum_interval == other.maximum_interval
            && self.maximum_attempts == other.maximum_attempts
            && self.error_types().eq(other.error_types())
    }
}

impl From<v1::RetryPolicy> for RetryPolicy {
    fn from(proto: v1::RetryPolicy) -> Self {
        // Zero is how the wire says "not set".
        let interval = |duration: Option<durably_protos::google::protobuf::Duration>| {
            duration
                .as_ref()
                .map(std_duration)
                .filter(|duration| !duration.is_zero())
        };
        Self {
            initial_interval: interval(proto.initial_interval),
            backoff_coefficient: (proto.backoff_coefficient != 0.0)
                .then_some(proto.backoff_coefficient),
            maximum_interval: interval(proto.maximum_interval),
            maximum_attempts: u32::try_from(proto.maximum_attempts)
                .ok()
                .filter(|attempts| *attempts != 0),
            static_error_types: &[],
            error_types: proto.non_retryable_error_types,
        }
    }
}

/// A retry policy that the server would refuse.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum InvalidRetryPolicy {
    /// The interval would shrink, or is no number.
    #[error("the retry policy's backoff coefficient is {coefficient}: it must be at least 1")]
    BackoffCoefficient {
        /// The coefficient.
        coefficient: f64,
    },
    /// There would be no wait between attempts.
    #[error("the retry policy's initial interval is zero: leave it unset for the default of 1 s")]
    InitialInterval,
    /// The longest interval is shorter than the first.
    #[error(
        "the retry policy's maximum interval ({maximum:?}) is shorter than its initial interval ({initial:?})"
    )]
    MaximumInterval {
        /// The initial interval; 1 s if it is not set.
        initial: Duration,
        /// The maximum interval.
        maximum: Duration,
    },
    /// The wire form has no room for the number.
    #[error(
        "the retry policy's maximum attempts are {attempts}: the most is 2147483647, 0 means no limit"
    )]
    MaximumAttempts {
        /// The number of attempts.
        attempts: u32,
    },
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn policies_round_trip() {
        let policy = RetryPolicy::new()
            .initial_interval(Duration::from_millis(1500))
            .backoff_coefficient(1.5)
            .maximum_interval(Duration::from_secs(60))
            .maximum_attempts(3)
            .non_retryable_error_types(&["A"])
            .non_retryable_error_type("B");
        let proto = policy.to_proto().unwrap();
        assert_eq!(proto.non_retryable_error_types, ["A", "B"]);
        assert_eq!(RetryPolicy::from(proto), policy);
        assert_eq!(
            RetryPolicy::from(RetryPolicy::new().to_proto().unwrap()),
            RetryPolicy::new()
        );
    }

    #[test]
    fn what_the_server_would_refuse_is_refused() {
        let message = |policy: RetryPolicy| policy.to_proto().unwrap_err().to_string();
        for coefficient in [0.0, 0.99, -1.0, f64::NAN, f64::INFINITY] {
            message(RetryPolicy::new().backoff_coefficient(coefficient));
        }
        message(RetryPolicy::new().initial_interval(Duration::ZERO));
        message(RetryPolicy::new().maximum_attempts(u32::MAX));
        assert_eq!(
            message(RetryPolicy::new().maximum_interval(Duration::from_millis(10))),
            "the retry policy's maximum interval (10ms) is shorter than its initial interval (1s)"
        );
    }
}
