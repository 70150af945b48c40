//! Why a spec is refused.

use super::range_text::RangeTextError;
use crate::server::text::DurationTextError;

/// A spec that no schedule can have; `CreateSchedule` and `UpdateSchedule` answer
/// `INVALID_ARGUMENT("Invalid schedule spec: <this>")`.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum ScheduleSpecError {
    /// A cron string has a number of fields other than 5, 6 and 7.
    #[error("CronString does not have 5-7 fields")]
    CronFieldCount,
    /// A cron string ends after its time zone.
    #[error("CronString has time zone but missing fields")]
    CronZoneOnly,
    /// A cron string is `@every` alone.
    #[error("CronString does not have interval after @every")]
    EveryWithoutInterval,
    /// The interval or the phase of `@every` is not a duration.
    #[error(transparent)]
    Duration(#[from] DurationTextError),
    /// Fields of one calendar or cron string cannot be read.
    #[error("{}", joined(.0))]
    Calendar(Vec<RangeTextError>),
    /// Values of a structured calendar are out of their range.
    #[error("invalid calendar spec: {}", .0.join(", "))]
    StructuredCalendar(Vec<String>),
    /// An interval is below one second.
    #[error("interval is too small")]
    IntervalTooSmall,
    /// A phase is negative.
    #[error("phase is negative")]
    NegativePhase,
    /// A phase is not below its interval.
    #[error("phase cannot be greater than Interval")]
    PhaseTooLarge,
    /// Cron strings, or they and the spec, name different time zones.
    #[error("conflicting timezone names")]
    ConflictingTimeZones,
    /// The time zone database has no zone of this name.
    #[error("unknown time zone {0}")]
    UnknownTimeZone(String),
    /// The name of the time zone is a path.
    #[error("time: invalid location name")]
    InvalidTimeZoneName,
    /// `timezone_data` is not the content of a TZif file.
    #[error("malformed time zone information")]
    MalformedTimeZoneData,
}

fn joined(errors: &[RangeTextError]) -> String {
    let texts: Vec<String> = errors.iter().map(ToString::to_string).collect();
    texts.join(", ")
}
