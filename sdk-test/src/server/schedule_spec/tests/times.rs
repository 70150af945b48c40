//! Times of specs.

use durably_protos::google::protobuf::{Duration, Timestamp as ProtoTimestamp};
use durably_protos::temporal::api::schedule::v1::{ScheduleSpec, StructuredCalendarSpec};
use jiff::Timestamp;

use super::{always, compiled, cron, every, nominal, range};
use crate::server::schedule_spec::TooManyExclusions;

#[test]
fn intervals_are_aligned_to_1970() {
    assert_eq!(
        nominal(&every(3600, 0), "2026-11-22T11:56:00Z", 3),
        [
            "2026-11-22T12:00:00Z",
            "2026-11-22T13:00:00Z",
            "2026-11-22T14:00:00Z"
        ]
    );
    assert_eq!(
        nominal(&every(50_400, 10_800), "2026-11-22T22:42:00Z", 2),
        ["2026-11-23T05:00:00Z", "2026-11-23T19:00:00Z"]
    );
    assert_eq!(
        nominal(&every(3600, 60), "1969-12-31T00:00:00Z", 1),
        ["1970-01-01T00:01:00Z"],
        "nothing happens before 1970"
    );
}

#[test]
fn the_next_time_is_strictly_later() {
    let spec = every(60, 0);
    for after in ["2026-11-22T12:00:00Z", "2026-11-22T12:00:59.999999999Z"] {
        assert_eq!(nominal(&spec, after, 1), ["2026-11-22T12:01:00Z"]);
    }
}

#[test]
fn times_are_the_union_of_all_kinds() {
    let spec = ScheduleSpec {
        interval: every(43_200, 0).interval,
        ..cron(&["0 6 * * *", "0 12 * * *"])
    };
    assert_eq!(
        nominal(&spec, "2026-11-22T00:00:00Z", 3),
        [
            "2026-11-22T06:00:00Z",
            "2026-11-22T12:00:00Z",
            "2026-11-23T00:00:00Z"
        ]
    );
}

#[test]
fn start_and_end_are_allowed_times() {
    let time = |text: &str| {
        let seconds = text.parse::<Timestamp>().unwrap().as_second();
        Some(ProtoTimestamp { seconds, nanos: 0 })
    };
    let spec = ScheduleSpec {
        start_time: time("2026-01-01T00:00:00Z"),
        end_time: time("2026-01-01T02:00:00Z"),
        ..every(3600, 0)
    };
    assert_eq!(
        nominal(&spec, "2020-01-01T00:00:00Z", 10),
        [
            "2026-01-01T00:00:00Z",
            "2026-01-01T01:00:00Z",
            "2026-01-01T02:00:00Z"
        ]
    );
    let absurd = ScheduleSpec {
        start_time: Some(ProtoTimestamp {
            seconds: i64::MAX,
            nanos: -5,
        }),
        ..every(3600, 0)
    };
    assert_eq!(nominal(&absurd, "2020-01-01T00:00:00Z", 1), [""; 0]);
}

#[test]
fn specs_without_a_time_end() {
    for spec in [
        ScheduleSpec::default(),
        cron(&["0 0 30 2 *"]),
        cron(&["0 0 1 1 * 2020"]),
        ScheduleSpec {
            structured_calendar: vec![StructuredCalendarSpec {
                hour: vec![range(3, 7, 2)],
                ..StructuredCalendarSpec::default()
            }],
            ..ScheduleSpec::default()
        },
        ScheduleSpec {
            exclude_structured_calendar: vec![always()],
            ..every(1, 0)
        },
    ] {
        assert_eq!(nominal(&spec, "2026-01-01T00:00:00Z", 1), [""; 0]);
    }
    assert_eq!(
        nominal(&cron(&["0 0 1 1 *"]), "2099-06-01T00:00:00Z", 3),
        ["2100-01-01T00:00:00Z"],
        "the last year is 2100"
    );
}

#[test]
fn exclusions_are_leapt_over() {
    let mut but_december = always();
    but_december.month = vec![range(1, 11, 1)];
    let mut on_the_minute = but_december.clone();
    on_the_minute.second = vec![range(0, 0, 1)];
    for exclusion in [but_december, on_the_minute] {
        let spec = ScheduleSpec {
            exclude_structured_calendar: vec![exclusion],
            ..every(60, 0)
        };
        assert_eq!(
            nominal(&spec, "2026-01-01T00:00:00Z", 2),
            ["2026-12-01T00:00:00Z", "2026-12-01T00:01:00Z"]
        );
    }
}

#[test]
fn a_hopeless_search_is_given_up() {
    let mut even = always();
    even.second = vec![range(0, 59, 2)];
    let mut odd = always();
    odd.second = vec![range(1, 59, 2)];
    let spec = ScheduleSpec {
        exclude_structured_calendar: vec![even, odd],
        ..every(7, 0)
    };
    let result = compiled(&spec).next_time("", Timestamp::UNIX_EPOCH);
    assert_eq!(result, Err(TooManyExclusions));
}

#[test]
fn jitter_is_repeatable_and_ends_before_the_next_time() {
    let spec = ScheduleSpec {
        jitter: Some(Duration {
            seconds: 86_400,
            nanos: 0,
        }),
        ..every(60, 0)
    };
    let spec = compiled(&spec);
    let until = Timestamp::from_second(60 * 1000).unwrap();
    let times = |seed| -> Vec<_> {
        spec.times(seed, Timestamp::UNIX_EPOCH, until)
            .map(Result::unwrap)
            .collect()
    };
    let first = times("a");
    assert_eq!(first, times("a"));
    assert_ne!(first, times("b"));
    let delays: Vec<i64> = first
        .iter()
        .map(|time| (time.actual.duration_since(time.nominal)).as_millis() as i64)
        .collect();
    assert!(delays.iter().all(|delay| (0..60_000).contains(delay)));
    let mean = delays.iter().sum::<i64>() / i64::try_from(delays.len()).unwrap();
    assert!((27_000..33_000).contains(&mean), "{mean}");
    assert!(
        first
            .windows(2)
            .all(|pair| pair[1].nominal.duration_since(pair[0].nominal).as_secs() == 60),
        "the actual time of one leads to the next"
    );
}

#[test]
fn negative_jitter_is_none() {
    let spec = ScheduleSpec {
        jitter: Some(Duration {
            seconds: -5,
            nanos: 0,
        }),
        ..every(60, 0)
    };
    let time = compiled(&spec)
        .next_time("a", Timestamp::UNIX_EPOCH)
        .unwrap()
        .unwrap();
    assert_eq!(time.nominal, time.actual);
}
