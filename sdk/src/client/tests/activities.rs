//! Activities that a client completes.

use durably_protos::temporal::api::workflowservice::v1::{
    RecordActivityTaskHeartbeatRequest, RecordActivityTaskHeartbeatResponse,
    RespondActivityTaskCompletedRequest, RespondActivityTaskFailedByIdRequest,
};

use super::*;
use crate::client::AsyncActivityError;
use crate::failure::ApplicationFailure;
use crate::payload::ToPayload;

#[tokio::test(start_paused = true)]
async fn by_task_token() {
    let server = TestServer::new();
    let response = RecordActivityTaskHeartbeatResponse {
        cancel_requested: true,
        ..Default::default()
    };
    server.answer::<RecordActivityTaskHeartbeatRequest>([Ok(response)]);
    server.answer::<RespondActivityTaskCompletedRequest>([
        Ok(Default::default()),
        Ok(Default::default()),
        Err(not_found(
            "invalid activityID or activity already timed out",
        )),
    ]);
    let activity = server.client().await.async_activity(&b"token"[..]);
    let answer = activity.heartbeat(&0.5).await.unwrap();
    assert!(answer.cancel_requested && !answer.activity_paused);
    activity.complete(&"done".to_owned()).await.unwrap();
    activity.complete(&()).await.unwrap();
    let error = activity.complete(&()).await.unwrap_err();
    assert!(
        matches!(error, AsyncActivityError::NotFound { .. }),
        "{error}"
    );

    let heartbeat = &server.requests::<RecordActivityTaskHeartbeatRequest>()[0];
    assert_eq!(
        (&heartbeat.task_token[..], heartbeat.identity.as_str()),
        (&b"token"[..], "tester")
    );
    assert_eq!(
        heartbeat.details.as_ref().unwrap().payloads,
        [0.5.to_payload().unwrap()]
    );
    let completed = server.requests::<RespondActivityTaskCompletedRequest>();
    assert!(completed[0].result.is_some() && completed[1].result.is_none());
}

#[tokio::test(start_paused = true)]
async fn by_ids() {
    type Request = RespondActivityTaskFailedByIdRequest;
    let server = TestServer::new();
    server.answer::<Request>([Ok(Default::default())]);
    let activity = server
        .client()
        .await
        .async_activity_by_id("w", Some("run"), "5");
    activity
        .fail(ApplicationFailure::new("refused").with_type("Refused"))
        .await
        .unwrap();
    let request = &server.requests::<Request>()[0];
    assert_eq!(
        (request.workflow_id.as_str(), request.activity_id.as_str()),
        ("w", "5")
    );
    assert_eq!(request.run_id, "run");
    assert_eq!(request.failure.as_ref().unwrap().message, "refused");
}
