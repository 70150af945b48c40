//! Local times around the transitions of a time zone.

use durably_protos::temporal::api::schedule::v1::ScheduleSpec;

use super::{cron, nominal};

#[test]
fn local_times_move_with_the_offset() {
    let spec = cron(&["CRON_TZ=Europe/Berlin 0 12 * * *"]);
    assert_eq!(
        nominal(&spec, "2026-03-28T00:00:00Z", 2),
        ["2026-03-28T11:00:00Z", "2026-03-29T10:00:00Z"]
    );
}

#[test]
fn a_skipped_time_does_not_happen() {
    let spec = cron(&["TZ=America/New_York 30 2 * * *"]);
    assert_eq!(
        nominal(&spec, "2026-03-07T00:00:00Z", 2),
        ["2026-03-07T07:30:00Z", "2026-03-09T06:30:00Z"]
    );
    let midnight = cron(&["TZ=America/Santiago 0 0 * * *"]);
    assert_eq!(
        nominal(&midnight, "2026-09-05T00:00:00Z", 2),
        ["2026-09-05T04:00:00Z", "2026-09-07T03:00:00Z"],
        "on 6 September midnight is skipped"
    );
}

#[test]
fn a_repeated_time_happens_twice() {
    let spec = cron(&["TZ=America/New_York 30 1 * * *"]);
    assert_eq!(
        nominal(&spec, "2026-11-01T00:00:00Z", 3),
        [
            "2026-11-01T05:30:00Z",
            "2026-11-01T06:30:00Z",
            "2026-11-02T06:30:00Z"
        ]
    );
    let half_an_hour = cron(&["TZ=Australia/Lord_Howe 45 1 * * *"]);
    assert_eq!(
        nominal(&half_an_hour, "2026-04-04T00:00:00Z", 2),
        ["2026-04-04T14:45:00Z", "2026-04-04T15:15:00Z"]
    );
}

#[test]
fn a_zone_may_come_as_data() {
    let data = tokyo();
    let spec = ScheduleSpec {
        timezone_name: "Mine".to_owned(),
        timezone_data: data.into(),
        ..cron(&["0 1 * * *"])
    };
    assert_eq!(
        nominal(&spec, "2026-11-23T00:00:00Z", 1),
        ["2026-11-23T16:00:00Z"]
    );
}

/// A TZif file, version 2, of a zone that is always nine hours ahead of UTC.
fn tokyo() -> Vec<u8> {
    let block = |version: u8| {
        let mut block = b"TZif".to_vec();
        block.push(version);
        block.extend([0; 15]);
        // Counts: UT/local, standard/wall, leap seconds, transitions, types, characters.
        for count in [0u32, 0, 0, 0, 1, 4] {
            block.extend(count.to_be_bytes());
        }
        block.extend(32_400i32.to_be_bytes());
        block.extend([0, 0]);
        block.extend(b"JST\0");
        block
    };
    let mut data = block(b'2');
    data.extend(block(b'2'));
    data.extend(b"\nJST-9\n");
    data
}
