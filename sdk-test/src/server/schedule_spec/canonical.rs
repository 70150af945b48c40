//! The canonical form of a spec, which has no texts.

use durably_protos::temporal::api::schedule::v1::{Range, ScheduleSpec, StructuredCalendarSpec};

use super::ScheduleSpecError;
use super::calendar_text::{YEARS, structured};
use super::cron_text::{CronString, parse_cron_string};
use super::interval::Interval;

/// The longest comment of a calendar, in bytes.
const COMMENT_LENGTH: usize = 200;

/// Checks `spec` and turns its calendars and cron strings into structured calendars and intervals, with the ends and
/// steps of all ranges filled in.
///
/// The canonical form of a canonical form is the same.
pub(crate) fn canonicalize(spec: &ScheduleSpec) -> Result<ScheduleSpec, ScheduleSpecError> {
    let mut spec = spec.clone();
    for calendar in std::mem::take(&mut spec.calendar) {
        spec.structured_calendar.push(structured(&calendar)?);
    }
    #[allow(deprecated, reason = "`exclude_calendar` is still accepted by servers")]
    for calendar in std::mem::take(&mut spec.exclude_calendar) {
        spec.exclude_structured_calendar
            .push(structured(&calendar)?);
    }
    add_cron_strings(&mut spec)?;
    for calendar in &spec.structured_calendar {
        check_calendar(calendar)?;
    }
    for interval in &spec.interval {
        Interval::new(interval)?;
    }
    for calendar in spec
        .structured_calendar
        .iter_mut()
        .chain(&mut spec.exclude_structured_calendar)
    {
        fill_ranges(calendar);
    }
    Ok(spec)
}

/// Adds what the cron strings stand for. All of them, and the spec, must agree on the time zone; that one string
/// names none while another does is a disagreement, too.
fn add_cron_strings(spec: &mut ScheduleSpec) -> Result<(), ScheduleSpecError> {
    let mut agreed: Option<Option<String>> = None;
    for text in std::mem::take(&mut spec.cron_string) {
        let zone = match parse_cron_string(&text)? {
            CronString::Calendar { calendar, zone } => {
                spec.structured_calendar.push(calendar);
                zone
            }
            CronString::Interval(interval) => {
                spec.interval.push(interval);
                None
            }
        };
        if agreed.as_ref().is_some_and(|agreed| *agreed != zone) {
            return Err(ScheduleSpecError::ConflictingTimeZones);
        }
        agreed = Some(zone);
    }
    let Some(zone) = agreed.flatten() else {
        return Ok(());
    };
    let other_zone = !spec.timezone_name.is_empty() && spec.timezone_name != zone;
    if other_zone || !spec.timezone_data.is_empty() {
        return Err(ScheduleSpecError::ConflictingTimeZones);
    }
    spec.timezone_name = zone;
    Ok(())
}

fn check_calendar(calendar: &StructuredCalendarSpec) -> Result<(), ScheduleSpecError> {
    let mut errors = Vec::new();
    for (field, ranges, min, max) in [
        ("Second", &calendar.second, 0, 59),
        ("Minute", &calendar.minute, 0, 59),
        ("Hour", &calendar.hour, 0, 23),
        ("DayOfMonth", &calendar.day_of_month, 1, 31),
        ("Month", &calendar.month, 1, 12),
        ("Year", &calendar.year, *YEARS.start(), *YEARS.end()),
        ("DayOfWeek", &calendar.day_of_week, 0, 6),
    ] {
        for range in ranges {
            if !(min..=max).contains(&range.start) {
                errors.push(format!("{field} Start is not in range [{min}-{max}]"));
            }
            if range.end != 0 && (range.end < range.start || range.end > max) {
                errors.push(format!(
                    "{field} End is before Start or not in range [{min}-{max}]"
                ));
            }
            if range.step < 0 {
                errors.push(format!("{field} has invalid Step"));
            }
        }
    }
    if calendar.comment.len() > COMMENT_LENGTH {
        errors.push("comment is too long".to_owned());
    }
    if errors.is_empty() {
        Ok(())
    } else {
        Err(ScheduleSpecError::StructuredCalendar(errors))
    }
}

fn fill_ranges(calendar: &mut StructuredCalendarSpec) {
    for ranges in [
        &mut calendar.second,
        &mut calendar.minute,
        &mut calendar.hour,
        &mut calendar.day_of_month,
        &mut calendar.month,
        &mut calendar.year,
        &mut calendar.day_of_week,
    ] {
        for Range { start, end, step } in ranges {
            *end = (*end).max(*start);
            if *step == 0 {
                *step = 1;
            }
        }
    }
}
