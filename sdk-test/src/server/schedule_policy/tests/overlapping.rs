//! Overlap policies.

use durably_protos::temporal::api::enums::v1::ScheduleOverlapPolicy as Policy;

use super::{
    Decision, World, completed, completed_with, failed, hourly, hourly_with, minutes, payloads,
};

#[test]
fn skip_passes_over_times_while_a_workflow_runs() {
    let mut world = World::new(hourly());
    world.pass_until(minutes(150));
    assert_eq!(world.take_log(), ["start +60"]);
    assert_eq!(world.state.info().overlap_skipped, 1);
    world.close(60, completed());
    world.pass_until(minutes(200));
    assert_eq!(world.take_log(), ["start +180"]);
}

#[test]
fn buffer_one_keeps_the_first() {
    let mut world = World::new(hourly_with(Policy::BufferOne));
    world.pass_until(minutes(250));
    assert_eq!(world.take_log(), ["start +60"]);
    let info = world.state.info();
    assert_eq!((info.buffer_size, info.overlap_skipped), (1, 2));
    world.close(60, completed());
    assert_eq!(world.take_log(), ["start +120"]);
    assert_eq!(world.state.info().buffer_size, 0);
}

#[test]
fn buffer_all_keeps_each() {
    let mut world = World::new(hourly_with(Policy::BufferAll));
    world.pass_until(minutes(200));
    assert_eq!(world.state.info().buffer_size, 2);
    world.close(60, completed());
    world.close(120, completed());
    world.close(180, completed());
    assert_eq!(world.take_log(), ["start +60", "start +120", "start +180"]);
}

#[test]
fn cancel_other_starts_once_the_canceled_one_closed() {
    let mut world = World::new(hourly_with(Policy::CancelOther));
    world.pass_until(minutes(200));
    assert_eq!(
        world.take_log(),
        ["start +60", "cancel +60"],
        "one request is enough"
    );
    world.close(60, completed());
    assert_eq!(
        world.take_log(),
        ["start +180"],
        "the last in the buffer replaces those before"
    );
}

#[test]
fn terminate_other_outdoes_a_cancellation() {
    let mut world = World::new(hourly_with(Policy::CancelOther));
    world.pass_until(minutes(130));
    world.trigger(Policy::TerminateOther);
    world.pass_until(minutes(200));
    assert_eq!(
        world.take_log(),
        ["start +60", "cancel +60", "terminate +60"]
    );
    world.close(60, completed());
    assert_eq!(world.take_log(), ["start +180"]);
}

#[test]
fn allow_all_starts_each_and_tracks_none() {
    let mut world = World::new(hourly_with(Policy::AllowAll));
    world.pass_until(minutes(200));
    assert_eq!(world.take_log(), ["start +60", "start +120", "start +180"]);
    let info = world.state.info();
    assert_eq!((info.action_count, info.running_workflows.len()), (3, 0));
    world.close(60, failed("of no concern"));
    world.pass_until(minutes(240));
    assert_eq!(world.take_log(), ["start +240"]);
}

#[test]
fn a_start_that_fails_makes_room_for_the_next() {
    let mut world = World::new(hourly_with(Policy::BufferAll));
    world.refused.push("w-2023-11-15T00:00:00Z".to_owned());
    world.pass_until(minutes(200));
    assert_eq!(
        world.take_log(),
        ["start +60",],
        "it waits for the running one"
    );
    world.close(60, completed());
    assert_eq!(world.take_log(), ["refuse +120", "start +180"]);
    assert_eq!(world.state.info().action_count, 2);
}

#[test]
fn results_and_failures_are_passed_on() {
    let mut world = World::new(hourly());
    let next_start = |world: &mut World, minute: i64| {
        world.now = minutes(minute);
        let decisions = world.state.advance(world.now);
        let [Decision::Start(start)] = &decisions[..] else {
            panic!("{decisions:?}");
        };
        let start = start.clone();
        world.carry_out(decisions);
        start
    };
    let first = next_start(&mut world, 60);
    assert_eq!(first.last_completion_result, None);
    world.close(60, completed_with("one"));
    let second = next_start(&mut world, 120);
    assert_eq!(second.last_completion_result, Some(payloads("one")));
    world.close(120, failed("broken"));
    let third = next_start(&mut world, 180);
    assert_eq!(third.last_completion_result, Some(payloads("one")));
    assert_eq!(third.continued_failure.unwrap().message, "broken");
    world.close(180, completed_with("two"));
    let fourth = next_start(&mut world, 240);
    assert_eq!(fourth.last_completion_result, Some(payloads("two")));
    assert_eq!(fourth.continued_failure, None);
    let decisions = world
        .state
        .patch(&super::trigger(Policy::AllowAll), world.now);
    let [Decision::Start(beside)] = &decisions[..] else {
        panic!("{decisions:?}");
    };
    assert!(beside.overlapping);
    assert_eq!(beside.last_completion_result, None);
}
