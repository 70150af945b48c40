//! Triggers, backfills and updates.

use durably_protos::google::protobuf::Duration;
use durably_protos::temporal::api::common::v1::SearchAttributes;
use durably_protos::temporal::api::enums::v1::ScheduleOverlapPolicy as Policy;
use durably_protos::temporal::api::schedule::v1::{
    Schedule, SchedulePatch, TriggerImmediatelyRequest,
};

use super::{Decision, World, completed, future_minutes, hourly, hourly_with, minutes};
use crate::server::schedule_policy::ScheduleUpdateError;
use crate::server::schedule_spec::proto_timestamp;

fn paused() -> Schedule {
    let mut schedule = hourly();
    schedule.state.get_or_insert_default().paused = true;
    schedule
}

#[test]
fn a_trigger_starts_now_also_when_paused() {
    let mut world = World::new(paused());
    world.pass_until(minutes(7));
    world.trigger(Policy::Unspecified);
    world.trigger(Policy::Unspecified);
    assert_eq!(world.take_log(), ["start +7"]);
    assert_eq!(world.state.info().overlap_skipped, 1);
    let request = TriggerImmediatelyRequest {
        overlap_policy: Policy::AllowAll.into(),
        scheduled_time: Some(proto_timestamp(minutes(-5))),
    };
    let patch = SchedulePatch {
        trigger_immediately: Some(request),
        ..SchedulePatch::default()
    };
    let decisions = world.state.patch(&patch, world.now);
    let [Decision::Start(start)] = &decisions[..] else {
        panic!("{decisions:?}");
    };
    assert!(start.manual);
    assert_eq!(start.nominal_time, minutes(-5));
    assert_eq!(start.workflow_id, "w-2023-11-14T21:55:00Z");
}

#[test]
fn a_start_names_its_schedule() {
    let mut world = World::new(hourly());
    let decisions = world.state.advance(minutes(60));
    let [Decision::Start(start)] = &decisions[..] else {
        panic!("{decisions:?}");
    };
    let configured = SearchAttributes {
        indexed_fields: [("Mine".to_owned(), Default::default())].into(),
    };
    let attributes = start.search_attributes("sid", Some(&configured));
    let shown: Vec<(&str, &[u8])> = attributes
        .indexed_fields
        .iter()
        .map(|(name, payload)| (name.as_str(), &payload.data[..]))
        .collect();
    assert_eq!(
        shown,
        [
            ("Mine", b"".as_slice()),
            ("TemporalScheduledById", b"\"sid\""),
            ("TemporalScheduledStartTime", b"\"2023-11-14T23:00:00Z\""),
        ]
    );
}

#[test]
fn a_backfill_includes_both_bounds() {
    for (policy, log, skipped) in [
        (
            Policy::AllowAll,
            ["start -120", "start -60", "start +0"].as_slice(),
            0,
        ),
        (Policy::Skip, &["start -120"], 2),
        (Policy::BufferAll, &["start -120"], 0),
    ] {
        let mut world = World::new(paused());
        world.backfill(-120, 0, policy);
        assert_eq!(world.take_log(), log);
        assert_eq!(world.state.info().overlap_skipped, skipped);
        if policy == Policy::BufferAll {
            world.close(-120, completed());
            world.close(-60, completed());
            assert_eq!(world.take_log(), ["start -60", "start +0"]);
        }
    }
}

#[test]
fn backfills_do_nothing_where_no_time_is() {
    let mut world = World::new(paused());
    world.backfill(0, -120, Policy::AllowAll);
    world.backfill(1, 59, Policy::AllowAll);
    assert_eq!(world.take_log(), [""; 0]);
    assert_eq!(world.state.next_wake(), None);
}

#[test]
fn a_large_backfill_goes_on_step_by_step() {
    let mut world = World::new(paused());
    world.backfill(-60 * 2499, 0, Policy::AllowAll);
    assert_eq!(world.log.len(), 1000);
    world.pass_until(minutes(1));
    assert_eq!(world.log.len(), 2500);
    assert_eq!(world.state.next_wake(), None);

    let mut world = World::new(paused());
    world.backfill(-60 * 699, 0, Policy::BufferAll);
    assert_eq!(world.state.info().buffer_size, 500);
    for minute in (0..700).map(|hour| (hour - 699) * 60) {
        world.close(minute, completed());
    }
    assert_eq!(world.log.len(), 700);
}

#[test]
fn an_update_replaces_the_settings() {
    let mut world = World::new(hourly());
    world.pass_until(minutes(90));
    let token = world.state.conflict_token();
    let mut schedule = hourly_with(Policy::AllowAll);
    schedule.spec.get_or_insert_default().interval[0].interval = Some(Duration {
        seconds: 600,
        nanos: 0,
    });
    let decisions = world.state.update(schedule.clone(), &token, world.now);
    assert_eq!(
        decisions,
        Ok(vec![Decision::Start(Box::new(started_at_90(&world)))])
    );
    let info = world.state.info();
    assert_eq!(info.update_time, Some(proto_timestamp(world.now)));
    assert_eq!(
        future_minutes(&info.future_action_times)[..2],
        ["+100", "+110"]
    );
    assert_eq!(
        world.state.update(schedule.clone(), &token, world.now),
        Err(ScheduleUpdateError::ConflictToken)
    );
    assert!(world.state.update(schedule.clone(), b"", world.now).is_ok());
    schedule.spec.get_or_insert_default().timezone_name = "Nope".to_owned();
    let refused = world.state.update(schedule, b"", world.now);
    assert_eq!(
        refused.unwrap_err().to_string(),
        "Invalid schedule spec: unknown time zone Nope"
    );
}

/// Minute 90 is itself a time of the new spec.
fn started_at_90(world: &World) -> crate::server::schedule_policy::StartAction {
    let starting = world.state.starting.clone();
    let [start] = &starting[..] else {
        panic!("{starting:?}");
    };
    assert_eq!(start.nominal_time, minutes(90));
    start.clone()
}

#[test]
fn a_time_whose_jitter_is_to_pass_is_not_lost() {
    let mut schedule = hourly_with(Policy::AllowAll);
    schedule.spec.get_or_insert_default().jitter = Some(Duration {
        seconds: 3600,
        nanos: 0,
    });
    let mut world = World::new(schedule.clone());
    let wake = world.state.next_wake().unwrap();
    assert!(
        wake > minutes(61),
        "the seed of the test gives a long delay"
    );
    world.pass_until(minutes(61));
    world.trigger(Policy::AllowAll);
    assert_eq!(world.state.next_wake(), Some(wake));
    let decisions = world.state.update(schedule, b"", world.now).unwrap();
    assert_eq!(decisions, []);
    assert_eq!(world.state.next_wake(), Some(wake));
    world.pass_until(minutes(119));
    assert_eq!(world.take_log(), ["start +61", "start +60"]);
}
