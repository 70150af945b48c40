//! What operators can do with an activity that runs: pause it, let it go on, reset it.

use std::time::Duration;

use durably::activity::ActivityCancellationReason;
use durably::client::WorkflowHandle;
use durably::definition::WorkflowDefinition;
use durably::prelude::*;
use durably_integration::{Test, in_time};
use durably_protos::temporal::api::common::v1::WorkflowExecution;
use durably_protos::temporal::api::workflowservice::v1::{
    PauseActivityRequest, ResetActivityRequest, UnpauseActivityRequest, pause_activity_request,
    reset_activity_request, unpause_activity_request,
};
use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};

/// An activity that tells the test what it sees, and completes at its second attempt.
struct Watched {
    told: UnboundedSender<(u32, String)>,
}

#[activities]
impl Watched {
    #[activity(
        start_to_close_timeout = "60s",
        heartbeat_timeout = "1s",
        retry(initial_interval = "50ms")
    )]
    async fn works(&self, ctx: &ActivityContext) -> ActivityResult<u32> {
        let attempt = ctx.info().attempt;
        let known = ctx.heartbeat_details::<String>()?.unwrap_or_default();
        self.told
            .send((attempt, format!("started, knows \"{known}\"")))?;
        if attempt > 1 {
            return Ok(attempt);
        }
        while ctx.heartbeat(&"page 7").is_ok() {
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
        let canceled = ctx.canceled().await;
        self.told
            .send((attempt, format!("{:?}", canceled.reason())))?;
        Err(canceled.into())
    }
}

#[workflow]
async fn working(ctx: &WorkflowContext) -> WorkflowResult<u32> {
    Ok(ctx.activity(Watched::works, ()).activity_id("work").await?)
}

fn execution<W: WorkflowDefinition>(handle: &WorkflowHandle<W>) -> Option<WorkflowExecution> {
    Some(WorkflowExecution {
        workflow_id: handle.workflow_id().to_owned(),
        run_id: String::new(),
    })
}

async fn hear(heard: &mut UnboundedReceiver<(u32, String)>) -> (u32, String) {
    in_time("word from the activity", heard.recv())
        .await
        .expect("the activity is there")
}

#[tokio::test]
async fn a_paused_activity_stops_and_goes_on_later() {
    let test = Test::begin().await;
    let (told, mut heard) = unbounded_channel();
    let _worker = test.worker(|worker| worker.workflow(working).activities(Watched { told }));
    let handle = test.start(working, ()).await;
    assert_eq!(
        hear(&mut heard).await,
        (1, "started, knows \"\"".to_owned())
    );

    let pause = PauseActivityRequest {
        namespace: test.client().namespace().to_owned(),
        execution: execution(&handle),
        activity: Some(pause_activity_request::Activity::Id("work".to_owned())),
        ..PauseActivityRequest::default()
    };
    test.client().call(pause).await.unwrap();
    let paused = format!("{:?}", ActivityCancellationReason::Paused);
    assert_eq!(hear(&mut heard).await, (1, paused));

    let unpause = UnpauseActivityRequest {
        namespace: test.client().namespace().to_owned(),
        execution: execution(&handle),
        activity: Some(unpause_activity_request::Activity::Id("work".to_owned())),
        ..UnpauseActivityRequest::default()
    };
    test.client().call(unpause).await.unwrap();
    assert_eq!(
        hear(&mut heard).await,
        (2, "started, knows \"page 7\"".to_owned())
    );
    assert_eq!(test.result(&handle).await.unwrap(), 2);
}

#[tokio::test]
async fn a_reset_activity_stops_and_begins_again() {
    let test = Test::begin().await;
    let (told, mut heard) = unbounded_channel();
    let _worker = test.worker(|worker| worker.workflow(working).activities(Watched { told }));
    let handle = test.start(working, ()).await;
    assert_eq!(
        hear(&mut heard).await,
        (1, "started, knows \"\"".to_owned())
    );

    let reset = ResetActivityRequest {
        namespace: test.client().namespace().to_owned(),
        execution: execution(&handle),
        activity: Some(reset_activity_request::Activity::Id("work".to_owned())),
        ..ResetActivityRequest::default()
    };
    test.client().call(reset).await.unwrap();
    let reset = format!("{:?}", ActivityCancellationReason::Reset);
    assert_eq!(hear(&mut heard).await, (1, reset));
    assert_eq!(hear(&mut heard).await.0, 2);
    assert_eq!(test.result(&handle).await.unwrap(), 2);
}
