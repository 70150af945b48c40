//! The errors of specs, which are those of server 1.32.0.

use durably_protos::google::protobuf::Duration;
use durably_protos::temporal::api::schedule::v1::{CalendarSpec, IntervalSpec, ScheduleSpec};

use super::{cron, every, range};
use crate::server::schedule_spec::CompiledSpec;

fn error(spec: &ScheduleSpec) -> String {
    CompiledSpec::new(spec)
        .expect_err("the spec is invalid")
        .to_string()
}

#[test]
fn cron_strings() {
    for (text, expected) in [
        ("", "CronString does not have 5-7 fields"),
        ("   ", "CronString does not have 5-7 fields"),
        ("# only", "CronString does not have 5-7 fields"),
        ("1 2 3", "CronString does not have 5-7 fields"),
        ("1 2 3 4 5 6 7 8", "CronString does not have 5-7 fields"),
        ("@reboot", "CronString does not have 5-7 fields"),
        ("@HOURLY", "CronString does not have 5-7 fields"),
        ("CRON_TZ=UTC", "CronString has time zone but missing fields"),
        ("@every", "CronString does not have interval after @every"),
        ("@every1h", "CronString does not have interval after @every"),
        ("@every 90", "time: missing unit in duration \"90\""),
        ("@every  1h", "time: invalid duration \" 1h\""),
        (
            "@every 1h / 5m",
            "time: unknown unit \"h \" in duration \"1h \"",
        ),
        ("@every 0.5s", "interval is too small"),
        ("@every -1h", "interval is too small"),
        ("@every 1h/2h", "phase cannot be greater than Interval"),
        ("@every 1s/1s", "phase cannot be greater than Interval"),
        (
            "CRON_TZ=Nope/Nope 0 12 * * *",
            "unknown time zone Nope/Nope",
        ),
        ("60 * * * *", "Minute is not in range [0-59]"),
        ("a * * * *", "Minute is not in range [0-59]"),
        ("1,,2 * * * *", "Minute is not in range [0-59]"),
        ("* 24 * * *", "Hour is not in range [0-23]"),
        ("* * 0 * *", "DayOfMonth is not in range [1-31]"),
        ("0 0 L * *", "DayOfMonth is not in range [1-31]"),
        ("0 0 ? * *", "DayOfMonth is not in range [1-31]"),
        ("* * * 13 *", "Month is not in range [1-12]"),
        ("0 0 * DE *", "Month is not in range [1-12]"),
        ("* * * * 8", "DayOfWeek is not in range [0-7]"),
        ("0 0 * * s", "DayOfWeek is not in range [0-7]"),
        ("1-2-3 * * * *", "Minute has too many dashes"),
        ("5/2/1 * * * *", "Minute has too many slashes"),
        ("5/ * * * *", "Minute missing step value"),
        ("5/0 * * * *", "Minute has invalid Step"),
        ("5/x * * * *", "strconv.Atoi: parsing \"x\": invalid syntax"),
        (
            "10-5 * * * *",
            "Minute End is before Start or not in range [0-59]",
        ),
        ("*-5 * * * *", "Minute Start is not in range [0-59]"),
        ("-5 * * * *", "Minute Start is not in range [0-59]"),
        (
            "0 0 * * fri-mon",
            "DayOfWeek End is before Start or not in range [0-7]",
        ),
    ] {
        assert_eq!(error(&cron(&[text])), expected, "{text}");
    }
}

#[test]
fn time_zones() {
    let zone = |name: &str| ScheduleSpec {
        timezone_name: name.to_owned(),
        ..ScheduleSpec::default()
    };
    assert_eq!(error(&zone("Nope")), "unknown time zone Nope");
    assert_eq!(
        error(&zone("europe/berlin")),
        "unknown time zone europe/berlin"
    );
    assert_eq!(error(&zone("/etc/passwd")), "time: invalid location name");
    let data = ScheduleSpec {
        timezone_data: b"abc".as_slice().into(),
        ..zone("X")
    };
    assert_eq!(error(&data), "malformed time zone information");
    let conflicts = [
        cron(&["TZ=Europe/Berlin 0 1 * * *", "0 1 * * *"]),
        cron(&["@every 1h", "TZ=Europe/Berlin 0 1 * * *"]),
        ScheduleSpec {
            timezone_name: "UTC".to_owned(),
            ..cron(&["TZ=Europe/Berlin 0 1 * * *"])
        },
        ScheduleSpec {
            timezone_data: b"abc".as_slice().into(),
            ..cron(&["TZ=Europe/Berlin 0 1 * * *"])
        },
    ];
    for spec in conflicts {
        assert_eq!(error(&spec), "conflicting timezone names");
    }
}

#[test]
fn calendars() {
    let calendar = ScheduleSpec {
        calendar: vec![CalendarSpec {
            second: "61".to_owned(),
            month: "x".to_owned(),
            year: "1999".to_owned(),
            ..CalendarSpec::default()
        }],
        ..ScheduleSpec::default()
    };
    assert_eq!(
        error(&calendar),
        "Second is not in range [0-59], Month is not in range [1-12], Year is not in range [2000-2100]"
    );
    let mut structured = super::always();
    structured.second = vec![range(60, 0, 0)];
    structured.minute = vec![range(5, 3, 0)];
    structured.hour = vec![range(1, 0, -1)];
    structured.day_of_month = vec![range(0, 0, 0)];
    structured.month = vec![range(13, 0, 0)];
    structured.year = vec![range(1990, 0, 0)];
    structured.day_of_week = vec![range(7, 0, 0)];
    structured.comment = "x".repeat(201);
    let structured = ScheduleSpec {
        structured_calendar: vec![structured],
        ..ScheduleSpec::default()
    };
    assert_eq!(
        error(&structured),
        "invalid calendar spec: Second Start is not in range [0-59], \
         Minute End is before Start or not in range [0-59], Hour has invalid Step, \
         DayOfMonth Start is not in range [1-31], Month Start is not in range [1-12], \
         Year Start is not in range [2000-2100], DayOfWeek Start is not in range [0-6], comment is too long"
    );
}

#[test]
fn intervals() {
    assert_eq!(error(&every(0, 0)), "interval is too small");
    assert_eq!(error(&every(10, -1)), "phase is negative");
    assert_eq!(
        error(&every(10, 10)),
        "phase cannot be greater than Interval"
    );
    let half = ScheduleSpec {
        interval: vec![IntervalSpec {
            interval: Some(Duration {
                seconds: 0,
                nanos: 500_000_000,
            }),
            phase: None,
        }],
        ..ScheduleSpec::default()
    };
    assert_eq!(error(&half), "interval is too small");
}
