//! What keeps a schedule from acting: pauses, limits, lateness.

use durably_protos::google::protobuf::Duration;
use durably_protos::temporal::api::enums::v1::{
    ScheduleOverlapPolicy as Policy, WorkflowExecutionStatus,
};
use durably_protos::temporal::api::schedule::v1::{Schedule, SchedulePatch};

use super::{
    WorkflowOutcome, World, completed, failed, future_minutes, hourly, hourly_with, minutes,
};

fn limited(mut schedule: Schedule, remaining: i64) -> Schedule {
    let state = schedule.state.get_or_insert_default();
    state.limited_actions = true;
    state.remaining_actions = remaining;
    schedule
}

#[test]
fn limited_actions_run_out() {
    let mut world = World::new(limited(hourly_with(Policy::AllowAll), 2));
    assert_eq!(
        future_minutes(&world.state.info().future_action_times),
        ["+60", "+120"]
    );
    world.pass_until(minutes(400));
    assert_eq!(world.take_log(), ["start +60", "start +120"]);
    assert_eq!(world.state.next_wake(), None);
    assert_eq!(world.state.info().future_action_times, []);
    assert_eq!(world.state.conflict_token(), 3i64.to_be_bytes());
    world.trigger(Policy::AllowAll);
    assert_eq!(world.take_log(), ["start +400"], "triggers are not limited");
}

#[test]
fn waiting_starts_are_dropped_when_actions_run_out() {
    let mut world = World::new(limited(hourly_with(Policy::BufferAll), 1));
    world.pass_until(minutes(60));
    world.state.settings().remaining_actions = 1;
    world.state.plan_wake(world.now, false);
    world.pass_until(minutes(130));
    world.state.settings().remaining_actions = 0;
    world.close(60, completed());
    assert_eq!(world.take_log(), ["start +60"]);
    assert_eq!(world.state.info().buffer_size, 0);
}

#[test]
fn a_paused_schedule_lets_times_pass() {
    let mut world = World::new(hourly_with(Policy::AllowAll));
    let pause = SchedulePatch {
        pause: "lunch".to_owned(),
        ..SchedulePatch::default()
    };
    let decisions = world.state.patch(&pause, world.now);
    assert_eq!(decisions, []);
    assert_eq!(world.state.next_wake(), None);
    assert_eq!(world.state.info().future_action_times.len(), 10);
    world.pass_until(minutes(150));
    let unpause = SchedulePatch {
        unpause: "back".to_owned(),
        ..SchedulePatch::default()
    };
    let decisions = world.state.patch(&unpause, world.now);
    assert_eq!(decisions, [], "what passed by is not made up for");
    assert_eq!(world.state.schedule().state.as_ref().unwrap().notes, "back");
    assert_eq!(world.state.conflict_token(), 3i64.to_be_bytes());
    world.pass_until(minutes(200));
    assert_eq!(world.take_log(), ["start +180"]);
    let info = world.state.info();
    assert_eq!((info.missed_catchup_window, info.overlap_skipped), (0, 0));
}

#[test]
fn a_failure_pauses_where_the_policy_says_so() {
    for (outcome, note) in [
        (
            failed("broken"),
            "paused due to workflow failure: w-2023-11-14T23:00:00Z: broken",
        ),
        (
            WorkflowOutcome {
                status: WorkflowExecutionStatus::TimedOut,
                ..completed()
            },
            "paused due to workflow timeout: w-2023-11-14T23:00:00Z",
        ),
        (
            WorkflowOutcome {
                status: WorkflowExecutionStatus::Terminated,
                ..completed()
            },
            "",
        ),
    ] {
        let mut schedule = hourly_with(Policy::BufferAll);
        schedule.policies.get_or_insert_default().pause_on_failure = true;
        let mut world = World::new(schedule);
        world.pass_until(minutes(130));
        world.close(60, outcome);
        let state = world.state.schedule().state.clone().unwrap();
        assert_eq!(
            (state.notes.as_str(), state.paused),
            (note, !note.is_empty())
        );
        let log = world.take_log();
        assert_eq!(log.len(), if note.is_empty() { 2 } else { 1 }, "{log:?}");
        assert_eq!(
            world.state.info().buffer_size,
            0,
            "a pause drops what waits"
        );
    }
}

#[test]
fn times_that_are_too_late_are_missed() {
    let mut schedule = hourly_with(Policy::AllowAll);
    schedule.policies.get_or_insert_default().catchup_window = Some(Duration {
        seconds: 5400,
        nanos: 0,
    });
    let mut world = World::new(schedule);
    world.now = minutes(250);
    let decisions = world.state.advance(world.now);
    world.carry_out(decisions);
    assert_eq!(world.take_log(), ["start +180", "start +240"]);
    assert_eq!(world.state.info().missed_catchup_window, 2);
    let decisions = world.state.advance(world.now);
    assert_eq!(decisions, [], "each time is taken once");
    assert_eq!(world.state.info().missed_catchup_window, 2);
}

#[test]
fn policies_have_defaults() {
    for (given, expected) in [(None, 31_536_000), (Some(1), 10), (Some(-5), 10)] {
        let mut schedule = hourly();
        schedule.policies.get_or_insert_default().catchup_window =
            given.map(|seconds| Duration { seconds, nanos: 0 });
        let world = World::new(schedule);
        let policies = world.state.schedule().policies.unwrap();
        assert_eq!(policies.catchup_window.unwrap().seconds, expected);
        assert_eq!(policies.overlap_policy(), Policy::Skip);
    }
}

#[test]
fn the_buffer_is_bounded() {
    let mut world = World::new(hourly_with(Policy::BufferAll));
    world.now = minutes(60 * 1200);
    let decisions = world.state.advance(world.now);
    world.carry_out(decisions);
    let info = world.state.info();
    assert_eq!((info.buffer_size, info.buffer_dropped), (999, 200));
    assert_eq!(world.take_log(), ["start +60"]);
}

#[test]
fn many_elapsed_times_are_taken_in_steps() {
    let mut schedule = hourly();
    schedule.spec.get_or_insert_default().interval[0].interval = Some(Duration {
        seconds: 1,
        nanos: 0,
    });
    let mut world = World::new(schedule);
    let end = minutes(60 * 24 * 2);
    world.now = end;
    let decisions = world.state.advance(end);
    world.carry_out(decisions);
    assert_eq!(world.state.next_wake(), Some(end));
    world.pass_until(end);
    assert!(world.state.next_wake() > Some(end));
    let info = world.state.info();
    assert_eq!(
        info.action_count + info.overlap_skipped + info.buffer_dropped,
        2 * 86_400
    );
}
