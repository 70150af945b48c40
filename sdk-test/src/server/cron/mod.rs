//! `cron_schedule` of a workflow: when the next run of a chain begins.
//!
//! This is not the cron string of a schedule. It has exactly five fields, `?` is `*`, months and days have names of
//! three letters, Sunday is only 0, and when both the day of the month and the day of the week are restricted, one of
//! them suffices.

mod field;
mod parse;
#[cfg(test)]
mod tests;

use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};

use crate::server::schedule_spec::{Calendar, earliest, floor_seconds};

/// A cron schedule of a workflow.
#[derive(Clone, Debug)]
pub(crate) struct Cron {
    rule: Rule,
}

#[derive(Clone, Debug)]
enum Rule {
    Calendar {
        calendar: Calendar,
        zone: TimeZone,
    },
    /// `@every`: so many whole seconds, counted from the start of a run.
    Every(SignedDuration),
}

/// A cron schedule that cannot be read, or that never comes; the message of the real server's `INVALID_ARGUMENT`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum CronError {
    /// It cannot be read.
    #[error("invalid CronSchedule.")]
    Invalid,
    /// No time within five years matches.
    #[error("invalid CronSchedule, no time can be found to satisfy the schedule")]
    NoTime,
}

impl Cron {
    /// Reads `text`: five fields, `@hourly` and its like, or `@every <duration>`, after an optional `CRON_TZ=<zone>`
    /// or `TZ=<zone>`; without it, the fields are in UTC.
    pub(crate) fn parse(text: &str) -> Result<Self, CronError> {
        parse::parse(text)
            .map(|rule| Self { rule })
            .ok_or(CronError::Invalid)
    }

    /// Reads `text` as [`Cron::parse`] does, and refuses a schedule that has no time after `now`: what requests and
    /// commands are checked with.
    pub(crate) fn validate(text: &str, now: Timestamp) -> Result<Self, CronError> {
        let cron = Self::parse(text)?;
        match cron.next(now) {
            Some(_) => Ok(cron),
            None => Err(CronError::NoTime),
        }
    }

    /// When the next run begins, if the run that was to begin at `scheduled` closes at `closed`: the first time of
    /// the schedule after `scheduled` that is not before `closed`. `None` if there is none within five years.
    ///
    /// Runs never overlap: times that come while a run is open pass by. `@every 2s` counts from `scheduled`. For the
    /// first run of a chain, both times are the time of the start request.
    pub(crate) fn next_after(&self, closed: Timestamp, scheduled: Timestamp) -> Option<Timestamp> {
        if closed < scheduled {
            return Some(scheduled);
        }
        match &self.rule {
            Rule::Calendar { .. } => {
                let just_before = closed
                    .checked_sub(SignedDuration::from_nanos(1))
                    .unwrap_or(closed);
                self.next(just_before.max(scheduled))
            }
            Rule::Every(interval) => {
                // The grid is on whole seconds: the fraction of the start is cut.
                let start = floor_seconds(scheduled);
                let elapsed = closed.duration_since(start).as_nanos();
                let interval = interval.as_nanos();
                let steps = (elapsed + interval - 1).div_euclid(interval).max(1);
                let seconds = steps.checked_mul(interval)? / 1_000_000_000;
                start
                    .checked_add(SignedDuration::from_secs(i64::try_from(seconds).ok()?))
                    .ok()
            }
        }
    }

    /// [`Cron::next_after`] as the backoff that the started event shows: whole seconds, rounded up.
    pub(crate) fn backoff(
        &self,
        closed: Timestamp,
        scheduled: Timestamp,
    ) -> Option<SignedDuration> {
        let distance = self.next_after(closed, scheduled)?.duration_since(closed);
        let fraction = i64::from(distance.subsec_nanos() > 0);
        Some(SignedDuration::from_secs(distance.as_secs() + fraction))
    }

    /// The first time after `after`.
    fn next(&self, after: Timestamp) -> Option<Timestamp> {
        let second = floor_seconds(after);
        match &self.rule {
            Rule::Calendar { calendar, zone } => {
                let from = second.checked_add(SignedDuration::from_secs(1)).ok()?;
                let until = from.checked_add(SEARCH).unwrap_or(Timestamp::MAX);
                earliest(zone, from, until, |begin, end| calendar.next(begin, end))
            }
            Rule::Every(interval) => second.checked_add(*interval).ok(),
        }
    }
}

/// How far a time is searched for: to the end of the fifth year, at least.
const SEARCH: SignedDuration = SignedDuration::from_hours(24 * 366 * 6);
