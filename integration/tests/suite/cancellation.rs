//! Canceling workflows: before the first task, while they wait, with clean-up, in part, in vain.

use std::time::Duration;

use durably::client::ResultError;
use durably::failure::CanceledFailure;
use durably::payload::FromPayload;
use durably::prelude::*;
use durably_integration::Test;
use durably_protos::temporal::api::enums::v1::EventType;

const LONG: Duration = Duration::from_secs(3600);

#[workflow]
async fn waits(ctx: &WorkflowContext) -> WorkflowResult<()> {
    ctx.sleep(LONG).await?;
    Ok(())
}

#[tokio::test]
async fn while_it_waits() {
    let test = Test::begin().await;
    let _worker = test.worker(|worker| worker.workflow(waits));
    let handle = test.start(waits, ()).await;
    test.until_event(&handle, EventType::TimerStarted).await;
    handle.cancel("no longer needed").await.unwrap();
    // Asking again changes nothing.
    let _ = handle.cancel("really").await;
    let error = test.result(&handle).await.unwrap_err();
    assert!(matches!(error, ResultError::Canceled { .. }), "{error:?}");
    let events = test.events(&handle).await;
    assert!(events.has(EventType::TimerCanceled));
    assert_eq!(events.last(), EventType::WorkflowExecutionCanceled);
    // To the server, a closed workflow is as good as one that was asked to cancel.
    handle.cancel("too late").await.unwrap();
}

#[tokio::test]
async fn before_its_first_task() {
    let test = Test::begin().await;
    let handle = test.start(waits, ()).await;
    handle.cancel("a mistake").await.unwrap();
    let _worker = test.worker(|worker| worker.workflow(waits));
    let error = test.result(&handle).await.unwrap_err();
    assert!(matches!(error, ResultError::Canceled { .. }), "{error:?}");
    assert!(!test.events(&handle).await.has(EventType::TimerStarted));
}

#[activity(start_to_close_timeout = "10s")]
async fn note(text: String) -> ActivityResult<String> {
    Ok(text)
}

#[workflow]
async fn cleans_up(ctx: &WorkflowContext) -> WorkflowResult<String> {
    let Err(canceled) = ctx.sleep(LONG).await else {
        return Err("nobody canceled".into());
    };
    // Nothing new can be started in a canceled scope ...
    if ctx.activity(note, "outside").await.is_ok() || !ctx.is_canceled() {
        return Err("the scope is not canceled".into());
    }
    // ... but in a shield.
    let noted = ctx.shield(async {
        ctx.sleep(Duration::from_millis(10)).await?;
        ctx.activity(note, "cleaned up").await
    });
    let noted = noted.await?;
    Err(CanceledFailure::new(canceled.message())
        .with_details(&noted)?
        .into())
}

#[tokio::test]
async fn with_a_shield_for_the_clean_up() {
    let test = Test::begin().await;
    let _worker = test.worker(|worker| worker.workflow(cleans_up).activity(note));
    let handle = test.start(cleans_up, ()).await;
    test.until_event(&handle, EventType::TimerStarted).await;
    handle.cancel("stop").await.unwrap();
    let error = test.result(&handle).await.unwrap_err();
    let ResultError::Canceled { details } = error else {
        panic!("a cancellation, not {error:?}");
    };
    assert_eq!(String::from_payload(&details[0]).unwrap(), "cleaned up");
    assert_eq!(
        test.events(&handle)
            .await
            .count(EventType::ActivityTaskScheduled),
        1
    );
}

#[workflow]
async fn goes_on(ctx: &WorkflowContext) -> WorkflowResult<String> {
    let reason = ctx.canceled().await;
    Ok(ctx
        .shield(async { ctx.activity(note, reason).await })
        .await?)
}

#[tokio::test]
async fn a_workflow_may_go_on_and_complete() {
    let test = Test::begin().await;
    let _worker = test.worker(|worker| worker.workflow(goes_on).activity(note));
    let handle = test.start(goes_on, ()).await;
    test.until_event(&handle, EventType::WorkflowTaskCompleted)
        .await;
    handle.cancel("a good reason").await.unwrap();
    assert_eq!(test.result(&handle).await.unwrap(), "a good reason");
}

#[workflow]
async fn parts(ctx: &WorkflowContext) -> WorkflowResult<Vec<String>> {
    let (outer, inner) = (ctx.clone(), ctx.clone());
    let part = ctx.cancel_scope(async move { inner.sleep(LONG).await });
    let scope = part.scope();
    let waiting = ctx.spawn(part);
    ctx.spawn(async move {
        let _ = outer.sleep(Duration::from_millis(10)).await;
        scope.cancel("this part only");
    });
    let mut told = Vec::new();
    told.push(match waiting.await {
        Err(failure) if failure.is_canceled() => "the part is canceled".to_owned(),
        other => format!("{other:?}"),
    });
    told.push(ctx.activity(note, "the rest is not").await?);
    Ok(told)
}

#[tokio::test]
async fn a_scope_is_canceled_alone() {
    let test = Test::begin().await;
    let _worker = test.worker(|worker| worker.workflow(parts).activity(note));
    assert_eq!(
        test.run(parts, ()).await,
        ["the part is canceled", "the rest is not"]
    );
}

#[workflow]
async fn cleans_up_beside(ctx: &WorkflowContext) -> WorkflowResult<Vec<String>> {
    // Begun before the cancellation, as a task of its own that no cancellation reaches.
    let (context, mut told) = (ctx.clone(), Vec::new());
    let clean_up = ctx.spawn(ctx.shield(async move {
        context.sleep(Duration::from_secs(1)).await?;
        context.activity(note, "cleaned up").await
    }));
    let waiting = ctx.until_canceled(std::future::pending::<()>()).await;
    told.extend(waiting.err().map(|failure| failure.message().to_owned()));
    told.push(clean_up.await?);
    Ok(told)
}

#[tokio::test]
async fn a_clean_up_may_be_a_task_of_its_own() {
    let test = Test::begin().await;
    let _worker = test.worker(|worker| worker.workflow(cleans_up_beside).activity(note));
    let handle = test.start(cleans_up_beside, ()).await;
    test.until_event(&handle, EventType::TimerStarted).await;
    handle.cancel("stop").await.unwrap();
    assert_eq!(
        test.result(&handle).await.unwrap(),
        ["wait canceled", "cleaned up"]
    );
    let events = test.events(&handle).await;
    assert!(!events.has(EventType::TimerCanceled));
}

#[workflow]
async fn cancels_itself(_ctx: &WorkflowContext) -> WorkflowResult<()> {
    Err(CanceledFailure::new("nobody asked for this").into())
}

#[tokio::test]
async fn a_cancellation_nobody_asked_for_is_a_failure() {
    let test = Test::begin().await;
    let _worker = test.worker(|worker| worker.workflow(cancels_itself));
    let handle = test.start(cancels_itself, ()).await;
    let error = test.result(&handle).await.unwrap_err();
    assert!(matches!(error, ResultError::Failed(_)), "{error:?}");
}
