//! Pause, unpause, reset and changed options of activities.

use durably_protos::google::protobuf::FieldMask;
use durably_protos::temporal::api::activity::v1::ActivityOptions;
use durably_protos::temporal::api::enums::v1::PendingActivityState;
use durably_protos::temporal::api::workflow::v1::PendingActivityInfo;
use durably_protos::temporal::api::workflow::v1::pending_activity_info::pause_info::PausedBy;
use durably_protos::temporal::api::workflowservice::v1::{
    PauseActivityRequest, PauseActivityResponse, PauseWorkflowExecutionRequest,
    PauseWorkflowExecutionResponse, RecordActivityTaskHeartbeatRequest,
    RecordActivityTaskHeartbeatResponse, ResetActivityRequest, ResetActivityResponse,
    RespondActivityTaskFailedRequest, RespondActivityTaskFailedResponse, UnpauseActivityRequest,
    UnpauseActivityResponse, UpdateActivityOptionsRequest, UpdateActivityOptionsResponse,
    pause_activity_request, reset_activity_request, unpause_activity_request,
    update_activity_options_request,
};
use tonic::{Code, Status};

use crate::bench::{Bench, NAMESPACE, activity, execution, queue, seconds};

/// A workflow `wf` that waits for its activity `a`.
async fn waiting() -> Bench {
    let bench = Bench::new();
    bench.start("wf", vec![]).await;
    bench.turn("wf", vec![activity("a", "wf")]).await;
    bench
}

async fn pending(bench: &Bench) -> PendingActivityInfo {
    let described = bench.describe("wf", "").await;
    described.pending_activities[0].clone()
}

async fn pause(bench: &Bench, id: &str) -> Result<PauseActivityResponse, Status> {
    let request = PauseActivityRequest {
        namespace: NAMESPACE.to_owned(),
        execution: execution("wf", ""),
        identity: "operator".to_owned(),
        reason: "too many".to_owned(),
        activity: Some(pause_activity_request::Activity::Id(id.to_owned())),
        ..PauseActivityRequest::default()
    };
    bench.call("PauseActivity", request).await
}

async fn unpause(bench: &Bench) {
    let request = UnpauseActivityRequest {
        namespace: NAMESPACE.to_owned(),
        execution: execution("wf", ""),
        activity: Some(unpause_activity_request::Activity::UnpauseAll(true)),
        ..UnpauseActivityRequest::default()
    };
    let _unpaused: UnpauseActivityResponse = bench.call("UnpauseActivity", request).await.unwrap();
}

async fn reset(bench: &Bench) {
    let request = ResetActivityRequest {
        namespace: NAMESPACE.to_owned(),
        execution: execution("wf", ""),
        activity: Some(reset_activity_request::Activity::Type(
            "activity".to_owned(),
        )),
        ..ResetActivityRequest::default()
    };
    let _reset: ResetActivityResponse = bench.call("ResetActivity", request).await.unwrap();
}

async fn heartbeat(
    bench: &Bench,
    task_token: &bytes::Bytes,
) -> Result<RecordActivityTaskHeartbeatResponse, Status> {
    let request = RecordActivityTaskHeartbeatRequest {
        namespace: NAMESPACE.to_owned(),
        task_token: task_token.clone(),
        ..RecordActivityTaskHeartbeatRequest::default()
    };
    bench.call("RecordActivityTaskHeartbeat", request).await
}

async fn fail(bench: &Bench, task_token: bytes::Bytes) {
    let request = RespondActivityTaskFailedRequest {
        namespace: NAMESPACE.to_owned(),
        task_token,
        ..RespondActivityTaskFailedRequest::default()
    };
    let _failed: RespondActivityTaskFailedResponse = bench
        .call("RespondActivityTaskFailed", request)
        .await
        .unwrap();
}

#[tokio::test]
async fn a_paused_activity_goes_to_nobody_until_it_is_unpaused() {
    let bench = waiting().await;
    pause(&bench, "a").await.unwrap();
    let paused = pending(&bench).await;
    assert_eq!(paused.state(), PendingActivityState::Paused);
    let Some(PausedBy::Manual(by)) = paused.pause_info.unwrap().paused_by else {
        panic!("paused by hand");
    };
    assert_eq!(
        (by.identity.as_str(), by.reason.as_str()),
        ("operator", "too many")
    );
    unpause(&bench).await;
    let task = bench.poll_activity("wf").await;
    assert_eq!((task.activity_id.as_str(), task.attempt), ("a", 1));
    assert_eq!(pending(&bench).await.pause_info, None);
}

