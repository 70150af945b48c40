//! Times of random specs against a scan of every second.

use durably_protos::temporal::api::schedule::v1::{Range, ScheduleSpec, StructuredCalendarSpec};
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};
use rand_core::{Rng, SeedableRng};
use rand_pcg::Pcg64Mcg;

use super::{compiled, every, range};
use crate::server::schedule_spec::load_zone;

/// Each window holds a transition of its zone, or the end of a year.
const WINDOWS: [(&str, &str); 8] = [
    ("UTC", "2027-12-31T20:00:00Z"),
    ("UTC", "2028-02-28T22:00:00Z"),
    ("Europe/Berlin", "2026-03-28T23:00:00Z"),
    ("Europe/Berlin", "2026-10-24T22:00:00Z"),
    ("America/New_York", "2026-11-01T03:00:00Z"),
    ("America/Santiago", "2026-09-06T02:00:00Z"),
    ("Australia/Lord_Howe", "2026-04-04T13:00:00Z"),
    ("Asia/Kathmandu", "2027-12-31T16:00:00Z"),
];
const WINDOW_SECONDS: i64 = 8 * 3600;
const SPECS_PER_WINDOW: usize = 5;

#[test]
fn random_specs_have_exactly_the_times_that_match() {
    for (place, (zone, start)) in WINDOWS.into_iter().enumerate() {
        let mut random = Random(Pcg64Mcg::seed_from_u64(place as u64));
        let start: Timestamp = start.parse().unwrap();
        for _ in 0..SPECS_PER_WINDOW {
            let spec = random.spec(zone);
            let end = start + SignedDuration::from_secs(WINDOW_SECONDS);
            let found: Vec<Timestamp> = compiled(&spec)
                .times("", start, end)
                .map(|time| time.unwrap().nominal)
                .collect();
            let expected = scan(&spec, &load_zone(zone).unwrap(), start, end);
            assert_eq!(found, expected, "{spec:?}");
        }
    }
}

fn scan(spec: &ScheduleSpec, zone: &TimeZone, start: Timestamp, end: Timestamp) -> Vec<Timestamp> {
    let of_interval = |second: i64| {
        spec.interval.iter().any(|interval| {
            let seconds = interval.interval.unwrap().seconds;
            let phase = interval.phase.unwrap().seconds;
            (second - phase) % seconds == 0
        })
    };
    let matches = |calendars: &[StructuredCalendarSpec], time: Timestamp| {
        let time = zone.to_datetime(time);
        calendars.iter().any(|calendar| {
            has(&calendar.second, time.second().into())
                && has(&calendar.minute, time.minute().into())
                && has(&calendar.hour, time.hour().into())
                && has(&calendar.day_of_month, time.day().into())
                && has(&calendar.month, time.month().into())
                && has(
                    &calendar.day_of_week,
                    time.date().weekday().to_sunday_zero_offset().into(),
                )
                && (calendar.year.is_empty() || has(&calendar.year, time.year().into()))
        })
    };
    (start.as_second() + 1..=end.as_second())
        .map(|second| Timestamp::from_second(second).unwrap())
        .filter(|time| of_interval(time.as_second()) || matches(&spec.structured_calendar, *time))
        .filter(|time| !matches(&spec.exclude_structured_calendar, *time))
        .collect()
}

fn has(ranges: &[Range], value: i32) -> bool {
    ranges.iter().any(|range| {
        value >= range.start
            && value <= range.end.max(range.start)
            && (value - range.start) % range.step.max(1) == 0
    })
}

struct Random(Pcg64Mcg);

impl Random {
    fn below(&mut self, bound: i32) -> i32 {
        (self.0.next_u64() % bound as u64) as i32
    }

    fn spec(&mut self, zone: &str) -> ScheduleSpec {
        let mut spec = ScheduleSpec {
            timezone_name: zone.to_owned(),
            ..ScheduleSpec::default()
        };
        for _ in 0..self.below(3) {
            let seconds = [1, 7, 60, 90, 3600][self.below(5) as usize];
            let phase = self.below(seconds as i32);
            spec.interval.extend(every(seconds, phase.into()).interval);
        }
        for _ in 0..=self.below(2) {
            let calendar = self.calendar();
            spec.structured_calendar.push(calendar);
        }
        for _ in 0..self.below(3) {
            let calendar = self.calendar();
            spec.exclude_structured_calendar.push(calendar);
        }
        spec
    }

    fn calendar(&mut self) -> StructuredCalendarSpec {
        StructuredCalendarSpec {
            second: self.ranges(0, 59),
            minute: self.ranges(0, 59),
            hour: self.ranges(0, 23),
            day_of_month: vec![range(1, 31, 1)],
            month: vec![range(1, 12, 1)],
            year: if self.below(4) == 0 {
                vec![range(2026, 2027, 1)]
            } else {
                Vec::new()
            },
            day_of_week: self.ranges(0, 6),
            comment: String::new(),
        }
    }

    /// Everything, one value, or one or two ranges.
    fn ranges(&mut self, min: i32, max: i32) -> Vec<Range> {
        match self.below(4) {
            0 | 1 => vec![range(min, max, 1)],
            2 => vec![range(self.below(max + 1), 0, 0)],
            _ => (0..=self.below(2))
                .map(|_| {
                    let start = self.below(max + 1);
                    range(
                        start,
                        start + self.below(max - start + 1),
                        1 + self.below(9),
                    )
                })
                .collect(),
        }
    }
}
