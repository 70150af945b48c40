//! Calendars whose times are taken out of a schedule.

use jiff::Timestamp;
use jiff::tz::TimeZone;

use super::calendar::{Calendar, Fields};
use super::interval::Interval;
use super::zone::earliest;

/// An excluded calendar, widened to all times that no candidate can have anyway.
///
/// A spec mostly excludes days by a calendar whose seconds and minutes are those of its times: `0 * * * *` less the
/// whole of July as `second 0, minute 0, every hour`. Where a field of the exclusion has all values that candidates
/// can have, it may as well have all values; then the search leaps over July as a whole.
#[derive(Clone, Debug)]
pub(super) struct Exclusion {
    calendar: Calendar,
}

impl Exclusion {
    /// `candidates` are the seconds and minutes of an hour that the times of the spec may have.
    pub(super) fn new(calendar: Calendar, candidates: Candidates) -> Self {
        let Fields {
            second,
            minute,
            hour,
            ..
        } = *calendar.fields();
        let widened = |bits: u64, candidates: u64| {
            if candidates & !bits == 0 {
                u64::MAX
            } else {
                bits
            }
        };
        Self {
            calendar: calendar.with_time(
                widened(second, candidates.second),
                widened(minute, candidates.minute),
                widened(hour, candidates.hour),
            ),
        }
    }

    /// Whether the candidate `time` is taken out.
    pub(super) fn excludes(&self, zone: &TimeZone, time: Timestamp) -> bool {
        self.calendar.matches(zone.to_datetime(time))
    }

    /// The first instant from `from` on and before `until` that is not taken out.
    pub(super) fn end(
        &self,
        zone: &TimeZone,
        from: Timestamp,
        until: Timestamp,
    ) -> Option<Timestamp> {
        earliest(zone, from, until, |begin, end| {
            self.calendar.next_gap(begin, end)
        })
    }
}

/// The values that the local seconds, minutes and hours of a spec's times may have.
#[derive(Clone, Copy, Debug)]
pub(super) struct Candidates {
    second: u64,
    minute: u64,
    hour: u64,
}

impl Candidates {
    pub(super) fn new(calendars: &[Calendar], intervals: &[Interval]) -> Self {
        let mut candidates = Self {
            second: 0,
            minute: 0,
            hour: 0,
        };
        for calendar in calendars {
            candidates.second |= calendar.fields().second;
            candidates.minute |= calendar.fields().minute;
            candidates.hour |= calendar.fields().hour;
        }
        for interval in intervals {
            // Offsets from UTC have been whole minutes in every zone since 1972; schedules act later.
            candidates.second |= match interval.second_of_minute() {
                Some(second) => 1 << second,
                None => u64::MAX,
            };
            candidates.minute = u64::MAX;
            candidates.hour = u64::MAX;
        }
        candidates
    }
}
