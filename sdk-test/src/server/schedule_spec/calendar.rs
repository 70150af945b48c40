//! Local times by the values of their fields.

use durably_protos::temporal::api::schedule::v1::{Range, StructuredCalendarSpec};
use jiff::civil::{Date, DateTime, Time};

use super::calendar_text::YEARS;

/// The values that fields of a local time may have, as bits: bit 5 of `hour` allows 5 o'clock.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Fields {
    pub(crate) second: u64,
    pub(crate) minute: u64,
    pub(crate) hour: u64,
    pub(crate) day_of_month: u64,
    pub(crate) month: u64,
    /// Sunday is bit 0.
    pub(crate) day_of_week: u64,
}

/// How the day of the month and the day of the week combine.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum DayRule {
    /// Both must match: schedules.
    Both,
    /// One of them must match: cron, when neither is `*`.
    Either,
}

/// A set of local times.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Calendar {
    fields: Fields,
    day_rule: DayRule,
    /// Bit 0 is the year 2000; `None` is every year.
    years: Option<u128>,
}

impl Calendar {
    /// The times whose fields all match, of every year up to 2100.
    pub(crate) fn new(fields: Fields, day_rule: DayRule) -> Self {
        Self {
            fields,
            day_rule,
            years: None,
        }
    }

    /// The calendar of a spec. A field without ranges matches no time, except that of years, which matches all.
    pub(super) fn of_spec(spec: &StructuredCalendarSpec) -> Self {
        let fields = Fields {
            second: bits(&spec.second),
            minute: bits(&spec.minute),
            hour: bits(&spec.hour),
            day_of_month: bits(&spec.day_of_month),
            month: bits(&spec.month),
            day_of_week: bits(&spec.day_of_week),
        };
        let years = spec.year.iter().fold(0u128, |years, range| {
            values(range, *YEARS.end()).fold(years, |years, year| years | year_bit(year))
        });
        Self {
            fields,
            day_rule: DayRule::Both,
            years: (!spec.year.is_empty()).then_some(years),
        }
    }

    pub(super) fn fields(&self) -> &Fields {
        &self.fields
    }

    /// The same calendar with other values for the seconds, minutes and hours.
    pub(super) fn with_time(self, second: u64, minute: u64, hour: u64) -> Self {
        Self {
            fields: Fields {
                second,
                minute,
                hour,
                ..self.fields
            },
            ..self
        }
    }

    pub(crate) fn matches(&self, time: DateTime) -> bool {
        self.matches_date(time.date())
            && has(self.fields.hour, time.hour())
            && has(self.fields.minute, time.minute())
            && has(self.fields.second, time.second())
    }

    /// The first time from `from` on and before `end` that matches. Both are whole seconds.
    pub(crate) fn next(&self, from: DateTime, end: DateTime) -> Option<DateTime> {
        let mut date = from.date();
        let mut floor = from.time();
        while date <= end.date() && i32::from(date.year()) <= *YEARS.end() {
            if !self.matches_year(date.year()) {
                date = Date::new(date.year() + 1, 1, 1).ok()?;
            } else if !has(self.fields.month, date.month()) {
                date = date.last_of_month().tomorrow().ok()?;
            } else {
                if self.matches_day(date)
                    && let Some(time) = self.next_time_of_day(floor)
                {
                    let found = date.to_datetime(time);
                    return (found < end).then_some(found);
                }
                date = date.tomorrow().ok()?;
            }
            floor = Time::midnight();
        }
        None
    }

    /// The first time from `from` on and before `end` that does not match. Both are whole seconds.
    ///
    /// It leaps over minutes, hours and days all of whose seconds match.
    pub(super) fn next_gap(&self, from: DateTime, end: DateTime) -> Option<DateTime> {
        let every_second = self.fields.second & SIXTY == SIXTY;
        let every_minute = every_second && self.fields.minute & SIXTY == SIXTY;
        let every_hour = every_minute && self.fields.hour & DAY == DAY;
        let mut time = from;
        while time < end {
            if !self.matches(time) {
                return Some(time);
            }
            time = if every_hour {
                time.date().tomorrow().ok()?.to_datetime(Time::midnight())
            } else {
                let step = match (every_minute, every_second) {
                    (true, _) => 3600 - 60 * i64::from(time.minute()) - i64::from(time.second()),
                    (_, true) => 60 - i64::from(time.second()),
                    _ => 1,
                };
                time.checked_add(jiff::SignedDuration::from_secs(step))
                    .ok()?
            };
        }
        None
    }

    fn matches_date(&self, date: Date) -> bool {
        self.matches_year(date.year())
            && has(self.fields.month, date.month())
            && self.matches_day(date)
    }

    fn matches_year(&self, year: i16) -> bool {
        self.years
            .is_none_or(|years| years & year_bit(i32::from(year)) != 0)
    }

    fn matches_day(&self, date: Date) -> bool {
        let of_month = has(self.fields.day_of_month, date.day());
        let of_week = has(
            self.fields.day_of_week,
            date.weekday().to_sunday_zero_offset(),
        );
        match self.day_rule {
            DayRule::Both => of_month && of_week,
            DayRule::Either => of_month || of_week,
        }
    }

    fn next_time_of_day(&self, floor: Time) -> Option<Time> {
        let Fields {
            hour,
            minute,
            second,
            ..
        } = self.fields;
        let first_minute = next_bit(minute, 0)?;
        let first_second = next_bit(second, 0)?;
        let later_hour = || {
            let hour = next_bit(hour, floor.hour() + 1)?;
            Time::new(hour, first_minute, first_second, 0).ok()
        };
        if !has(hour, floor.hour()) {
            return later_hour();
        }
        if has(minute, floor.minute())
            && let Some(second) = next_bit(second, floor.second())
        {
            return Time::new(floor.hour(), floor.minute(), second, 0).ok();
        }
        match next_bit(minute, floor.minute() + 1) {
            Some(minute) => Time::new(floor.hour(), minute, first_second, 0).ok(),
            None => later_hour(),
        }
    }
}

const SIXTY: u64 = (1 << 60) - 1;
const DAY: u64 = (1 << 24) - 1;

fn has(bits: u64, value: i8) -> bool {
    u32::try_from(value).is_ok_and(|value| bits.checked_shr(value).unwrap_or(0) & 1 == 1)
}

/// The first set bit from `from` on.
fn next_bit(bits: u64, from: i8) -> Option<i8> {
    let rest = bits.checked_shr(u32::try_from(from).ok()?)?;
    let distance = i8::try_from(rest.trailing_zeros()).ok()?;
    (rest != 0).then(|| from + distance)
}

fn year_bit(year: i32) -> u128 {
    u32::try_from(year - YEARS.start())
        .ok()
        .and_then(|place| 1u128.checked_shl(place))
        .unwrap_or(0)
}

/// The values of `ranges` as bits; those beyond 63 are those of no field.
fn bits(ranges: &[Range]) -> u64 {
    ranges
        .iter()
        .flat_map(|range| values(range, 63))
        .filter_map(|value| u32::try_from(value).ok())
        .fold(0, |bits, value| bits | 1 << value)
}

/// The values of a range up to `max`; an end before the start is the start, no step is 1.
fn values(range: &Range, max: i32) -> impl Iterator<Item = i32> + use<> {
    let step = usize::try_from(range.step).unwrap_or(1).max(1);
    let start = range.start.max(0);
    (start..=range.end.max(range.start).min(max)).step_by(step)
}
