//! A cron string of a schedule: `[TZ=<zone> ](@hourly | @every <interval>[/<phase>] | <5 to 7 fields>)[ # comment]`.

use durably_protos::google::protobuf::Duration;
use durably_protos::temporal::api::schedule::v1::{
    CalendarSpec, IntervalSpec, StructuredCalendarSpec,
};

use super::ScheduleSpecError;
use super::calendar_text::structured;
use crate::server::text::parse_duration;

/// What a cron string stands for.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum CronString {
    /// Times of a calendar, in the zone that the string names, if it does.
    Calendar {
        calendar: StructuredCalendarSpec,
        zone: Option<String>,
    },
    /// `@every`; a zone before it says nothing.
    Interval(IntervalSpec),
}

/// Reads a cron string.
pub(super) fn parse_cron_string(text: &str) -> Result<CronString, ScheduleSpecError> {
    let (zone, rest) = split_zone(text.trim())?;
    let (fields, comment) = rest.split_once('#').unwrap_or((rest, ""));
    let fields = fields.trim();
    if fields.starts_with("@every") {
        return Ok(CronString::Interval(parse_every(fields)?));
    }
    let mut calendar = parse_fields(predefined(fields).unwrap_or(fields))?;
    calendar.comment = comment.trim().to_owned();
    Ok(CronString::Calendar {
        calendar: structured(&calendar)?,
        zone,
    })
}

/// Parts a leading `TZ=<zone> ` or `CRON_TZ=<zone> ` from the rest; an empty zone counts as none.
fn split_zone(text: &str) -> Result<(Option<String>, &str), ScheduleSpecError> {
    let Some(zone) = text
        .strip_prefix("TZ=")
        .or_else(|| text.strip_prefix("CRON_TZ="))
    else {
        return Ok((None, text));
    };
    let (zone, rest) = zone
        .split_once(' ')
        .ok_or(ScheduleSpecError::CronZoneOnly)?;
    Ok(((!zone.is_empty()).then(|| zone.to_owned()), rest))
}

fn parse_every(text: &str) -> Result<IntervalSpec, ScheduleSpecError> {
    let (_, interval) = text
        .split_once(' ')
        .ok_or(ScheduleSpecError::EveryWithoutInterval)?;
    let (interval, phase) = interval.split_once('/').unwrap_or((interval, ""));
    let interval = duration(parse_duration(interval)?);
    let phase = match phase {
        "" => None,
        phase => Some(duration(parse_duration(phase)?)),
    };
    Ok(IntervalSpec {
        interval: Some(interval),
        phase,
    })
}

fn duration(nanoseconds: i64) -> Duration {
    Duration {
        seconds: nanoseconds / 1_000_000_000,
        nanos: (nanoseconds % 1_000_000_000) as i32,
    }
}

fn predefined(text: &str) -> Option<&'static str> {
    Some(match text {
        "@yearly" | "@annually" => "0 0 1 1 *",
        "@monthly" => "0 0 1 * *",
        "@weekly" => "0 0 * * 0",
        "@daily" | "@midnight" => "0 0 * * *",
        "@hourly" => "0 * * * *",
        _ => return None,
    })
}

/// The fields by their number: 5 begin with the minute, 6 end with the year, 7 begin with the second.
fn parse_fields(text: &str) -> Result<CalendarSpec, ScheduleSpecError> {
    let fields: Vec<&str> = text.split_whitespace().take(8).collect();
    let (second, minute, hour, day_of_month, month, day_of_week, year) = match fields[..] {
        [m, h, dom, mon, dow] => ("", m, h, dom, mon, dow, ""),
        [m, h, dom, mon, dow, y] => ("", m, h, dom, mon, dow, y),
        [s, m, h, dom, mon, dow, y] => (s, m, h, dom, mon, dow, y),
        _ => return Err(ScheduleSpecError::CronFieldCount),
    };
    Ok(CalendarSpec {
        second: second.to_owned(),
        minute: minute.to_owned(),
        hour: hour.to_owned(),
        day_of_month: day_of_month.to_owned(),
        month: month.to_owned(),
        day_of_week: day_of_week.to_owned(),
        year: year.to_owned(),
        comment: String::new(),
    })
}
