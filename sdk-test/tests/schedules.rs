//! Schedules that act, with workers and skipped time.

mod common;

use std::time::{Duration, SystemTime};

use common::{
    Client, client, complete, execution, history, keyword, namespace, seconds, task_queue, worker,
    workflow_type,
};
use durably_protos::google::protobuf::Timestamp;
use durably_protos::temporal::api::command::v1::Command;
use durably_protos::temporal::api::enums::v1::{
    IndexedValueType, ScheduleOverlapPolicy as Policy, WorkflowExecutionStatus as Status,
};
use durably_protos::temporal::api::history::v1::WorkflowExecutionStartedEventAttributes;
use durably_protos::temporal::api::history::v1::history_event::Attributes;
use durably_protos::temporal::api::schedule::v1::schedule_action::Action;
use durably_protos::temporal::api::schedule::v1::{
    BackfillRequest, IntervalSpec, Schedule, ScheduleAction, ScheduleInfo, SchedulePatch,
    SchedulePolicies, ScheduleSpec, ScheduleState, TriggerImmediatelyRequest,
};
use durably_protos::temporal::api::workflow::v1::NewWorkflowExecutionInfo;
use durably_protos::temporal::api::workflowservice::v1::{
    CreateScheduleRequest, DeleteScheduleRequest, DescribeScheduleRequest,
    DescribeWorkflowExecutionRequest, PatchScheduleRequest,
};
use durably_test::server::TestServer;

const HOUR: Duration = Duration::from_secs(3600);

/// Half past eleven.
fn start_of_time() -> SystemTime {
    SystemTime::UNIX_EPOCH + Duration::from_secs(1_795_347_000)
}

fn server() -> (TestServer, Client) {
    let server = TestServer::builder()
        .time(start_of_time())
        .search_attribute("OrderStatus", IndexedValueType::Keyword)
        .start();
    let client = client(&server);
    (server, client)
}

fn hourly(policy: Policy) -> Schedule {
    Schedule {
        spec: Some(ScheduleSpec {
            interval: vec![IntervalSpec {
                interval: seconds(3600),
                phase: None,
            }],
            ..ScheduleSpec::default()
        }),
        action: Some(ScheduleAction {
            action: Some(Action::StartWorkflow(NewWorkflowExecutionInfo {
                workflow_id: "report".to_owned(),
                workflow_type: workflow_type(),
                task_queue: task_queue(),
                search_attributes: keyword("OrderStatus", "new"),
                ..NewWorkflowExecutionInfo::default()
            })),
        }),
        policies: Some(SchedulePolicies {
            overlap_policy: policy.into(),
            ..SchedulePolicies::default()
        }),
        ..Schedule::default()
    }
}

async fn create(client: &mut Client, schedule: Schedule, patch: Option<SchedulePatch>) {
    let request = CreateScheduleRequest {
        namespace: namespace(),
        schedule_id: "hourly".to_owned(),
        schedule: Some(schedule),
        initial_patch: patch,
        request_id: "create".to_owned(),
        ..CreateScheduleRequest::default()
    };
    client.create_schedule(request).await.unwrap();
}

async fn patch(client: &mut Client, patch: SchedulePatch) {
    let request = PatchScheduleRequest {
        namespace: namespace(),
        schedule_id: "hourly".to_owned(),
        patch: Some(patch),
        ..PatchScheduleRequest::default()
    };
    client.patch_schedule(request).await.unwrap();
}

fn trigger() -> SchedulePatch {
    SchedulePatch {
        trigger_immediately: Some(TriggerImmediatelyRequest::default()),
        ..SchedulePatch::default()
    }
}

async fn info(client: &mut Client) -> ScheduleInfo {
    let request = DescribeScheduleRequest {
        namespace: namespace(),
        schedule_id: "hourly".to_owned(),
    };
    let described = client.describe_schedule(request).await.unwrap();
    described.into_inner().info.unwrap()
}

/// The workflow ids and states of the last actions, as `12 Completed`: the hour of the day and the state.
async fn actions(client: &mut Client) -> Vec<String> {
    let actions = info(client).await.recent_actions;
    let shown = actions.into_iter().map(|action| {
        let status = action.start_workflow_status();
        let id = action.start_workflow_result.unwrap().workflow_id;
        let time = id.strip_prefix("report-").expect("the configured id");
        format!("{} {status:?}", &time[11..16])
    });
    shown.collect()
}

