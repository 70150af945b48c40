//! Child workflows that do not reach their result: canceled in every way, timed out, terminated,
//! left behind by their parent.

use std::time::Duration;

use durably::client::{ResultError, WorkflowExecutionStatus, WorkflowHandle};
use durably::failure::CanceledFailure;
use durably::options::ParentClosePolicy;
use durably::prelude::*;
use durably::workflow::ChildCancellationType;
use durably_integration::{Events, Test, eventually};
use durably_protos::temporal::api::enums::v1::EventType;

use crate::children::{id_of, initiated, told};

const LONG: Duration = Duration::from_secs(3600);

/// Takes its time when it is canceled; ends as canceled, or completes.
#[workflow]
async fn lingers(ctx: &WorkflowContext, obeys: bool) -> WorkflowResult<String> {
    let reason = ctx.canceled().await;
    ctx.shield(ctx.timer(Duration::from_millis(500))).await?;
    match obeys {
        true => Err(CanceledFailure::new(reason)
            .with_details(&"tidy".to_owned())?
            .into()),
        false => Ok(reason),
    }
}

/// Cancels its child once it has started, and tells how that looks.
#[workflow]
async fn cancels(ctx: &WorkflowContext, how: String, obeys: bool) -> WorkflowResult<String> {
    use ChildCancellationType as Type;
    let cancellation = match how.as_str() {
        "abandon" => Type::Abandon,
        "try" => Type::TryCancel,
        "requested" => Type::WaitCancellationRequested,
        _ => Type::WaitCancellationCompleted,
    };
    let child = ctx
        .child(lingers, obeys)
        .workflow_id(id_of(ctx, "child"))
        .parent_close_policy(ParentClosePolicy::Abandon)
        .cancellation_type(cancellation)
        .start()
        .await?;
    child.cancel();
    let told = match child.result().await {
        Ok(reason) => reason,
        Err(failure) => told(&failure),
    };
    // Servers drop requests of a workflow that has ended.
    ctx.sleep(Duration::from_millis(100)).await?;
    Ok(told)
}

const CANCELED: &str = "Child Workflow execution canceled | canceled | CancelRequested";

async fn canceled(
    test: &Test,
    how: &str,
    obeys: bool,
) -> (String, Events, WorkflowHandle<lingers>) {
    let handle = test.start(cancels, (how.to_owned(), obeys)).await;
    let seen = test.result(&handle).await.unwrap();
    let events = test.events(&handle).await;
    let id = format!("{}/child", handle.workflow_id());
    (seen, events, test.client().workflow_handle(lingers, id))
}

#[tokio::test]
async fn abandoned() {
    let test = Test::begin().await;
    let _worker = test.worker(|worker| worker.workflow(cancels).workflow(lingers));
    let (seen, events, child) = canceled(&test, "abandon", true).await;
    assert_eq!(seen, CANCELED);
    assert!(!events.has(EventType::RequestCancelExternalWorkflowExecutionInitiated));
    let status = child.describe().await.unwrap().status();
    assert_eq!(status, WorkflowExecutionStatus::Running);
    child.terminate("seen").await.unwrap();
}

#[tokio::test]
async fn tried() {
    let test = Test::begin().await;
    let _worker = test.worker(|worker| worker.workflow(cancels).workflow(lingers));
    let (seen, events, child) = canceled(&test, "try", true).await;
    assert_eq!(seen, CANCELED);
    assert!(events.has(EventType::RequestCancelExternalWorkflowExecutionInitiated));
    assert!(
        events.begins_with(
            EventType::TimerStarted,
            EventType::ChildWorkflowExecutionCanceled
        ),
        "the parent did not wait for the child's end: {events:?}"
    );
    let error = test.result(&child).await.unwrap_err();
    assert!(matches!(error, ResultError::Canceled { .. }), "{error:?}");
}

#[tokio::test]
async fn until_it_was_asked() {
    let test = Test::begin().await;
    let _worker = test.worker(|worker| worker.workflow(cancels).workflow(lingers));
    let (seen, events, child) = canceled(&test, "requested", true).await;
    assert_eq!(seen, CANCELED);
    assert!(events.has(EventType::ExternalWorkflowExecutionCancelRequested));
    assert!(
        events.begins_with(
            EventType::TimerStarted,
            EventType::ChildWorkflowExecutionCanceled
        ),
        "the parent did not wait for the child's end: {events:?}"
    );
    let error = test.result(&child).await.unwrap_err();
    assert!(matches!(error, ResultError::Canceled { .. }), "{error:?}");
}

