//! Descriptions and lists.

use durably_protos::google::protobuf::Timestamp as ProtoTimestamp;
use durably_protos::temporal::api::enums::v1::{
    ScheduleOverlapPolicy as Policy, WorkflowExecutionStatus,
};
use durably_protos::temporal::api::schedule::v1::{ScheduleSpec, StructuredCalendarSpec};

use super::{World, completed, future_minutes, hourly, hourly_with, minutes};
use crate::server::schedule_spec::proto_timestamp;

#[test]
fn a_description_tells_what_happened_and_what_will() {
    let mut world = World::new(hourly());
    world.pass_until(minutes(60));
    let info = world.state.info();
    assert_eq!(info.create_time, Some(proto_timestamp(minutes(0))));
    assert_eq!(info.update_time, None);
    assert_eq!(info.action_count, 1);
    let [recent] = &info.recent_actions[..] else {
        panic!("{info:?}");
    };
    assert_eq!(recent.schedule_time, Some(proto_timestamp(minutes(60))));
    assert_eq!(recent.actual_time, Some(proto_timestamp(minutes(60))));
    assert_eq!(
        recent.start_workflow_status(),
        WorkflowExecutionStatus::Running
    );
    let execution = recent.start_workflow_result.clone().unwrap();
    assert_eq!(execution.workflow_id, "w-2023-11-14T23:00:00Z");
    assert_eq!(execution.run_id, "run-1");
    assert_eq!(info.running_workflows, [execution]);
    let future = future_minutes(&info.future_action_times);
    assert_eq!((future.len(), future[0].as_str()), (10, "+120"));

    world.close(60, completed());
    let info = world.state.info();
    assert_eq!(info.running_workflows, []);
    assert_eq!(
        info.recent_actions[0].start_workflow_status(),
        WorkflowExecutionStatus::Completed
    );
}

#[test]
fn ten_actions_are_remembered_and_five_are_listed() {
    let mut world = World::new(hourly_with(Policy::AllowAll));
    world.pass_until(minutes(60 * 12));
    let info = world.state.info();
    assert_eq!((info.action_count, info.recent_actions.len()), (12, 10));
    let times =
        |actions: &[durably_protos::temporal::api::schedule::v1::ScheduleActionResult]| {
            let times: Vec<ProtoTimestamp> = actions
                .iter()
                .filter_map(|action| action.schedule_time)
                .collect();
            future_minutes(&times)
        };
    assert_eq!(times(&info.recent_actions)[0], "+180");
    let listed = world.state.list_info();
    assert_eq!(
        times(&listed.recent_actions),
        ["+480", "+540", "+600", "+660", "+720"]
    );
    assert_eq!(listed.future_action_times.len(), 5);
    assert_eq!(listed.workflow_type.unwrap().name, "wf");
}

#[test]
fn a_list_shows_ten_calendars_at_most() {
    let mut schedule = hourly();
    schedule.spec = Some(ScheduleSpec {
        structured_calendar: vec![StructuredCalendarSpec::default(); 12],
        ..ScheduleSpec::default()
    });
    let world = World::new(schedule);
    let listed = world.state.list_info().spec.unwrap();
    assert_eq!(listed.structured_calendar.len(), 10);
    let described = world.state.schedule().spec.clone().unwrap();
    assert_eq!(described.structured_calendar.len(), 12);
}

#[test]
fn matching_times_are_those_of_the_spec() {
    let mut schedule = hourly();
    schedule.state.get_or_insert_default().paused = true;
    let world = World::new(schedule);
    let times = world.state.matching_times(minutes(-4), minutes(176));
    assert_eq!(future_minutes(&times.unwrap()), ["+0", "+60", "+120"]);
    let many = world.state.matching_times(minutes(0), minutes(60 * 5000));
    assert_eq!(many.unwrap().len(), 1000);
}
