//! Time zones, and the search for a local time in them.

use durably_protos::google::protobuf;
use durably_protos::temporal::api::schedule::v1::ScheduleSpec;
use jiff::Timestamp;
use jiff::civil::DateTime;
use jiff::tz::TimeZone;

use super::ScheduleSpecError;

/// The zone of a spec: its data, or its name in the bundled time zone database, or UTC.
pub(super) fn zone_of(spec: &ScheduleSpec) -> Result<TimeZone, ScheduleSpecError> {
    if !spec.timezone_data.is_empty() {
        return TimeZone::tzif(&spec.timezone_name, &spec.timezone_data)
            .map_err(|_| ScheduleSpecError::MalformedTimeZoneData);
    }
    load_zone(&spec.timezone_name)
}

/// The zone of this name in the time zone database, which is spelled as there: `europe/berlin` is unknown.
///
/// No name is UTC, and so is `Local`: the results must not depend on the machine.
pub(crate) fn load_zone(name: &str) -> Result<TimeZone, ScheduleSpecError> {
    if matches!(name, "" | "UTC" | "Local") {
        return Ok(TimeZone::UTC);
    }
    if name.starts_with(['/', '\\']) || name.contains("..") || name.contains('\\') {
        return Err(ScheduleSpecError::InvalidTimeZoneName);
    }
    let unknown = || ScheduleSpecError::UnknownTimeZone(name.to_owned());
    let zone = jiff::tz::db().get(name).map_err(|_| unknown())?;
    if zone.iana_name() == Some(name) {
        Ok(zone)
    } else {
        Err(unknown())
    }
}

/// The first instant from `from` on and before `until` whose local time `find` gives.
///
/// `find(begin, end)` is the first local time of interest from `begin` on and before `end`. Between two transitions
/// of the zone local times run like instants, so it is asked once for each such stretch. A local time that a
/// transition skips is never found; one that is repeated is found twice.
pub(crate) fn earliest(
    zone: &TimeZone,
    from: Timestamp,
    until: Timestamp,
    find: impl Fn(DateTime, DateTime) -> Option<DateTime>,
) -> Option<Timestamp> {
    let mut begin = from;
    while begin < until {
        let offset = zone.to_offset(begin);
        let end = zone
            .following(begin)
            .next()
            .map_or(until, |transition| transition.timestamp().min(until));
        if let Some(local) = find(offset.to_datetime(begin), offset.to_datetime(end)) {
            return offset.to_timestamp(local).ok();
        }
        begin = end;
    }
    None
}

/// `time` without the fraction of its second, towards the past.
pub(crate) fn floor_seconds(time: Timestamp) -> Timestamp {
    let before = i64::from(time.subsec_nanosecond() < 0);
    Timestamp::from_second(time.as_second() - before).unwrap_or(Timestamp::MIN)
}

/// A protobuf timestamp; one out of the years -9999 to 9999 is the nearest within.
pub(crate) fn timestamp_of(time: &protobuf::Timestamp) -> Timestamp {
    Timestamp::new(time.seconds, time.nanos).unwrap_or(if time.seconds < 0 {
        Timestamp::MIN
    } else {
        Timestamp::MAX
    })
}

/// `time` as a protobuf timestamp.
pub(crate) fn proto_timestamp(time: Timestamp) -> protobuf::Timestamp {
    // Nanoseconds of protobuf count from the second before, also ahead of 1970.
    let second = floor_seconds(time);
    let nanos = time.duration_since(second).subsec_nanos();
    protobuf::Timestamp {
        seconds: second.as_second(),
        nanos,
    }
}
