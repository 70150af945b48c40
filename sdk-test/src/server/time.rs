//! Moments and spans of the server's clock, in whole nanoseconds.

use std::time::{Duration as StdDuration, SystemTime, UNIX_EPOCH};

use durably_protos::google::protobuf::{Duration, Timestamp};

const NANOS_PER_SECOND: i64 = 1_000_000_000;
/// A hundred years.
const LONGEST: Span = Span::seconds(100 * 365 * 86_400);

/// A moment on the server's clock: nanoseconds since 1970, between the years 1677 and 2262.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub(crate) struct Time(pub(crate) i64);

/// A length of time in nanoseconds; never negative once a request was checked.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default)]
pub(crate) struct Span(pub(crate) i64);

impl Time {
    pub(crate) fn timestamp(self) -> Timestamp {
        Timestamp {
            seconds: self.0.div_euclid(NANOS_PER_SECOND),
            nanos: i32::try_from(self.0.rem_euclid(NANOS_PER_SECOND))
                .expect("a remainder below 10^9 fits"),
        }
    }

    /// The moment of a timestamp; one outside the range becomes its nearer end.
    pub(crate) fn from_timestamp(timestamp: &Timestamp) -> Self {
        let seconds = timestamp.seconds.saturating_mul(NANOS_PER_SECOND);
        Self(seconds.saturating_add(i64::from(timestamp.nanos)))
    }

    pub(crate) fn from_system(time: SystemTime) -> Self {
        match time.duration_since(UNIX_EPOCH) {
            Ok(after) => Self(Span::from_std(after).0),
            Err(before) => Self(-Span::from_std(before.duration()).0),
        }
    }

    pub(crate) fn system(self) -> SystemTime {
        let length = StdDuration::from_nanos(self.0.unsigned_abs());
        if self.0 < 0 {
            UNIX_EPOCH - length
        } else {
            UNIX_EPOCH + length
        }
    }

    /// The moment for what reckons with calendars.
    pub(crate) fn jiff(self) -> jiff::Timestamp {
        jiff::Timestamp::from_nanosecond(i128::from(self.0))
            .expect("64 bits of nanoseconds lie between the years -9999 and 9999")
    }

    pub(crate) fn from_jiff(timestamp: jiff::Timestamp) -> Self {
        let nanoseconds = timestamp.as_nanosecond();
        let end = if nanoseconds < 0 { i64::MIN } else { i64::MAX };
        Self(i64::try_from(nanoseconds).unwrap_or(end))
    }

    /// This much later, at most the end of time.
    pub(crate) fn after(self, span: Span) -> Self {
        Self(self.0.saturating_add(span.0))
    }

    /// This much earlier, at least the beginning of time.
    pub(crate) fn before(self, span: Span) -> Self {
        Self(self.0.saturating_sub(span.0))
    }

    /// How long after `earlier` this is; nothing if it is not.
    pub(crate) fn since(self, earlier: Self) -> Span {
        Span(self.0.saturating_sub(earlier.0).max(0))
    }
}

impl Span {
    pub(crate) const ZERO: Self = Self(0);

    pub(crate) const fn seconds(seconds: i64) -> Self {
        Self(seconds.saturating_mul(NANOS_PER_SECOND))
    }

    /// The length of an optional duration, an absent one being none. At most a hundred years, as on the real
    /// server: there is always time after it.
    pub(crate) fn of(duration: Option<&Duration>) -> Self {
        duration.map_or(Self::ZERO, |duration| {
            let seconds = duration.seconds.saturating_mul(NANOS_PER_SECOND);
            Self(seconds.saturating_add(i64::from(duration.nanos))).min(LONGEST)
        })
    }

    pub(crate) fn from_std(duration: StdDuration) -> Self {
        Self(i64::try_from(duration.as_nanos()).unwrap_or(i64::MAX))
    }

    /// A length of calendar reckoning; nothing if it is negative.
    pub(crate) fn from_jiff(duration: jiff::SignedDuration) -> Self {
        Self(i64::try_from(duration.as_nanos().max(0)).unwrap_or(i64::MAX))
    }

    pub(crate) fn std(self) -> StdDuration {
        StdDuration::from_nanos(u64::try_from(self.0).unwrap_or(0))
    }

    pub(crate) fn is_zero(self) -> bool {
        self.0 == 0
    }

    /// As a field of an event that is always present.
    pub(crate) fn duration(self) -> Duration {
        Duration {
            seconds: self.0 / NANOS_PER_SECOND,
            nanos: i32::try_from(self.0 % NANOS_PER_SECOND).expect("a remainder below 10^9 fits"),
        }
    }

    /// As a field of an event that is left out when it is zero.
    pub(crate) fn unless_zero(self) -> Option<Duration> {
        (!self.is_zero()).then(|| self.duration())
    }

    /// The shorter of two limits, where zero means no limit.
    pub(crate) fn clipped(self, limit: Self) -> Self {
        match (self.is_zero(), limit.is_zero()) {
            (_, true) => self,
            (true, false) => limit,
            (false, false) => self.min(limit),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn moments_before_1970_have_a_positive_rest() {
        let timestamp = Time(-1).timestamp();
        assert_eq!((timestamp.seconds, timestamp.nanos), (-1, 999_999_999));
        assert_eq!(Time::from_timestamp(&timestamp), Time(-1));
        assert_eq!(Time::from_system(Time(-1).system()), Time(-1));
    }

    #[test]
    fn zero_is_no_limit() {
        let (none, short, long) = (Span::ZERO, Span::seconds(1), Span::seconds(2));
        assert_eq!(none.clipped(short), short);
        assert_eq!(long.clipped(short), short);
        assert_eq!(short.clipped(none), short);
    }

    #[test]
    fn what_does_not_fit_is_the_end_of_time() {
        assert_eq!(Time(5).after(Span(i64::MAX)), Time(i64::MAX));
        let timestamp = Timestamp {
            seconds: i64::MAX,
            nanos: 0,
        };
        assert_eq!(Time::from_timestamp(&timestamp), Time(i64::MAX));
        let duration = Duration {
            seconds: i64::MAX,
            nanos: 2,
        };
        assert_eq!(Span::of(Some(&duration)), LONGEST);
    }
}
