//! The times of a spec.

use durably_protos::temporal::api::schedule::v1::ScheduleSpec;
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};

use super::calendar::Calendar;
use super::calendar_text::YEARS;
use super::exclusion::{Candidates, Exclusion};
use super::interval::{Interval, nanoseconds};
use super::jitter::with_jitter;
use super::zone::{earliest, floor_seconds, timestamp_of, zone_of};
use super::{ScheduleSpecError, canonicalize};

/// After so many candidates in a row that are excluded, the search ends; each of them stands for a leap over a
/// whole excluded stretch.
const MAX_EXCLUDED: u32 = 20_000;

/// A checked spec, ready to tell its times.
#[derive(Clone, Debug)]
pub(crate) struct CompiledSpec {
    canonical: ScheduleSpec,
    zone: TimeZone,
    calendars: Vec<Calendar>,
    intervals: Vec<Interval>,
    exclusions: Vec<Exclusion>,
    /// A second before the first allowed time, which is 1970 where the spec names none.
    after: Timestamp,
    /// The last allowed time.
    last: Timestamp,
    max_jitter_milliseconds: u32,
}

/// A time of a spec.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct NextTime {
    /// The time of the spec, a whole second.
    pub(crate) nominal: Timestamp,
    /// The same with jitter; always before the nominal time that follows.
    pub(crate) actual: Timestamp,
}

/// The exclusions of a spec take out so many times that the search for the next one was given up.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "the schedule calendar specification has too many exclusions. Please modify the specification."
)]
pub(crate) struct TooManyExclusions;

impl CompiledSpec {
    /// Checks `spec` and compiles its canonical form.
    pub(crate) fn new(spec: &ScheduleSpec) -> Result<Self, ScheduleSpecError> {
        let canonical = canonicalize(spec)?;
        let zone = zone_of(&canonical)?;
        let calendars: Vec<Calendar> = canonical
            .structured_calendar
            .iter()
            .map(Calendar::of_spec)
            .collect();
        let intervals = canonical
            .interval
            .iter()
            .map(Interval::new)
            .collect::<Result<Vec<_>, _>>()?;
        let candidates = Candidates::new(&calendars, &intervals);
        let exclusions = canonical
            .exclude_structured_calendar
            .iter()
            .map(|spec| Exclusion::new(Calendar::of_spec(spec), candidates))
            .collect();
        let first = canonical.start_time.as_ref().map(timestamp_of);
        let last = canonical.end_time.as_ref().map(timestamp_of);
        let jitter = nanoseconds(canonical.jitter.as_ref()).max(0) / 1_000_000;
        Ok(Self {
            zone,
            calendars,
            intervals,
            exclusions,
            after: first
                .unwrap_or(Timestamp::UNIX_EPOCH)
                .checked_sub(SECOND)
                .unwrap_or(Timestamp::MIN),
            last: last.unwrap_or(Timestamp::MAX).min(LAST_TIME),
            max_jitter_milliseconds: u32::try_from(jitter).unwrap_or(u32::MAX),
            canonical,
        })
    }

    /// The spec without texts, as `DescribeSchedule` shows it.
    pub(crate) fn canonical(&self) -> &ScheduleSpec {
        &self.canonical
    }

    /// The most that an actual time is after its nominal time.
    pub(crate) fn max_jitter(&self) -> SignedDuration {
        SignedDuration::from_millis(self.max_jitter_milliseconds.into())
    }

    /// The first time after `after`; `None` if there is none up to the year 2100.
    ///
    /// The same `seed` gives the same jitter. Asked with the actual time of a result, it gives the following one.
    pub(crate) fn next_time(
        &self,
        seed: &str,
        after: Timestamp,
    ) -> Result<Option<NextTime>, TooManyExclusions> {
        let mut after = floor_seconds(after.max(self.after));
        for _ in 0..MAX_EXCLUDED {
            let Some(nominal) = self.next_candidate(after).filter(|next| *next <= self.last) else {
                return Ok(None);
            };
            let exclusion = self
                .exclusions
                .iter()
                .find(|exclusion| exclusion.excludes(&self.zone, nominal));
            let Some(exclusion) = exclusion else {
                return Ok(Some(self.with_jitter(seed, nominal)));
            };
            let Some(end) = exclusion.end(&self.zone, nominal, SEARCH_END) else {
                return Ok(None);
            };
            // The end itself may be a time.
            after = end.checked_sub(SECOND).unwrap_or(end).max(nominal);
        }
        Err(TooManyExclusions)
    }

    /// The times whose actual time is after `after` and not after `until`, in their order.
    pub(crate) fn times<'a>(
        &'a self,
        seed: &'a str,
        after: Timestamp,
        until: Timestamp,
    ) -> Times<'a> {
        Times {
            spec: self,
            seed,
            after: Some(after),
            until,
        }
    }

    /// The first time of an interval or a calendar after the whole second `after`.
    fn next_candidate(&self, after: Timestamp) -> Option<Timestamp> {
        let from = after.checked_add(SECOND).ok()?;
        let of_intervals = self
            .intervals
            .iter()
            .filter_map(|interval| interval.next(after.as_second()))
            .filter_map(|second| Timestamp::from_second(second).ok());
        let mut first = of_intervals.min();
        for calendar in &self.calendars {
            // What comes after the earliest so far is of no interest.
            let until = first.unwrap_or(SEARCH_END);
            let next = earliest(&self.zone, from, until, |begin, end| {
                calendar.next(begin, end)
            });
            first = next.or(first);
        }
        first
    }

    fn with_jitter(&self, seed: &str, nominal: Timestamp) -> NextTime {
        let mut max = self.max_jitter_milliseconds;
        if max > 0
            && let Some(following) = self.next_candidate(nominal)
        {
            let distance = following.duration_since(nominal).as_millis();
            max = max.min(u32::try_from(distance).unwrap_or(u32::MAX));
        }
        NextTime {
            nominal,
            actual: with_jitter(seed, nominal, max),
        }
    }
}

/// The times of a spec within a window; see [`CompiledSpec::times`].
#[derive(Debug)]
pub(crate) struct Times<'a> {
    spec: &'a CompiledSpec,
    seed: &'a str,
    /// `None` once the end was reached.
    after: Option<Timestamp>,
    until: Timestamp,
}

impl Iterator for Times<'_> {
    type Item = Result<NextTime, TooManyExclusions>;

    fn next(&mut self) -> Option<Self::Item> {
        let next = self.spec.next_time(self.seed, self.after.take()?);
        match next {
            Ok(Some(time)) if time.actual <= self.until => {
                self.after = Some(time.actual);
                Some(Ok(time))
            }
            Ok(_) => None,
            Err(error) => Some(Err(error)),
        }
    }
}

const SECOND: SignedDuration = SignedDuration::from_secs(1);

/// The last second of the year 2100 in UTC.
const LAST_TIME: Timestamp = Timestamp::constant(4_133_980_799, 0);

/// Past the year 2100 in every zone.
const SEARCH_END: Timestamp = Timestamp::constant(4_133_980_800 + 2 * 86_400, 0);

const _: () = assert!(
    *YEARS.end() == 2100,
    "the last time is that of the last year"
);
