//! Activities that someone other than their worker completes.

use bytes::Bytes;
use durably::activity::ActivityCancellationType;
use durably::client::AsyncActivityError;
use durably::prelude::*;
use durably_integration::{Test, eventually, in_time};
use durably_protos::temporal::api::enums::v1::EventType;
use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};

/// Hands its task token to the test.
struct Approvals {
    tokens: UnboundedSender<Bytes>,
}

#[activities]
impl Approvals {
    #[activity(start_to_close_timeout = "60s", retry(initial_interval = "20ms"))]
    async fn approve(&self, ctx: &ActivityContext, order: String) -> ActivityResult<String> {
        self.tokens.send(ctx.task_token().clone())?;
        let _ = order;
        Err(ActivityError::complete_asynchronously())
    }
}

#[workflow]
async fn approval(ctx: &WorkflowContext, order: String) -> WorkflowResult<String> {
    Ok(ctx
        .activity(Approvals::approve, order)
        .activity_id("approval")
        .await?)
}

fn approvals() -> (Approvals, UnboundedReceiver<Bytes>) {
    let (tokens, received) = unbounded_channel();
    (Approvals { tokens }, received)
}

async fn next(tokens: &mut UnboundedReceiver<Bytes>) -> Bytes {
    in_time("a task token", tokens.recv())
        .await
        .expect("the activity is there")
}

#[tokio::test]
async fn completed_by_task_token() {
    let test = Test::begin().await;
    let (approvals, mut tokens) = approvals();
    let _worker = test.worker(|worker| worker.workflow(approval).activities(approvals));
    let handle = test.start(approval, "o-1").await;
    let activity = test.client().async_activity(next(&mut tokens).await);
    let heartbeat = activity.heartbeat(&"looking at it").await.unwrap();
    assert!(!heartbeat.cancel_requested && !heartbeat.activity_paused);
    activity.complete(&"approved".to_owned()).await.unwrap();
    assert_eq!(test.result(&handle).await.unwrap(), "approved");
    let again = activity.complete(&"once more".to_owned()).await;
    assert!(
        matches!(again, Err(AsyncActivityError::NotFound { .. })),
        "{again:?}"
    );
}

#[tokio::test]
async fn completed_by_ids() {
    let test = Test::begin().await;
    let (approvals, mut tokens) = approvals();
    let _worker = test.worker(|worker| worker.workflow(approval).activities(approvals));
    let handle = test.start(approval, "o-1").await;
    next(&mut tokens).await;
    let activity = test
        .client()
        .async_activity_by_id(handle.workflow_id(), None, "approval");
    activity.complete(&"approved".to_owned()).await.unwrap();
    assert_eq!(test.result(&handle).await.unwrap(), "approved");

    let unknown = test
        .client()
        .async_activity_by_id(handle.workflow_id(), None, "nothing");
    let error = unknown.complete(&1).await;
    assert!(
        matches!(error, Err(AsyncActivityError::NotFound { .. })),
        "{error:?}"
    );
}

#[tokio::test]
async fn failed_and_retried() {
    let test = Test::begin().await;
    let (approvals, mut tokens) = approvals();
    let _worker = test.worker(|worker| worker.workflow(approval).activities(approvals));
    let handle = test.start(approval, "o-1").await;
    let first = test.client().async_activity(next(&mut tokens).await);
    first
        .fail(ApplicationFailure::new("ask again"))
        .await
        .unwrap();
    let second = test.client().async_activity(next(&mut tokens).await);
    let refused = ApplicationFailure::new("refused")
        .with_type("Refused")
        .non_retryable();
    second.fail(refused).await.unwrap();
    let error = test.result(&handle).await.unwrap_err();
    let durably::client::ResultError::Failed(failure) = error else {
        panic!("a failure, not {error:?}");
    };
    assert_eq!(failure.application().unwrap().failure_type(), "Refused");
}

#[workflow]
async fn withdrawn(ctx: &WorkflowContext) -> WorkflowResult<bool> {
    let call = ctx.activity(Approvals::approve, "o-1");
    let call = call.cancellation_type(ActivityCancellationType::WaitCancellationCompleted);
    let ended = call.await;
    Ok(ended.is_err_and(|failure| failure.is_canceled()))
}

#[tokio::test]
async fn told_of_a_cancellation() {
    let test = Test::begin().await;
    let (approvals, mut tokens) = approvals();
    let _worker = test.worker(|worker| worker.workflow(withdrawn).activities(approvals));
    let handle = test.start(withdrawn, ()).await;
    let activity = test.client().async_activity(next(&mut tokens).await);
    handle.cancel("withdrawn").await.unwrap();
    eventually("the request to cancel", async || {
        let heartbeat = activity
            .heartbeat(&())
            .await
            .map_err(|error| error.to_string())?;
        heartbeat
            .cancel_requested
            .then_some(())
            .ok_or(format!("{heartbeat:?}"))
    })
    .await;
    activity.report_canceled(&"stopped").await.unwrap();
    assert!(test.result(&handle).await.unwrap());
    assert!(
        test.events(&handle)
            .await
            .has(EventType::ActivityTaskCanceled)
    );
}
