//! Times of an [`IntervalSpec`]: every `interval` since 1970, moved by `phase`.

use durably_protos::google::protobuf::Duration;
use durably_protos::temporal::api::schedule::v1::IntervalSpec;

use super::ScheduleSpecError;

/// An interval and its phase in whole seconds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Interval {
    seconds: i64,
    phase: i64,
}

impl Interval {
    /// Fails unless the interval is at least a second and the phase is within it.
    pub(super) fn new(spec: &IntervalSpec) -> Result<Self, ScheduleSpecError> {
        let interval = nanoseconds(spec.interval.as_ref());
        let phase = nanoseconds(spec.phase.as_ref());
        if interval < SECOND {
            return Err(ScheduleSpecError::IntervalTooSmall);
        }
        if phase < 0 {
            return Err(ScheduleSpecError::NegativePhase);
        }
        if phase >= interval {
            return Err(ScheduleSpecError::PhaseTooLarge);
        }
        // Nanoseconds out of their range can exceed what a valid message holds.
        let seconds = |nanoseconds: i128| i64::try_from(nanoseconds / SECOND).unwrap_or(i64::MAX);
        Ok(Self {
            seconds: seconds(interval),
            phase: seconds(phase),
        })
    }

    /// The first second after `after`; `None` beyond the range of seconds.
    pub(super) fn next(self, after: i64) -> Option<i64> {
        let (seconds, phase) = (i128::from(self.seconds), i128::from(self.phase));
        let elapsed = (i128::from(after) - phase).div_euclid(seconds) + 1;
        i64::try_from(elapsed * seconds + phase).ok()
    }

    /// The one second of the minute that all its times have, if there is one.
    pub(super) fn second_of_minute(self) -> Option<i64> {
        (self.seconds % 60 == 0).then_some(self.phase % 60)
    }
}

const SECOND: i128 = 1_000_000_000;

/// The length of a duration; none is 0.
pub(super) fn nanoseconds(duration: Option<&Duration>) -> i128 {
    duration.map_or(0, |duration| {
        i128::from(duration.seconds) * SECOND + i128::from(duration.nanos)
    })
}