#[tokio::test]
async fn until_it_has_ended() {
    let test = Test::begin().await;
    let _worker = test.worker(|worker| worker.workflow(cancels).workflow(lingers));
    let (seen, events, _) = canceled(&test, "completed", true).await;
    assert_eq!(seen, CANCELED);
    assert!(events.has(EventType::ChildWorkflowExecutionCanceled));
}

#[tokio::test]
async fn a_child_may_complete_all_the_same() {
    let test = Test::begin().await;
    let _worker = test.worker(|worker| worker.workflow(cancels).workflow(lingers));
    let (seen, events, _) = canceled(&test, "completed", false).await;
    assert_eq!(seen, "requested by the parent workflow");
    assert!(events.has(EventType::ChildWorkflowExecutionCompleted));
}

#[workflow]
async fn waits_for_its_child(ctx: &WorkflowContext) -> WorkflowResult<String> {
    let call = ctx.child(lingers, true).workflow_id(id_of(ctx, "child"));
    Ok(call.await?)
}

#[tokio::test]
async fn with_its_parent() {
    let test = Test::begin().await;
    let _worker = test.worker(|worker| worker.workflow(waits_for_its_child).workflow(lingers));
    let handle = test.start(waits_for_its_child, ()).await;
    test.until_event(&handle, EventType::ChildWorkflowExecutionStarted)
        .await;
    handle.cancel("enough").await.unwrap();
    let error = test.result(&handle).await.unwrap_err();
    assert!(matches!(error, ResultError::Canceled { .. }), "{error:?}");
    let events = test.events(&handle).await;
    assert!(
        events.has(EventType::ChildWorkflowExecutionCanceled),
        "{events:?}"
    );
}

#[workflow]
async fn thinks_better_of_it(ctx: &WorkflowContext) -> WorkflowResult<Vec<String>> {
    let child = ctx.cancel_scope(ctx.child(lingers, true));
    let scope = child.scope();
    let (awaited, ()) = join!(child, async move { scope.cancel("a mistake") });
    let started = ctx.cancel_scope(ctx.child(lingers, true).start());
    let scope = started.scope();
    let (started, ()) = join!(started, async move { scope.cancel("a mistake") });
    ctx.sleep(Duration::from_millis(10)).await?;
    let failures = [awaited.err(), started.err()];
    Ok(failures.iter().flatten().map(told).collect())
}

#[tokio::test]
async fn before_it_is_started() {
    let test = Test::begin().await;
    let _worker = test.worker(|worker| worker.workflow(thinks_better_of_it).workflow(lingers));
    let handle = test.start(thinks_better_of_it, ()).await;
    assert_eq!(test.result(&handle).await.unwrap(), [CANCELED, CANCELED]);
    let events = test.events(&handle).await;
    assert!(
        !events.has(EventType::StartChildWorkflowExecutionInitiated),
        "{events:?}"
    );
}

/// Cancels while the child is asked for but has not started: in the task that the signal brings.
#[derive(Default)]
struct Impatient {
    go: State<bool>,
}

#[workflow]
impl Impatient {
    #[run]
    async fn run(&self, ctx: &WorkflowContext) -> WorkflowResult<String> {
        let child = ctx.cancel_scope(ctx.child(lingers, true).workflow_id(id_of(ctx, "child")));
        let scope = child.scope();
        let ended = join!(child, async {
            ctx.wait_until(|| self.go.get()).await?;
            scope.cancel("now");
            Ok::<_, Failure>(())
        });
        Ok(ended.0.err().as_ref().map(told).unwrap_or_default())
    }

    #[signal]
    fn go(&self) {
        self.go.set(true);
    }
}

#[tokio::test]
async fn at_any_moment_of_its_start() {
    let test = Test::begin().await;
    let _worker = test.worker(|worker| worker.workflow(Impatient::run).workflow(lingers));
    // The signal meets the child's start sometimes before, sometimes after.
    for delay in [0, 2, 5, 10, 20, 40] {
        let handle = test.start(Impatient::run, ()).await;
        test.until_event(&handle, EventType::WorkflowTaskStarted)
            .await;
        tokio::time::sleep(Duration::from_millis(delay)).await;
        handle.signal(Impatient::go, ()).await.unwrap();
        assert_eq!(test.result(&handle).await.unwrap(), CANCELED);
    }
}