async fn started(client: &mut Client, time: &str) -> WorkflowExecutionStartedEventAttributes {
    let id = format!("report-{time}");
    match history(client, &id).await.swap_remove(0).attributes {
        Some(Attributes::WorkflowExecutionStartedEventAttributes(started)) => *started,
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn a_schedule_acts_while_time_is_skipped() {
    let (server, mut client) = server();
    let worker = worker(&server, |id| vec![complete(&format!("\"{id}\""))]);
    create(&mut client, hourly(Policy::Skip), None).await;
    server.sleep(3 * HOUR).await;
    assert_eq!(
        actions(&mut client).await,
        ["12:00 Completed", "13:00 Completed", "14:00 Completed"]
    );
    let info = info(&mut client).await;
    assert_eq!((info.action_count, info.overlap_skipped), (3, 0));
    let next: Vec<i64> = info
        .future_action_times
        .iter()
        .map(|time| time.seconds)
        .collect();
    assert_eq!(next.len(), 10);
    assert_eq!(next[0], 1_795_347_000 + 3 * 3600 + 1800);
    let second = started(&mut client, "2026-11-22T13:00:00Z").await;
    assert_eq!(second.identity, "temporal-scheduler-default-hourly");
    let last = second.last_completion_result.unwrap();
    assert_eq!(
        &last.payloads[0].data[..],
        b"\"report-2026-11-22T12:00:00Z\""
    );
    let attributes = second.search_attributes.unwrap().indexed_fields;
    for (name, value, kind) in [
        ("OrderStatus", "\"new\"", "Keyword"),
        ("TemporalScheduledById", "\"hourly\"", "Keyword"),
        (
            "TemporalScheduledStartTime",
            "\"2026-11-22T13:00:00Z\"",
            "Datetime",
        ),
    ] {
        assert_eq!(&attributes[name].data[..], value.as_bytes());
        assert_eq!(attributes[name].metadata["type"], kind);
    }
    worker.abort();
}

#[tokio::test]
async fn a_running_workflow_is_in_the_way_of_the_next() {
    let (server, mut client) = server();
    let worker = worker(&server, |_| Vec::new());
    create(&mut client, hourly(Policy::Skip), None).await;
    server.sleep(3 * HOUR).await;
    assert_eq!(actions(&mut client).await, ["12:00 Running"]);
    let info = info(&mut client).await;
    assert_eq!((info.action_count, info.overlap_skipped), (1, 2));
    assert_eq!(info.running_workflows.len(), 1);
    worker.abort();
}

#[tokio::test]
async fn a_running_workflow_is_terminated_for_the_next() {
    let (server, mut client) = server();
    let worker = worker(&server, |_| Vec::new());
    create(&mut client, hourly(Policy::TerminateOther), None).await;
    server.sleep(2 * HOUR).await;
    assert_eq!(
        actions(&mut client).await,
        ["12:00 Terminated", "13:00 Running"]
    );
    let events = history(&mut client, "report-2026-11-22T12:00:00Z").await;
    match events.last().and_then(|event| event.attributes.clone()) {
        Some(Attributes::WorkflowExecutionTerminatedEventAttributes(terminated)) => {
            assert_eq!(terminated.reason, "terminated by schedule overlap policy");
            assert_eq!(terminated.identity, "temporal-scheduler-default-hourly");
        }
        other => panic!("{other:?}"),
    }
    worker.abort();
}

#[tokio::test]
async fn a_running_workflow_is_asked_to_cancel_and_makes_room_when_it_ends() {
    let (server, mut client) = server();
    let worker = worker(&server, |_| Vec::new());
    create(&mut client, hourly(Policy::CancelOther), None).await;
    server.sleep(2 * HOUR).await;
    assert_eq!(actions(&mut client).await, ["12:00 Running"]);
    let first = "report-2026-11-22T12:00:00Z";
    let describe = DescribeWorkflowExecutionRequest {
        namespace: namespace(),
        execution: execution(first),
    };
    let described = client.describe_workflow_execution(describe).await.unwrap();
    let extended = described.into_inner().workflow_extended_info.unwrap();
    assert!(extended.cancel_requested);
    common::terminate(&mut client, first).await;
    assert_eq!(
        actions(&mut client).await,
        ["12:00 Terminated", "13:00 Running"]
    );
    worker.abort();
}

#[tokio::test]
async fn a_paused_schedule_is_nothing_to_skip_to_and_does_what_it_is_told() {
    let (server, mut client) = server();
    let mut schedule = hourly(Policy::AllowAll);
    schedule.state = Some(ScheduleState {
        paused: true,
        notes: "closed".to_owned(),
        ..ScheduleState::default()
    });
    create(&mut client, schedule, None).await;
    assert_eq!(server.next_target(), None);
    let time = |seconds: i64| Some(Timestamp { seconds, nanos: 0 });
    let backfill = BackfillRequest {
        start_time: time(1_795_341_600),
        end_time: time(1_795_345_200),
        ..BackfillRequest::default()
    };
    let request = SchedulePatch {
        backfill_request: vec![backfill],
        ..trigger()
    };
    patch(&mut client, request).await;
    assert_eq!(
        actions(&mut client).await,
        ["11:30 Running", "10:00 Running", "11:00 Running"]
    );
    let unpause = SchedulePatch {
        unpause: "open".to_owned(),
        ..SchedulePatch::default()
    };
    patch(&mut client, unpause).await;
    assert_eq!(server.next_target(), Some(start_of_time() + HOUR / 2));
}

#[tokio::test]
async fn no_action_is_left_after_the_last() {
    let (server, mut client) = server();
    let worker = worker(&server, |_| vec![complete("1")]);
    let mut schedule = hourly(Policy::Skip);
    schedule.state = Some(ScheduleState {
        limited_actions: true,
        remaining_actions: 2,
        ..ScheduleState::default()
    });
    create(&mut client, schedule, None).await;
    server.sleep(10 * HOUR).await;
    assert_eq!(info(&mut client).await.action_count, 2);
    assert_eq!(server.next_target(), None);
    worker.abort();
}

#[tokio::test]
async fn a_failure_pauses_and_is_passed_on() {
    let (server, mut client) = server();
    let worker = worker(&server, |id| vec![fail(id)]);
    let mut schedule = hourly(Policy::Skip);
    let policies = schedule.policies.get_or_insert_default();
    policies.pause_on_failure = true;
    create(&mut client, schedule, None).await;
    server.sleep(3 * HOUR).await;
    assert_eq!(actions(&mut client).await, ["12:00 Failed"]);
    patch(&mut client, trigger()).await;
    // No time is skipped: the next target is the end of the wait.
    server.sleep(Duration::from_secs(1)).await;
    let time = "2026-11-22T14:30:00Z";
    let failure = started(&mut client, time).await.continued_failure.unwrap();
    assert_eq!(failure.message, "report-2026-11-22T12:00:00Z broke");
    worker.abort();
}

fn fail(id: &str) -> Command {
    use durably_protos::temporal::api::command::v1::FailWorkflowExecutionCommandAttributes;
    use durably_protos::temporal::api::command::v1::command::Attributes;
    use durably_protos::temporal::api::enums::v1::CommandType;
    use durably_protos::temporal::api::failure::v1::failure::FailureInfo;
    use durably_protos::temporal::api::failure::v1::{ApplicationFailureInfo, Failure};

    let failure = Failure {
        message: format!("{id} broke"),
        failure_info: Some(FailureInfo::ApplicationFailureInfo(
            ApplicationFailureInfo::default(),
        )),
        ..Failure::default()
    };
    let attributes = FailWorkflowExecutionCommandAttributes {
        failure: Some(failure),
    };
    let mut command = Command {
        attributes: Some(Attributes::FailWorkflowExecutionCommandAttributes(
            Box::new(attributes),
        )),
        ..Command::default()
    };
    command.set_command_type(CommandType::FailWorkflowExecution);
    command
}

#[tokio::test]
async fn what_a_deleted_schedule_started_goes_on() {
    let (server, mut client) = server();
    create(&mut client, hourly(Policy::Skip), Some(trigger())).await;
    let action = info(&mut client).await.recent_actions.remove(0);
    let started = action.start_workflow_result.unwrap().workflow_id;
    let delete = DeleteScheduleRequest {
        namespace: namespace(),
        schedule_id: "hourly".to_owned(),
        ..DeleteScheduleRequest::default()
    };
    client.delete_schedule(delete).await.unwrap();
    assert_eq!(server.next_target(), None);
    let describe = DescribeWorkflowExecutionRequest {
        namespace: namespace(),
        execution: execution(&started),
    };
    let described = client.describe_workflow_execution(describe).await.unwrap();
    let described = described.into_inner().workflow_execution_info.unwrap();
    assert_eq!(described.status(), Status::Running);
    common::terminate(&mut client, &started).await;
}
