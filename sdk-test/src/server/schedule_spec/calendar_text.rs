//! A [`CalendarSpec`], whose fields are texts, as a [`StructuredCalendarSpec`].

use durably_protos::temporal::api::schedule::v1::{CalendarSpec, StructuredCalendarSpec};

use super::ScheduleSpecError;
use super::range_text::{CalendarField, Names, parse_ranges};

/// The first and the last year that a calendar may name.
pub(super) const YEARS: std::ops::RangeInclusive<i32> = 2000..=2100;

const fn field(
    name: &'static str,
    default: &'static str,
    min: i32,
    max: i32,
    names: Names,
) -> CalendarField {
    CalendarField {
        name,
        default,
        min,
        max,
        names,
    }
}

const SECOND: CalendarField = field("Second", "0", 0, 59, Names::None);
const MINUTE: CalendarField = field("Minute", "0", 0, 59, Names::None);
const HOUR: CalendarField = field("Hour", "0", 0, 23, Names::None);
const DAY_OF_WEEK: CalendarField = field("DayOfWeek", "*", 0, 7, Names::DaysOfWeek);
const DAY_OF_MONTH: CalendarField = field("DayOfMonth", "*", 1, 31, Names::None);
const MONTH: CalendarField = field("Month", "*", 1, 12, Names::Months);
const YEAR: CalendarField = field("Year", "*", *YEARS.start(), *YEARS.end(), Names::Years);

/// Reads all fields, and reports all that cannot be read.
pub(super) fn structured(
    calendar: &CalendarSpec,
) -> Result<StructuredCalendarSpec, ScheduleSpecError> {
    let mut errors = Vec::new();
    let mut ranges = |text: &str, field: &CalendarField| {
        parse_ranges(text, field).unwrap_or_else(|error| {
            errors.push(error);
            Vec::new()
        })
    };
    let structured = StructuredCalendarSpec {
        second: ranges(&calendar.second, &SECOND),
        minute: ranges(&calendar.minute, &MINUTE),
        hour: ranges(&calendar.hour, &HOUR),
        day_of_week: ranges(&calendar.day_of_week, &DAY_OF_WEEK),
        day_of_month: ranges(&calendar.day_of_month, &DAY_OF_MONTH),
        month: ranges(&calendar.month, &MONTH),
        year: ranges(&calendar.year, &YEAR),
        comment: calendar.comment.clone(),
    };
    if errors.is_empty() {
        Ok(structured)
    } else {
        Err(ScheduleSpecError::Calendar(errors))
    }
}
