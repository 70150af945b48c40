//! Canonical forms, which are those that server 1.32.0 shows in `DescribeSchedule`.

use durably_protos::google::protobuf::Duration;
use durably_protos::temporal::api::schedule::v1::{
    CalendarSpec, IntervalSpec, Range, ScheduleSpec, StructuredCalendarSpec,
};

use super::{always, cron, every, range};
use crate::server::schedule_spec::canonicalize;

/// The ranges of a calendar: `start-end/step` of each, by field.
fn shown(calendar: &StructuredCalendarSpec) -> String {
    let ranges = |ranges: &[Range]| {
        let texts: Vec<String> = ranges
            .iter()
            .map(|range| format!("{}-{}/{}", range.start, range.end, range.step))
            .collect();
        texts.join(",")
    };
    format!(
        "s {} m {} h {} dom {} mon {} y {} dow {} #{}",
        ranges(&calendar.second),
        ranges(&calendar.minute),
        ranges(&calendar.hour),
        ranges(&calendar.day_of_month),
        ranges(&calendar.month),
        ranges(&calendar.year),
        ranges(&calendar.day_of_week),
        calendar.comment,
    )
}

#[test]
fn cron_strings_become_structured_calendars() {
    for (text, expected) in [
        (
            "0 12 * * *",
            "s 0-0/1 m 0-0/1 h 12-12/1 dom 1-31/1 mon 1-12/1 y  dow 0-6/1 #",
        ),
        (
            "*/5 * * * MON-FRI # work",
            "s 0-0/1 m 0-59/5 h 0-23/1 dom 1-31/1 mon 1-12/1 y  dow 1-5/1 #work",
        ),
        (
            "0 0 1 jan,mar *",
            "s 0-0/1 m 0-0/1 h 0-0/1 dom 1-1/1 mon 1-1/1,3-3/1 y  dow 0-6/1 #",
        ),
        (
            "3/20 +5 05 december sund",
            "s 0-0/1 m 3-59/20 h 5-5/1 dom 5-5/1 mon 12-12/1 y  dow 0-0/1 #",
        ),
        (
            "*/15,3 5-5 * * 7",
            "s 0-0/1 m 0-59/15,3-3/1 h 5-5/1 dom 1-31/1 mon 1-12/1 y  dow 0-0/1 #",
        ),
        (
            "0 0 * * 5-7",
            "s 0-0/1 m 0-0/1 h 0-0/1 dom 1-31/1 mon 1-12/1 y  dow 0-0/1,5-6/1 #",
        ),
        (
            "0 0 * * 6-7",
            "s 0-0/1 m 0-0/1 h 0-0/1 dom 1-31/1 mon 1-12/1 y  dow 0-0/1,6-6/1 #",
        ),
        (
            "0 0 * * 1-7/2",
            "s 0-0/1 m 0-0/1 h 0-0/1 dom 1-31/1 mon 1-12/1 y  dow 0-0/1,1-6/2 #",
        ),
        (
            "0 0 * * 3-7/3",
            "s 0-0/1 m 0-0/1 h 0-0/1 dom 1-31/1 mon 1-12/1 y  dow 3-6/3 #",
        ),
        (
            "0 0 * * 0-7",
            "s 0-0/1 m 0-0/1 h 0-0/1 dom 1-31/1 mon 1-12/1 y  dow 0-6/1 #",
        ),
        (
            "0 12 * * * 2030",
            "s 0-0/1 m 0-0/1 h 12-12/1 dom 1-31/1 mon 1-12/1 y 2030-2030/1 dow 0-6/1 #",
        ),
        (
            "5 0 12 * * * 2030-2032",
            "s 5-5/1 m 0-0/1 h 12-12/1 dom 1-31/1 mon 1-12/1 y 2030-2032/1 dow 0-6/1 #",
        ),
        (
            "@yearly",
            "s 0-0/1 m 0-0/1 h 0-0/1 dom 1-1/1 mon 1-1/1 y  dow 0-6/1 #",
        ),
        (
            "@weekly",
            "s 0-0/1 m 0-0/1 h 0-0/1 dom 1-31/1 mon 1-12/1 y  dow 0-0/1 #",
        ),
        (
            "@hourly",
            "s 0-0/1 m 0-0/1 h 0-23/1 dom 1-31/1 mon 1-12/1 y  dow 0-6/1 #",
        ),
    ] {
        let spec = canonicalize(&cron(&[text])).unwrap();
        assert_eq!(shown(&spec.structured_calendar[0]), expected, "{text}");
        assert!(spec.cron_string.is_empty());
    }
}

#[test]
fn every_becomes_an_interval() {
    let seconds = |seconds| Some(Duration { seconds, nanos: 0 });
    for (text, interval, phase) in [
        ("@every 1h", 3600, None),
        ("@every 14h/3h", 50_400, seconds(10_800)),
        ("@every 1d", 86_400, None),
        ("@every 1h30m/5m # hi", 5400, seconds(300)),
        ("@every 1h/", 3600, None),
        ("TZ=Europe/Berlin @every 1h", 3600, None),
    ] {
        let spec = canonicalize(&cron(&[text])).unwrap();
        let expected = IntervalSpec {
            interval: seconds(interval),
            phase,
        };
        assert_eq!(spec.interval, [expected], "{text}");
        assert_eq!(spec.timezone_name, "", "{text}");
    }
}

#[test]
fn the_zone_of_cron_strings_becomes_that_of_the_spec() {
    let berlin = "Europe/Berlin";
    for spec in [
        cron(&[
            "TZ=Europe/Berlin 0 1 * * *",
            "CRON_TZ=Europe/Berlin @hourly",
        ]),
        ScheduleSpec {
            timezone_name: berlin.to_owned(),
            ..cron(&["TZ=Europe/Berlin 0 1 * * *"])
        },
        ScheduleSpec {
            timezone_name: berlin.to_owned(),
            ..cron(&["TZ= 0 1 * * *", "0 2 * * *"])
        },
    ] {
        assert_eq!(canonicalize(&spec).unwrap().timezone_name, berlin);
    }
}

#[test]
fn kinds_are_kept_in_order_and_the_form_is_stable() {
    let spec = ScheduleSpec {
        calendar: vec![CalendarSpec {
            hour: "2".to_owned(),
            comment: "two".to_owned(),
            ..CalendarSpec::default()
        }],
        structured_calendar: vec![StructuredCalendarSpec {
            hour: vec![range(3, 0, 0)],
            ..StructuredCalendarSpec::default()
        }],
        exclude_structured_calendar: vec![always()],
        interval: every(60, 0).interval,
        ..cron(&["0 1 * * *", "@every 2h"])
    };
    let canonical = canonicalize(&spec).unwrap();
    let hours: Vec<i32> = canonical
        .structured_calendar
        .iter()
        .map(|calendar| calendar.hour[0].start)
        .collect();
    assert_eq!(hours, [3, 2, 1]);
    assert_eq!(
        canonical.structured_calendar[0].second,
        [],
        "a structured calendar gets no defaults"
    );
    assert_eq!(canonical.interval.len(), 2);
    assert_eq!(canonicalize(&canonical).unwrap(), canonical);
}
