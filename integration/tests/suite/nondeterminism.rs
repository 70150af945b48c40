//! Code that does not follow its history: the task fails with both sides and the place, and goes on
//! with code that does.

use std::panic::AssertUnwindSafe;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use durably::client::WorkflowHandle;
use durably::definition::WorkflowDefinition;
use durably::prelude::*;
use durably_integration::{Events, RunningWorker, Test};
use durably_protos::temporal::api::enums::v1::{EventType, WorkflowTaskFailedCause};
use futures_util::FutureExt;

const TASK_TIMEOUT: Duration = Duration::from_secs(1);

#[activity(start_to_close_timeout = "10s")]
async fn charge() -> ActivityResult<String> {
    Ok("charged".to_owned())
}

#[activity(start_to_close_timeout = "10s")]
async fn ship() -> ActivityResult<String> {
    Ok("shipped".to_owned())
}

/// The order as it was when the workflow began.
#[derive(Default)]
struct Original {
    go: State<bool>,
}

#[workflow(name = "order")]
impl Original {
    #[run]
    async fn run(&self, ctx: &WorkflowContext) -> WorkflowResult<String> {
        let charged = ctx.activity(charge, ()).await?;
        ctx.wait_until(|| self.go.get()).await?;
        let shipped = ctx.activity(ship, ()).await?;
        Ok(format!("{charged}, {shipped}"))
    }

    #[signal]
    fn go(&self) {
        self.go.set(true);
    }
}

/// Does something else first.
#[workflow(name = "order")]
async fn reordered(ctx: &WorkflowContext) -> WorkflowResult<String> {
    let shipped = ctx.activity(ship, ()).await?;
    let charged = ctx.activity(charge, ()).await?;
    Ok(format!("{charged}, {shipped}"))
}

/// Does something of another kind.
#[workflow(name = "order")]
async fn delayed(ctx: &WorkflowContext) -> WorkflowResult<String> {
    ctx.sleep(Duration::from_secs(5)).await?;
    Ok(ctx.activity(charge, ()).await?)
}

/// Does nothing.
#[workflow(name = "order")]
async fn emptied(_ctx: &WorkflowContext) -> WorkflowResult<String> {
    Ok("nothing".to_owned())
}

/// Does more.
#[workflow(name = "order")]
async fn doubled(ctx: &WorkflowContext) -> WorkflowResult<String> {
    let twice = [
        ctx.activity(charge, ()).start(),
        ctx.activity(charge, ()).start(),
    ];
    let [first, second] = twice;
    Ok(first.await? + &second.await?)
}

fn original(test: &Test) -> RunningWorker {
    test.worker(|worker| {
        worker
            .workflow(Original::run)
            .activity(charge)
            .activity(ship)
    })
}

/// Runs the order to its wait, goes on with changed code, and gives what the failed task says.
async fn changed(
    test: &Test,
    changed: impl FnOnce() -> RunningWorker,
) -> (
    WorkflowHandle<impl WorkflowDefinition<Owner = Original, Output = String>>,
    String,
) {
    let worker = original(test);
    let start = test
        .starting(Original::run, ())
        .workflow_task_timeout(TASK_TIMEOUT);
    let handle = start.await.unwrap();
    test.until(&handle, "the wait", |events| {
        events.has(EventType::ActivityTaskCompleted)
            && events.last() == EventType::WorkflowTaskCompleted
    })
    .await;
    worker.stop().await;
    let worker = changed();
    handle.signal(Original::go, ()).await.unwrap();
    let ended = |events: &Events| {
        events.has(EventType::WorkflowTaskFailed) || events.has(EventType::WorkflowTaskTimedOut)
    };
    let events = test.until(&handle, "a failed task", ended).await;
    if !events.has(EventType::WorkflowTaskFailed) {
        // The task was lost with the first worker's last poll, and the failure of a second attempt is
        // not recorded: another signal makes it a first attempt again.
        handle.signal(Original::go, ()).await.unwrap();
    }
    let events = test
        .until_event(&handle, EventType::WorkflowTaskFailed)
        .await;
    let failed = events.failed_tasks().last().unwrap();
    assert_eq!(
        failed.cause(),
        WorkflowTaskFailedCause::NonDeterministicError
    );
    let message = failed.failure.as_ref().unwrap().message.clone();
    assert!(message.contains("[TMPRL1100]"), "{message}");
    worker.stop().await;
    (handle, message)
}

