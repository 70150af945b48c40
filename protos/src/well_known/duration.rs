//! `google.protobuf.Duration` and `std::time::Duration`.

use std::fmt;
use std::time::Duration as StdDuration;

use super::NANOS_PER_SECOND;
use crate::google::protobuf::Duration;

/// 10,000 years: protobuf's range, to either side.
const MAX_SECONDS: i64 = 315_576_000_000;

/// A length of time that the other type cannot hold.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum DurationError {
    /// The duration is longer than 10,000 years, its nanoseconds are a second or more, or its two fields differ in
    /// sign.
    InvalidDuration {
        /// Whole seconds.
        seconds: i64,
        /// Nanoseconds beyond them.
        nanos: i32,
    },
    /// The duration is valid but negative, which a `std::time::Duration` cannot be.
    Negative {
        /// Whole seconds.
        seconds: i64,
        /// Nanoseconds beyond them.
        nanos: i32,
    },
    /// The `std::time::Duration` is longer than 10,000 years.
    TooLong(StdDuration),
}

impl fmt::Display for DurationError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::InvalidDuration { seconds, nanos } => write!(
                f,
                "duration of {seconds} s and {nanos} ns is invalid: protobuf allows up to {MAX_SECONDS} s, and less than a second in ns, of the same sign"
            ),
            Self::Negative { seconds, nanos } => {
                write!(f, "duration of {seconds} s and {nanos} ns is negative")
            }
            Self::TooLong(duration) => write!(
                f,
                "duration of {} s is too long: protobuf allows up to {MAX_SECONDS} s",
                duration.as_secs()
            ),
        }
    }
}

impl std::error::Error for DurationError {}

impl Duration {
    /// Fails unless the duration is in protobuf's range; every conversion asks this first.
    pub(crate) fn check(self) -> Result<(), DurationError> {
        let Self { seconds, nanos } = self;
        let in_range = (-MAX_SECONDS..=MAX_SECONDS).contains(&seconds)
            && (1 - NANOS_PER_SECOND..NANOS_PER_SECOND).contains(&nanos);
        let one_sign = seconds == 0 || nanos == 0 || (seconds < 0) == (nanos < 0);
        if in_range && one_sign {
            return Ok(());
        }
        Err(DurationError::InvalidDuration { seconds, nanos })
    }
}

impl TryFrom<StdDuration> for Duration {
    type Error = DurationError;

    fn try_from(duration: StdDuration) -> Result<Self, DurationError> {
        let seconds =
            i64::try_from(duration.as_secs()).map_err(|_| DurationError::TooLong(duration))?;
        let converted = Self {
            seconds,
            nanos: duration.subsec_nanos() as i32,
        };
        converted
            .check()
            .map_err(|_| DurationError::TooLong(duration))?;
        Ok(converted)
    }
}

impl TryFrom<Duration> for StdDuration {
    type Error = DurationError;

    fn try_from(duration: Duration) -> Result<Self, DurationError> {
        duration.check()?;
        let Duration { seconds, nanos } = duration;
        match (u64::try_from(seconds), u32::try_from(nanos)) {
            (Ok(seconds), Ok(nanos)) => Ok(Self::new(seconds, nanos)),
            _ => Err(DurationError::Negative { seconds, nanos }),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations_go_there_and_back() {
        for duration in [
            StdDuration::ZERO,
            StdDuration::from_nanos(1),
            StdDuration::from_millis(1_500),
            StdDuration::from_secs(MAX_SECONDS.unsigned_abs()),
        ] {
            let converted = Duration::try_from(duration).unwrap();
            assert_eq!(StdDuration::try_from(converted), Ok(duration));
        }
    }

    #[test]
    fn too_long_negative_and_malformed_durations_are_refused() {
        assert_eq!(
            Duration::try_from(StdDuration::MAX),
            Err(DurationError::TooLong(StdDuration::MAX))
        );
        for (seconds, nanos) in [(-1, 0), (0, -1), (-5, -500)] {
            assert_eq!(
                StdDuration::try_from(Duration { seconds, nanos }),
                Err(DurationError::Negative { seconds, nanos })
            );
        }
        for (seconds, nanos) in [
            (1, -1),
            (-1, 1),
            (0, NANOS_PER_SECOND),
            (0, i32::MIN),
            (i64::MIN, 0),
            (MAX_SECONDS + 1, 0),
        ] {
            assert_eq!(
                StdDuration::try_from(Duration { seconds, nanos }),
                Err(DurationError::InvalidDuration { seconds, nanos })
            );
        }
    }
}
