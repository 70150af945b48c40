//! Cron schedules of workflows.

use jiff::{SignedDuration, Timestamp};

use super::{Cron, CronError};

fn time(text: &str) -> Timestamp {
    text.parse().expect("the time of the test is valid")
}

/// The next `count` times, each run closing at once.
fn times(cron: &str, start: &str, count: usize) -> Vec<String> {
    let cron = Cron::parse(cron).expect("the cron schedule of the test is valid");
    let mut now = time(start);
    let mut scheduled = now;
    (0..count)
        .map(|_| {
            let next = cron.next_after(now, scheduled).unwrap();
            (now, scheduled) = (next, next);
            next.to_string()
        })
        .collect()
}

#[test]
fn fields_give_times() {
    let start = "2026-11-22T22:42:30Z";
    for (cron, expected) in [
        (
            "* * * * *",
            ["2026-11-22T22:43:00Z", "2026-11-22T22:44:00Z"],
        ),
        (
            "*/15 * ? * *",
            ["2026-11-22T22:45:00Z", "2026-11-22T23:00:00Z"],
        ),
        (
            "50/5 22 * * *",
            ["2026-11-22T22:50:00Z", "2026-11-22T22:55:00Z"],
        ),
        (
            "0 9 * * MON-FRI",
            ["2026-11-23T09:00:00Z", "2026-11-24T09:00:00Z"],
        ),
        (
            "0 0 1 jan,mar *",
            ["2027-01-01T00:00:00Z", "2027-03-01T00:00:00Z"],
        ),
        (
            "0 0 29 2 *",
            ["2028-02-29T00:00:00Z", "2032-02-29T00:00:00Z"],
        ),
        ("@hourly", ["2026-11-22T23:00:00Z", "2026-11-23T00:00:00Z"]),
        ("@weekly", ["2026-11-29T00:00:00Z", "2026-12-06T00:00:00Z"]),
        (
            "CRON_TZ=Europe/Berlin 0 12 * * *",
            ["2026-11-23T11:00:00Z", "2026-11-24T11:00:00Z"],
        ),
        (
            "TZ=America/New_York 30 2 8 3 *",
            // In 2026 that is the night in which 2:30 is skipped.
            ["2027-03-08T07:30:00Z", "2028-03-08T07:30:00Z"],
        ),
    ] {
        let start = if cron.contains("New_York") {
            "2026-01-01T00:00:00Z"
        } else {
            start
        };
        assert_eq!(times(cron, start, 2), expected, "{cron}");
    }
}

#[test]
fn one_of_two_restricted_days_suffices() {
    assert_eq!(
        times("0 0 1,15 * SUN", "2026-11-01T00:00:00Z", 4),
        [
            "2026-11-08T00:00:00Z",
            "2026-11-15T00:00:00Z",
            "2026-11-22T00:00:00Z",
            "2026-11-29T00:00:00Z"
        ]
    );
    assert_eq!(
        times("0 0 */2 * SUN", "2026-11-01T00:00:00Z", 2),
        ["2026-11-03T00:00:00Z", "2026-11-05T00:00:00Z"],
        "`*/2` is a restriction"
    );
}

#[test]
fn every_counts_from_the_start_of_the_run() {
    let cron = Cron::parse("@every 2s").unwrap();
    let scheduled = time("2026-01-01T00:00:00.5Z");
    for (closed, expected, backoff) in [
        ("2026-01-01T00:00:00.5Z", "2026-01-01T00:00:02Z", 2),
        ("2026-01-01T00:00:02Z", "2026-01-01T00:00:02Z", 0),
        ("2026-01-01T00:00:02.1Z", "2026-01-01T00:00:04Z", 2),
        ("2026-01-01T00:01:00.9Z", "2026-01-01T00:01:02Z", 2),
    ] {
        let closed = time(closed);
        assert_eq!(cron.next_after(closed, scheduled), Some(time(expected)));
        assert_eq!(
            cron.backoff(closed, scheduled),
            Some(SignedDuration::from_secs(backoff))
        );
    }
    let short = Cron::parse("@every 0.2s").unwrap();
    assert_eq!(
        short.backoff(time("2026-01-01T00:00:00Z"), time("2026-01-01T00:00:00Z")),
        Some(SignedDuration::from_secs(1))
    );
}

#[test]
fn times_that_come_during_a_run_pass_by() {
    let cron = Cron::parse("0 * * * *").unwrap();
    let scheduled = time("2026-01-01T10:00:00Z");
    for (closed, expected) in [
        ("2026-01-01T10:00:01Z", "2026-01-01T11:00:00Z"),
        ("2026-01-01T13:30:00Z", "2026-01-01T14:00:00Z"),
        ("2026-01-01T14:00:00Z", "2026-01-01T14:00:00Z"),
        ("2026-01-01T10:00:00Z", "2026-01-01T11:00:00Z"),
        ("2026-01-01T09:00:00Z", "2026-01-01T10:00:00Z"),
    ] {
        assert_eq!(
            cron.next_after(time(closed), scheduled),
            Some(time(expected)),
            "{closed}"
        );
    }
}

#[test]
fn bad_schedules_are_refused() {
    for text in [
        "",
        "   ",
        "* * * *",
        "* * * * * *",
        "60 * * * *",
        "* 24 * * *",
        "* * 0 * *",
        "* * * 13 *",
        "* * * * 7",
        "a * * * *",
        "5-1 * * * *",
        "1-2-3 * * * *",
        "1/2/3 * * * *",
        "1/0 * * * *",
        "-1 * * * *",
        "@every",
        "@every x",
        "@every 1d",
        "@reboot",
        "@HOURLY",
        "TZ=UTC",
        "TZ=Nope * * * * *",
        "* * * december *",
        "1/ * * * *",
        "99999999999 * * * *",
    ] {
        assert_eq!(
            Cron::parse(text).err(),
            Some(CronError::Invalid),
            "{text:?}"
        );
    }
    let now = time("2026-01-01T00:00:00Z");
    for text in ["0 0 30 2 *", ", * * * *"] {
        let error = Cron::validate(text, now).err();
        assert_eq!(error, Some(CronError::NoTime), "{text}");
    }
    assert!(Cron::validate("0 0 29 2 *", now).is_ok());
}