#[workflow]
async fn drops_it(ctx: &WorkflowContext) -> WorkflowResult<()> {
    let call = ctx.child(lingers, true).workflow_id(id_of(ctx, "child"));
    drop(
        call.parent_close_policy(ParentClosePolicy::Abandon)
            .start()
            .await?,
    );
    // Servers drop requests of a workflow that has ended.
    ctx.sleep(Duration::from_millis(100)).await?;
    Ok(())
}

#[tokio::test]
async fn a_dropped_handle_cancels() {
    let test = Test::begin().await;
    let _worker = test.worker(|worker| worker.workflow(drops_it).workflow(lingers));
    let handle = test.start(drops_it, ()).await;
    test.result(&handle).await.unwrap();
    let id = format!("{}/child", handle.workflow_id());
    let child = test.client().workflow_handle(lingers, id);
    let error = test.result(&child).await.unwrap_err();
    assert!(matches!(error, ResultError::Canceled { .. }), "{error:?}");
}

/// Ends while its child runs.
#[workflow]
async fn leaves(ctx: &WorkflowContext, policy: String) -> WorkflowResult<()> {
    let policy = match policy.as_str() {
        "abandon" => ParentClosePolicy::Abandon,
        "cancel" => ParentClosePolicy::RequestCancel,
        _ => ParentClosePolicy::Terminate,
    };
    let call = ctx.child(lingers, true).workflow_id(id_of(ctx, "child"));
    let child = call.parent_close_policy(policy).start().await?;
    child.detach();
    Ok(())
}

#[tokio::test]
async fn left_behind() {
    let test = Test::begin().await;
    let _worker = test.worker(|worker| worker.workflow(leaves).workflow(lingers));
    for (policy, expected) in [
        ("terminate", WorkflowExecutionStatus::Terminated),
        ("abandon", WorkflowExecutionStatus::Running),
        ("cancel", WorkflowExecutionStatus::Canceled),
    ] {
        let handle = test.start(leaves, policy).await;
        test.result(&handle).await.unwrap();
        let id = format!("{}/child", handle.workflow_id());
        let child = test.client().workflow_handle(lingers, id);
        eventually(format!("a child that is {expected:?}"), async || {
            let status = child.describe().await.unwrap().status();
            if status == expected {
                Ok(())
            } else {
                Err(status)
            }
        })
        .await;
        if policy == "abandon" {
            child.terminate("seen").await.unwrap();
        }
    }
}

#[workflow]
async fn waits_too_long(ctx: &WorkflowContext) -> WorkflowResult<()> {
    Ok(ctx.sleep(LONG).await?)
}

#[workflow]
async fn loses_patience(ctx: &WorkflowContext) -> WorkflowResult<String> {
    let call = ctx.child(waits_too_long, ());
    let ended = call.workflow_run_timeout(Duration::from_secs(1)).await;
    Ok(ended.err().as_ref().map(told).unwrap_or_default())
}

#[tokio::test]
async fn timed_out() {
    let test = Test::begin().await;
    let _worker = test.worker(|worker| worker.workflow(loses_patience).workflow(waits_too_long));
    let told = test.run(loses_patience, ()).await;
    assert!(
        told.starts_with("Child Workflow execution timed out | StartToClose"),
        "{told}"
    );
}

#[workflow]
async fn mourns(ctx: &WorkflowContext) -> WorkflowResult<String> {
    let ended = ctx.child(waits_too_long, ()).await;
    Ok(ended.err().as_ref().map(told).unwrap_or_default())
}

#[tokio::test]
async fn terminated() {
    let test = Test::begin().await;
    let _worker = test.worker(|worker| worker.workflow(mourns).workflow(waits_too_long));
    let handle = test.start(mourns, ()).await;
    let events = test
        .until_event(&handle, EventType::ChildWorkflowExecutionStarted)
        .await;
    let id = initiated(&events)[0].workflow_id.clone();
    let child = test.client().workflow_handle(waits_too_long, id);
    child.terminate("by hand").await.unwrap();
    let told = test.result(&handle).await.unwrap();
    assert!(
        told.starts_with("Child Workflow execution terminated | terminated"),
        "{told}"
    );
}
