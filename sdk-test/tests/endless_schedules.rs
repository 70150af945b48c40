//! Schedules that go on for ever while somebody waits for what does not come.

mod common;

use std::time::{Duration, Instant};

use common::{client, namespace, result, seconds, start, task_queue, worker, workflow_type};
use durably_protos::temporal::api::schedule::v1::schedule_action::Action;
use durably_protos::temporal::api::schedule::v1::{
    IntervalSpec, Schedule, ScheduleAction, ScheduleSpec,
};
use durably_protos::temporal::api::workflow::v1::NewWorkflowExecutionInfo;
use durably_protos::temporal::api::workflowservice::v1::CreateScheduleRequest;
use durably_test::server::TestServer;
use tonic::Code;

/// A server with a workflow that never ends, and with a schedule whose action never ends.
async fn server() -> (TestServer, common::Client) {
    let server = TestServer::start();
    let mut client = client(&server);
    worker(&server, |_| Vec::new());
    start(&mut client, "waits", None).await;
    let schedule = Schedule {
        spec: Some(ScheduleSpec {
            interval: vec![IntervalSpec {
                interval: seconds(60),
                phase: None,
            }],
            ..ScheduleSpec::default()
        }),
        action: Some(ScheduleAction {
            action: Some(Action::StartWorkflow(NewWorkflowExecutionInfo {
                workflow_id: "report".to_owned(),
                workflow_type: workflow_type(),
                task_queue: task_queue(),
                ..NewWorkflowExecutionInfo::default()
            })),
        }),
        ..Schedule::default()
    };
    let request = CreateScheduleRequest {
        namespace: namespace(),
        schedule_id: "minutely".to_owned(),
        schedule: Some(schedule),
        request_id: "create".to_owned(),
        ..CreateScheduleRequest::default()
    };
    client.create_schedule(request).await.unwrap();
    (server, client)
}

#[tokio::test]
async fn a_caller_who_waits_for_nothing_is_told_what_goes_on() {
    let (_server, mut client) = server().await;
    let began = Instant::now();
    let status = result(&mut client, "waits").await.unwrap_err();
    println!("given up after {:?}", began.elapsed());
    assert_eq!(status.code(), Code::FailedPrecondition);
    for part in ["skipped 100000 times", "schedule `minutely` (1000)"] {
        assert!(status.message().contains(part), "{}", status.message());
    }
}

#[tokio::test]
async fn a_caller_who_waits_for_a_time_gets_there() {
    let (server, mut client) = server().await;
    let waits = tokio::spawn(async move { result(&mut client, "waits").await });
    let before = server.now();
    // More than 100000 minutes.
    let length = Duration::from_secs(120_000 * 60);
    server.sleep(length).await;
    assert!(server.now() >= before + length);
    waits.abort();
}
