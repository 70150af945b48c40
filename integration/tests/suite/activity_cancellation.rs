//! Canceling activities: the three types, before and after the start, and what the body sees.

use std::time::Duration;

use durably::activity::{ActivityCancellationReason, ActivityCancellationType};
use durably::prelude::*;
use durably_integration::{Test, in_time};
use durably_protos::temporal::api::enums::v1::EventType;
use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};

/// Activities that tell the test what they see.
struct Watched {
    told: UnboundedSender<String>,
}

#[activities]
impl Watched {
    /// Works until it is canceled, then ends as it is told.
    #[activity(
        start_to_close_timeout = "60s",
        heartbeat_timeout = "1s",
        retry(maximum_attempts = 1)
    )]
    async fn works(&self, ctx: &ActivityContext, then: String) -> ActivityResult<String> {
        self.told.send("started".to_owned())?;
        let reason = loop {
            if ctx.heartbeat(&"busy").is_err() {
                break ctx.canceled().await.reason();
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
        };
        self.told.send(format!("{reason:?}"))?;
        match then.as_str() {
            "complete" => Ok("done all the same".to_owned()),
            "fail" => Err("broke while cleaning up".into()),
            _ => Err(ActivityError::canceled(&"half way")?),
        }
    }
}

fn watched() -> (Watched, UnboundedReceiver<String>) {
    let (told, heard) = unbounded_channel();
    (Watched { told }, heard)
}

async fn hear(heard: &mut UnboundedReceiver<String>) -> String {
    in_time("word from the activity", heard.recv())
        .await
        .expect("the activity is there")
}

/// Cancels an activity on a signal and tells how it ended.
#[derive(Default)]
struct Canceling {
    went: State<u32>,
}

#[workflow]
impl Canceling {
    #[run]
    async fn run(
        &self,
        ctx: &WorkflowContext,
        how: String,
        then: String,
    ) -> WorkflowResult<String> {
        let cancellation = match how.as_str() {
            "try" => ActivityCancellationType::TryCancel,
            "wait" => ActivityCancellationType::WaitCancellationCompleted,
            _ => ActivityCancellationType::Abandon,
        };
        let handle = ctx
            .activity(Watched::works, then)
            .cancellation_type(cancellation)
            .start();
        ctx.wait_until(|| self.went.get() > 0).await?;
        handle.cancel();
        let ended = match handle.await {
            Ok(result) => format!("result: {result}"),
            Err(failure) if failure.is_canceled() => match failure.chain().last() {
                Some(Failure::Canceled(inner)) => {
                    format!(
                        "canceled: {}",
                        inner.detail::<String>(0)?.unwrap_or_default()
                    )
                }
                other => format!("canceled without a cause: {other:?}"),
            },
            Err(failure) => format!("failed: {}", failure.chain().last().unwrap().message()),
        };
        // So that the activity is seen to react while the workflow is open.
        ctx.wait_until(|| self.went.get() > 1).await?;
        Ok(ended)
    }

    #[signal]
    fn go(&self) {
        self.went.update(|went| *went += 1);
    }
}

async fn cancel(how: &str, then: &str) -> (String, String, durably_integration::Events) {
    let test = Test::begin().await;
    let (watched, mut heard) = watched();
    let _worker = test.worker(|worker| worker.workflow(Canceling::run).activities(watched));
    let handle = test.start(Canceling::run, (how, then)).await;
    assert_eq!(hear(&mut heard).await, "started");
    handle.signal(Canceling::go, ()).await.unwrap();
    let reason = match how {
        "abandon" => String::new(),
        _ => hear(&mut heard).await,
    };
    // With the wait type the workflow goes on once the activity has ended.
    if how == "wait" {
        let ends = [
            EventType::ActivityTaskCanceled,
            EventType::ActivityTaskCompleted,
            EventType::ActivityTaskFailed,
        ];
        test.until(&handle, "the activity's end", |events| {
            ends.iter().any(|end| events.has(*end))
        })
        .await;
    }
    handle.signal(Canceling::go, ()).await.unwrap();
    let ended = test.result(&handle).await.unwrap();
    let events = test.events(&handle).await;
    (ended, reason, events)
}

fn reason() -> String {
    format!("{:?}", ActivityCancellationReason::Canceled)
}

#[tokio::test]
async fn try_cancel_does_not_wait() {
    let (ended, seen, events) = cancel("try", "cancel").await;
    assert_eq!((ended.as_str(), seen), ("canceled: ", reason()));
    assert!(events.has(EventType::ActivityTaskCancelRequested));
}

#[tokio::test]
async fn wait_gives_the_details_of_the_cancellation() {
    let (ended, seen, events) = cancel("wait", "cancel").await;
    assert_eq!((ended.as_str(), seen), ("canceled: half way", reason()));
    assert!(events.has(EventType::ActivityTaskCanceled));
}

#[tokio::test]
async fn wait_gives_the_result_of_an_activity_that_completes_all_the_same() {
    let (ended, seen, events) = cancel("wait", "complete").await;
    assert_eq!(
        (ended.as_str(), seen),
        ("result: done all the same", reason())
    );
    assert!(events.has(EventType::ActivityTaskCompleted));
}

#[tokio::test]
async fn wait_gives_the_failure_of_an_activity_that_breaks() {
    let (ended, seen, _) = cancel("wait", "fail").await;
    assert_eq!(
        (ended.as_str(), seen),
        ("failed: broke while cleaning up", reason())
    );
}

#[tokio::test]
async fn abandon_does_not_tell_the_activity() {
    let (ended, _, events) = cancel("abandon", "cancel").await;
    assert_eq!(ended, "canceled: ");
    assert!(!events.has(EventType::ActivityTaskCancelRequested));
}