async fn goes_on_with_the_original<W>(test: &Test, handle: &WorkflowHandle<W>)
where
    W: WorkflowDefinition<Owner = Original, Output = String>,
{
    let _worker = original(test);
    assert_eq!(
        test.result_of_troubled(handle).await.unwrap(),
        "charged, shipped"
    );
}

#[tokio::test]
async fn another_activity() {
    let test = Test::begin().await;
    let worker =
        || test.worker(|worker| worker.workflow(reordered).activity(charge).activity(ship));
    let (handle, message) = changed(&test, worker).await;
    assert!(
        message.contains("charge") && message.contains("ship"),
        "{message}"
    );
    assert!(message.contains("nondeterminism.rs"), "{message}");
    goes_on_with_the_original(&test, &handle).await;
}

#[tokio::test]
async fn a_timer_instead() {
    let test = Test::begin().await;
    let worker = || test.worker(|worker| worker.workflow(delayed).activity(charge));
    let (handle, message) = changed(&test, worker).await;
    assert!(
        message.contains("Timer") && message.contains("charge"),
        "{message}"
    );
    assert!(message.contains("nondeterminism.rs"), "{message}");
    goes_on_with_the_original(&test, &handle).await;
}

#[tokio::test]
async fn less() {
    let test = Test::begin().await;
    let worker = || test.worker(|worker| worker.workflow(emptied));
    let (handle, message) = changed(&test, worker).await;
    assert!(message.contains("charge"), "{message}");
    goes_on_with_the_original(&test, &handle).await;
}

#[tokio::test]
async fn more() {
    let test = Test::begin().await;
    let worker = || test.worker(|worker| worker.workflow(doubled).activity(charge));
    let (handle, message) = changed(&test, worker).await;
    assert!(message.contains("charge"), "{message}");
    goes_on_with_the_original(&test, &handle).await;
}

#[tokio::test]
async fn a_query_of_code_that_does_not_follow() {
    let test = Test::begin().await;
    let worker = original(&test);
    let handle = test.start(Original::run, ()).await;
    test.until(&handle, "the wait", |events| {
        events.has(EventType::ActivityTaskCompleted)
            && events.last() == EventType::WorkflowTaskCompleted
    })
    .await;
    worker.stop().await;
    let _changed = test.worker(|worker| worker.workflow(reordered).activity(charge).activity(ship));
    let error = handle.query_by_name("anything", vec![]).await.unwrap_err();
    let durably::client::QueryError::Failed { message, .. } = &error else {
        panic!("a failed query, not {error:?}");
    };
    assert!(message.contains("[TMPRL1100]"), "{message}");
    handle.terminate("asked").await.unwrap();
}

static REPLAYED: AtomicBool = AtomicBool::new(false);

/// Does something else the second time it runs.
#[workflow]
async fn forgetful(ctx: &WorkflowContext) -> WorkflowResult<()> {
    if !REPLAYED.swap(true, Ordering::SeqCst) {
        ctx.sleep(Duration::from_millis(10)).await?;
    }
    Ok(())
}

/// The suite replays what it has recorded: here is what it would have missed.
#[tokio::test]
async fn every_result_is_replayed() {
    let test = Test::begin().await;
    let _worker = test.worker(|worker| worker.workflow(forgetful).max_cached_workflows(10));
    let handle = test.start(forgetful, ()).await;
    let checked = AssertUnwindSafe(test.result(&handle)).catch_unwind().await;
    let panic = checked.unwrap_err();
    let message = panic.downcast_ref::<String>().unwrap();
    assert!(message.contains("does not replay"), "{message}");
}
