//! The text of a cron schedule.

use jiff::SignedDuration;
use jiff::tz::TimeZone;

use super::Rule;
use super::field::{Field, FieldRange, parse_field};
use crate::server::schedule_spec::{Calendar, DayRule, Fields, load_zone};
use crate::server::text::parse_duration;

const MINUTE: FieldRange = FieldRange {
    min: 0,
    max: 59,
    names: &[],
};
const HOUR: FieldRange = FieldRange {
    min: 0,
    max: 23,
    names: &[],
};
const DAY_OF_MONTH: FieldRange = FieldRange {
    min: 1,
    max: 31,
    names: &[],
};
const MONTH: FieldRange = FieldRange {
    min: 1,
    max: 12,
    names: &[
        "jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec",
    ],
};
const DAY_OF_WEEK: FieldRange = FieldRange {
    min: 0,
    max: 6,
    names: &["sun", "mon", "tue", "wed", "thu", "fri", "sat"],
};

/// `None` if the text is no cron schedule.
pub(super) fn parse(text: &str) -> Option<Rule> {
    let zoned = text
        .strip_prefix("TZ=")
        .or_else(|| text.strip_prefix("CRON_TZ="));
    let (zone, text) = match zoned {
        Some(zoned) => {
            let (zone, text) = zoned.split_once(' ')?;
            (load_zone(zone).ok()?, text.trim())
        }
        None => (TimeZone::UTC, text),
    };
    if let Some(interval) = text.strip_prefix("@every ") {
        return every(interval);
    }
    let fields = if text.starts_with('@') {
        predefined(text)?
    } else {
        text
    };
    calendar(fields).map(|calendar| Rule::Calendar { calendar, zone })
}

/// Whole seconds, and at least one.
fn every(interval: &str) -> Option<Rule> {
    let nanoseconds = parse_go_duration(interval)?;
    let seconds = (nanoseconds / 1_000_000_000).max(1);
    Some(Rule::Every(SignedDuration::from_secs(seconds)))
}

/// Unlike a schedule's, the durations of a workflow's cron schedule know no days.
fn parse_go_duration(text: &str) -> Option<i64> {
    if text.contains('d') {
        return None;
    }
    parse_duration(text).ok()
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

fn calendar(text: &str) -> Option<Calendar> {
    let fields: Vec<&str> = text.split_whitespace().take(6).collect();
    let [minute, hour, day_of_month, month, day_of_week] = fields[..] else {
        return None;
    };
    let day_of_month: Field = parse_field(day_of_month, DAY_OF_MONTH)?;
    let day_of_week: Field = parse_field(day_of_week, DAY_OF_WEEK)?;
    let day_rule = if day_of_month.any || day_of_week.any {
        DayRule::Both
    } else {
        DayRule::Either
    };
    let fields = Fields {
        second: 1,
        minute: parse_field(minute, MINUTE)?.bits,
        hour: parse_field(hour, HOUR)?.bits,
        day_of_month: day_of_month.bits,
        month: parse_field(month, MONTH)?.bits,
        day_of_week: day_of_week.bits,
    };
    Some(Calendar::new(fields, day_rule))
}