#[tokio::test]
async fn a_running_activity_is_told_and_not_retried_while_it_is_paused() {
    let bench = waiting().await;
    let task = bench.poll_activity("wf").await;
    pause(&bench, "a").await.unwrap();
    let told = heartbeat(&bench, &task.task_token).await.unwrap();
    assert!(told.activity_paused);
    let state = pending(&bench).await.state();
    assert_eq!(state, PendingActivityState::PauseRequested);
    fail(&bench, task.task_token).await;
    bench.advance(3600).await;
    let paused = pending(&bench).await;
    assert_eq!(paused.state(), PendingActivityState::Paused);
    unpause(&bench).await;
    assert_eq!(bench.poll_activity("wf").await.attempt, 2);
}

#[tokio::test]
async fn a_reset_counts_anew_and_takes_later_attempts_from_their_workers() {
    let bench = waiting().await;
    let first = bench.poll_activity("wf").await;
    reset(&bench).await;
    let told = heartbeat(&bench, &first.task_token).await.unwrap();
    assert!(told.activity_reset);
    fail(&bench, first.task_token).await;
    bench.advance(1).await;
    let second = bench.poll_activity("wf").await;
    assert_eq!(second.attempt, 2);
    reset(&bench).await;
    let refused = heartbeat(&bench, &second.task_token).await.unwrap_err();
    assert_eq!(refused.code(), Code::NotFound);
    assert_eq!(pending(&bench).await.attempt, 1);
}

#[tokio::test]
async fn options_change_what_is_due_and_where_it_waits() {
    let bench = waiting().await;
    let request = |options: ActivityOptions, paths: &[&str]| UpdateActivityOptionsRequest {
        namespace: NAMESPACE.to_owned(),
        execution: execution("wf", ""),
        activity: Some(update_activity_options_request::Activity::Id(
            "a".to_owned(),
        )),
        activity_options: Some(options),
        update_mask: Some(FieldMask {
            paths: paths.iter().map(ToString::to_string).collect(),
        }),
        ..UpdateActivityOptionsRequest::default()
    };
    let options = ActivityOptions {
        task_queue: Some(queue("elsewhere")),
        start_to_close_timeout: seconds(1),
        heartbeat_timeout: seconds(9),
        ..ActivityOptions::default()
    };
    let paths = ["task_queue.name", "startToCloseTimeout"];
    let updated: UpdateActivityOptionsResponse = bench
        .call("UpdateActivityOptions", request(options, &paths))
        .await
        .unwrap();
    let updated = updated.activity_options.unwrap();
    assert_eq!(updated.start_to_close_timeout, seconds(1));
    assert_eq!(
        updated.heartbeat_timeout,
        seconds(0),
        "it is not in the mask"
    );

    let task = bench.poll_activity("elsewhere").await;
    assert_eq!(task.start_to_close_timeout, seconds(1));
    bench.advance(1).await;
    assert_eq!(pending(&bench).await.attempt, 2, "the attempt timed out");

    let restore = UpdateActivityOptionsRequest {
        activity_options: None,
        update_mask: None,
        restore_original: true,
        ..request(ActivityOptions::default(), &[])
    };
    let restored: UpdateActivityOptionsResponse =
        bench.call("UpdateActivityOptions", restore).await.unwrap();
    let restored = restored.activity_options.unwrap();
    assert_eq!(restored.start_to_close_timeout, seconds(60));
    assert_eq!(restored.task_queue.unwrap().name, "wf");
}

#[tokio::test]
async fn what_does_not_exist_cannot_be_paused() {
    let bench = waiting().await;
    let status = pause(&bench, "nope").await.unwrap_err();
    assert_eq!(status.code(), Code::NotFound);
    assert!(status.message().starts_with("Can't find pending activity"));
    let request = PauseWorkflowExecutionRequest {
        namespace: NAMESPACE.to_owned(),
        workflow_id: "wf".to_owned(),
        ..PauseWorkflowExecutionRequest::default()
    };
    let paused: Result<PauseWorkflowExecutionResponse, _> =
        bench.call("PauseWorkflowExecution", request).await;
    let status = paused.unwrap_err();
    assert_eq!(status.code(), Code::Unimplemented);
    let text = "workflow pause is not enabled for namespace: default";
    assert_eq!(status.message(), text);
}
