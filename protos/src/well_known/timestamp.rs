//! `google.protobuf.Timestamp` and `SystemTime`.

use std::fmt;
use std::time::{Duration as StdDuration, SystemTime, UNIX_EPOCH};

use super::NANOS_PER_SECOND;
use crate::google::protobuf::Timestamp;

/// The first second of year 1 and the last of year 9999: protobuf's range.
const SECONDS: std::ops::RangeInclusive<i64> = -62_135_596_800..=253_402_300_799;

/// A point in time that the other type cannot hold.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum TimestampError {
    /// The timestamp is outside of years 1 to 9999, or its nanoseconds are not within 0 to 999,999,999.
    InvalidTimestamp {
        /// Seconds since 1970 in UTC.
        seconds: i64,
        /// Nanoseconds into that second.
        nanos: i32,
    },
    /// The timestamp is valid, but this platform's `SystemTime` does not reach it.
    OutsideSystemTime {
        /// Seconds since 1970 in UTC.
        seconds: i64,
        /// Nanoseconds into that second.
        nanos: i32,
    },
    /// The `SystemTime` is outside of years 1 to 9999.
    OutsideTimestamp(SystemTime),
}

impl fmt::Display for TimestampError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::InvalidTimestamp { seconds, nanos } => write!(
                f,
                "timestamp of {seconds} s and {nanos} ns is invalid: protobuf allows years 1 to 9999, and 0 to 999999999 ns"
            ),
            Self::OutsideSystemTime { seconds, nanos } => write!(
                f,
                "timestamp of {seconds} s and {nanos} ns is outside of this platform's system time"
            ),
            Self::OutsideTimestamp(time) => {
                write!(f, "system time {time:?} is outside of years 1 to 9999")
            }
        }
    }
}

impl std::error::Error for TimestampError {}

impl Timestamp {
    /// Fails unless the timestamp is in protobuf's range; every conversion asks this first.
    pub(crate) fn check(self) -> Result<(), TimestampError> {
        if SECONDS.contains(&self.seconds) && (0..NANOS_PER_SECOND).contains(&self.nanos) {
            return Ok(());
        }
        Err(TimestampError::InvalidTimestamp {
            seconds: self.seconds,
            nanos: self.nanos,
        })
    }
}

impl TryFrom<SystemTime> for Timestamp {
    type Error = TimestampError;

    fn try_from(time: SystemTime) -> Result<Self, TimestampError> {
        let out_of_range = |_| TimestampError::OutsideTimestamp(time);
        let (seconds, nanos) = match time.duration_since(UNIX_EPOCH) {
            Ok(after) => {
                let seconds = i64::try_from(after.as_secs()).map_err(out_of_range)?;
                (seconds, after.subsec_nanos())
            }
            Err(before) => {
                // Nanoseconds count forward, also before 1970: 0.25 s earlier is second -1 and 0.75 s.
                let before = before.duration();
                let seconds = -i64::try_from(before.as_secs()).map_err(out_of_range)?;
                match before.subsec_nanos() {
                    0 => (seconds, 0),
                    nanos => (seconds - 1, NANOS_PER_SECOND as u32 - nanos),
                }
            }
        };
        let timestamp = Self {
            seconds,
            nanos: nanos as i32,
        };
        timestamp
            .check()
            .map_err(|_| TimestampError::OutsideTimestamp(time))?;
        Ok(timestamp)
    }
}

impl TryFrom<Timestamp> for SystemTime {
    type Error = TimestampError;

    fn try_from(timestamp: Timestamp) -> Result<Self, TimestampError> {
        timestamp.check()?;
        let Timestamp { seconds, nanos } = timestamp;
        let whole = StdDuration::from_secs(seconds.unsigned_abs());
        let start_of_second = if seconds < 0 {
            UNIX_EPOCH.checked_sub(whole)
        } else {
            UNIX_EPOCH.checked_add(whole)
        };
        start_of_second
            .and_then(|time| time.checked_add(StdDuration::from_nanos(nanos.unsigned_abs().into())))
            .ok_or(TimestampError::OutsideSystemTime { seconds, nanos })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_before_and_after_1970_go_there_and_back() {
        for (seconds, nanos) in [
            (0, 0),
            (1_700_000_000, 123_456_789),
            (-1, 750_000_000),
            (-2_000, 0),
            (*SECONDS.start(), 0),
            (*SECONDS.end(), 999_999_999),
        ] {
            let timestamp = Timestamp { seconds, nanos };
            let time = SystemTime::try_from(timestamp).unwrap();
            assert_eq!(Timestamp::try_from(time), Ok(timestamp));
        }
    }

    #[test]
    fn a_quarter_second_before_1970_is_second_minus_one() {
        let time = UNIX_EPOCH - StdDuration::from_millis(250);
        assert_eq!(
            Timestamp::try_from(time),
            Ok(Timestamp {
                seconds: -1,
                nanos: 750_000_000
            })
        );
    }

    #[test]
    fn what_is_out_of_range_is_refused() {
        for (seconds, nanos) in [
            (i64::MIN, 0),
            (i64::MAX, 0),
            (SECONDS.start() - 1, 0),
            (SECONDS.end() + 1, 0),
            (0, -1),
            (0, NANOS_PER_SECOND),
        ] {
            assert_eq!(
                SystemTime::try_from(Timestamp { seconds, nanos }),
                Err(TimestampError::InvalidTimestamp { seconds, nanos })
            );
        }
        let year_10000 = UNIX_EPOCH + StdDuration::from_secs(SECONDS.end().unsigned_abs() + 1);
        assert_eq!(
            Timestamp::try_from(year_10000),
            Err(TimestampError::OutsideTimestamp(year_10000))
        );
    }
}