#[activity(start_to_close_timeout = "10s")]
async fn quick() -> ActivityResult<()> {
    Ok(())
}

#[workflow]
async fn changes_its_mind(ctx: &WorkflowContext) -> WorkflowResult<bool> {
    let handle = ctx.activity(quick, ()).start();
    handle.cancel();
    let canceled = handle.await.is_err_and(|failure| failure.is_canceled());
    // A dropped future cancels too.
    drop(ctx.activity(quick, ()).start());
    ctx.activity(quick, ()).await?;
    Ok(canceled)
}

#[tokio::test]
async fn what_is_canceled_at_once_is_never_scheduled() {
    let test = Test::begin().await;
    let _worker = test.worker(|worker| worker.workflow(changes_its_mind).activity(quick));
    let handle = test.start(changes_its_mind, ()).await;
    assert!(test.result(&handle).await.unwrap());
    assert_eq!(
        test.events(&handle)
            .await
            .count(EventType::ActivityTaskScheduled),
        1
    );
}

#[workflow]
async fn cancels_what_waits(ctx: &WorkflowContext) -> WorkflowResult<bool> {
    let queue = format!("{}-of-nobody", ctx.info().task_queue());
    let handle = ctx
        .activity(quick, ())
        .task_queue(queue)
        .cancellation_type(ActivityCancellationType::WaitCancellationCompleted)
        .start();
    ctx.sleep(Duration::from_millis(10)).await?;
    handle.cancel();
    Ok(handle.await.is_err_and(|failure| failure.is_canceled()))
}

#[tokio::test]
async fn an_activity_that_no_worker_took_is_canceled_at_once() {
    let test = Test::begin().await;
    let _worker = test.worker(|worker| worker.workflow(cancels_what_waits));
    let handle = test.start(cancels_what_waits, ()).await;
    assert!(test.result(&handle).await.unwrap());
    let events = test.events(&handle).await;
    assert!(events.has(EventType::ActivityTaskCanceled));
    assert!(!events.has(EventType::ActivityTaskStarted));
}

/// Cancels what no worker took, and in the same task starts a timer, or ends.
#[workflow]
async fn cancels_and_goes_on(ctx: &WorkflowContext, rest: bool) -> WorkflowResult<bool> {
    let queue = format!("{}-of-nobody", ctx.info().task_queue());
    let handle = ctx
        .activity(quick, ())
        .task_queue(queue)
        .cancellation_type(ActivityCancellationType::TryCancel)
        .start();
    ctx.sleep(Duration::from_millis(10)).await?;
    handle.cancel();
    let canceled = handle.await.is_err_and(|failure| failure.is_canceled());
    if rest {
        ctx.sleep(Duration::from_millis(10)).await?;
    }
    Ok(canceled)
}

#[tokio::test]
async fn the_commands_of_the_task_come_before_the_end_of_what_no_worker_took() {
    let test = Test::begin().await;
    let _worker = test.worker(|worker| worker.workflow(cancels_and_goes_on));
    let handle = test.start(cancels_and_goes_on, true).await;
    assert!(test.result(&handle).await.unwrap());
    let events = test.events(&handle).await;
    let place = |event_type| {
        events
            .types()
            .iter()
            .rposition(|found| *found == event_type)
    };
    let last_timer = place(EventType::TimerStarted);
    assert!(
        place(EventType::ActivityTaskCancelRequested) < last_timer
            && last_timer < place(EventType::ActivityTaskCanceled),
        "{events:?}"
    );

    let handle = test.start(cancels_and_goes_on, false).await;
    assert!(test.result(&handle).await.unwrap());
    let events = test.events(&handle).await;
    assert!(events.has(EventType::ActivityTaskCancelRequested));
    assert!(!events.has(EventType::ActivityTaskCanceled), "{events:?}");
}

#[workflow]
async fn loses_interest(ctx: &WorkflowContext) -> WorkflowResult<()> {
    let handle = ctx.activity(Watched::works, "cancel").start();
    ctx.sleep(Duration::from_millis(500)).await?;
    drop(handle);
    ctx.sleep(Duration::from_secs(2)).await?;
    Ok(())
}

#[tokio::test]
async fn dropping_the_future_cancels_the_activity() {
    let test = Test::begin().await;
    let (watched, mut heard) = watched();
    let _worker = test.worker(|worker| worker.workflow(loses_interest).activities(watched));
    let handle = test.start(loses_interest, ()).await;
    assert_eq!(hear(&mut heard).await, "started");
    assert_eq!(hear(&mut heard).await, reason());
    test.result(&handle).await.unwrap();
    assert!(
        test.events(&handle)
            .await
            .has(EventType::ActivityTaskCancelRequested)
    );
}

#[workflow]
async fn waits_for_activity(ctx: &WorkflowContext) -> WorkflowResult<String> {
    Ok(ctx.activity(Watched::works, "cancel").await?)
}

#[tokio::test]
async fn an_activity_of_a_closed_workflow_learns_that_it_is_not_wanted() {
    let test = Test::begin().await;
    let (watched, mut heard) = watched();
    let _worker = test.worker(|worker| worker.workflow(waits_for_activity).activities(watched));
    let handle = test.start(waits_for_activity, ()).await;
    assert_eq!(hear(&mut heard).await, "started");
    handle.terminate("no more").await.unwrap();
    let not_found = format!("{:?}", ActivityCancellationReason::NotFound);
    assert_eq!(hear(&mut heard).await, not_found);
}
