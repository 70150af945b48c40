//! What fails a workflow, and what fails its task only: as the code says, and as the worker is told.

use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use durably::client::ResultError;
use durably::prelude::*;
use durably_integration::Test;
use durably_protos::temporal::api::enums::v1::{EventType, WorkflowTaskFailedCause};

/// Set when the cause of a fault has been mended. One test uses it.
static MENDED: AtomicBool = AtomicBool::new(false);

#[workflow]
async fn cannot_happen(ctx: &WorkflowContext) -> WorkflowResult<String> {
    ctx.sleep(Duration::from_millis(10)).await?;
    if !MENDED.load(Ordering::SeqCst) {
        let fault = ApplicationFailure::new("this cannot happen").with_type("Impossible");
        return Err(WorkflowError::fail_task(fault));
    }
    Ok("mended".to_owned())
}

#[tokio::test]
async fn an_error_may_fail_the_task_alone() {
    let test = Test::begin().await;
    let _worker = test.worker(|worker| worker.workflow(cannot_happen));
    let start = test.starting(cannot_happen, ());
    let handle = start
        .workflow_task_timeout(Duration::from_secs(1))
        .await
        .unwrap();
    let events = test
        .until_event(&handle, EventType::WorkflowTaskFailed)
        .await;
    let failed = events.failed_tasks().next().unwrap();
    let failure = failed.failure.as_ref().unwrap();
    assert_eq!(failure.message, "this cannot happen");
    MENDED.store(true, Ordering::SeqCst);
    let result = test.result_of_troubled(&handle).await;
    assert_eq!(result.unwrap(), "mended");
}

#[workflow]
async fn panics(_ctx: &WorkflowContext) -> WorkflowResult<()> {
    panic!("no way out")
}

#[tokio::test]
async fn a_panic_fails_the_workflow_where_the_worker_is_told_so() {
    let test = Test::begin().await;
    let _worker = test.worker(|worker| worker.workflow(panics).panics_fail_workflows(true));
    let handle = test.start(panics, ()).await;
    let error = handle.result().await.unwrap_err();
    assert!(
        matches!(&error, ResultError::Failed(failure) if failure.to_string().contains("no way out")),
        "{error:?}"
    );
    let events = test.events(&handle).await;
    assert!(!events.has(EventType::WorkflowTaskFailed));
}

/// Waits for a signal, after one timer.
#[derive(Default)]
struct Before {
    go: State<bool>,
}

#[workflow(name = "changing")]
impl Before {
    #[run]
    async fn run(&self, ctx: &WorkflowContext) -> WorkflowResult<()> {
        ctx.sleep(Duration::from_millis(1)).await?;
        Ok(ctx.wait_until(|| self.go.get()).await?)
    }

    #[signal]
    fn go(&self) {
        self.go.set(true);
    }
}

#[workflow(name = "changing")]
async fn after(_ctx: &WorkflowContext) -> WorkflowResult<()> {
    Ok(())
}

#[tokio::test]
async fn code_that_does_not_follow_fails_the_workflow_where_the_worker_is_told_so() {
    let test = Test::begin().await;
    let worker = test.worker(|worker| worker.workflow(Before::run));
    let handle = test.start(Before::run, ()).await;
    test.until(&handle, "the wait", |events| {
        events.has(EventType::TimerFired) && events.last() == EventType::WorkflowTaskCompleted
    })
    .await;
    worker.stop().await;
    let _changed =
        test.worker(|worker| worker.workflow(after).nondeterminism_fails_workflows(true));
    handle.signal(Before::go, ()).await.unwrap();
    let error = handle.result().await.unwrap_err();
    assert!(
        matches!(&error, ResultError::Failed(failure) if failure.to_string().contains("TMPRL1100")),
        "{error:?}"
    );
    let events = test.events(&handle).await;
    let nondeterministic = |cause| cause == WorkflowTaskFailedCause::NonDeterministicError;
    assert!(
        !events
            .failed_tasks()
            .any(|failed| nondeterministic(failed.cause()))
    );
}
