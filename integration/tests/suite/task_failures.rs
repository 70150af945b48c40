//! Workflow code that does not work: its task fails and is retried until the code is mended; the
//! workflow loses nothing.

use std::time::Duration;

use durably::client::WorkflowHandle;
use durably::definition::WorkflowDefinition;
use durably::payload::ToPayload;
use durably::prelude::*;
use durably_integration::{Events, Test};
use durably_protos::temporal::api::enums::v1::{EventType, WorkflowTaskFailedCause};
use serde::{Serialize, Serializer};

const TASK_TIMEOUT: Duration = Duration::from_secs(1);

/// Waits for the failure of a task; gives its message and the history.
async fn failure<W: WorkflowDefinition>(
    test: &Test,
    handle: &WorkflowHandle<W>,
) -> (String, Events) {
    let events = test
        .until_event(handle, EventType::WorkflowTaskFailed)
        .await;
    let message = events.task_failure().map(|failure| failure.message.clone());
    (message.unwrap_or_default(), events)
}

#[workflow(name = "mended")]
async fn panics(ctx: &WorkflowContext) -> WorkflowResult<String> {
    ctx.sleep(Duration::from_millis(10)).await?;
    panic!("this line is wrong");
}

#[workflow(name = "mended")]
async fn mended(ctx: &WorkflowContext) -> WorkflowResult<String> {
    ctx.sleep(Duration::from_millis(10)).await?;
    Ok("this line is right".to_owned())
}

#[tokio::test]
async fn a_panic_is_told_with_its_place_and_mended_by_better_code() {
    let test = Test::begin().await;
    let broken = test.worker(|worker| worker.workflow(panics));
    let handle = test
        .starting(panics, ())
        .workflow_task_timeout(TASK_TIMEOUT)
        .await
        .unwrap();
    let (message, events) = failure(&test, &handle).await;
    assert!(message.contains("this line is wrong"), "{message}");
    let told = format!("{message} {}", events.task_failure().unwrap().stack_trace);
    assert!(told.contains("task_failures.rs"), "{told}");
    broken.stop().await;
    let _mended = test.worker(|worker| worker.workflow(mended));
    assert_eq!(
        test.result_of_troubled(&handle).await.unwrap(),
        "this line is right"
    );
    // Two first attempts, from the sticky queue and from the normal one. Those after them are not
    // reported: the server would repeat them at once, for ever.
    assert!(
        test.events(&handle)
            .await
            .count(EventType::WorkflowTaskFailed)
            <= 2
    );
}

#[workflow]
async fn simple(_ctx: &WorkflowContext, number: u32) -> WorkflowResult<u32> {
    Ok(number)
}

#[workflow]
async fn another(_ctx: &WorkflowContext) -> WorkflowResult<u32> {
    Ok(0)
}

#[tokio::test]
async fn an_unknown_workflow_type_waits_for_a_worker_that_knows_it() {
    let test = Test::begin().await;
    let ignorant = test.worker(|worker| worker.workflow(another));
    let handle = test
        .starting(simple, 7)
        .workflow_task_timeout(TASK_TIMEOUT)
        .await
        .unwrap();
    let (message, _) = failure(&test, &handle).await;
    assert!(
        message.contains("simple") && message.contains("another"),
        "{message}"
    );
    ignorant.stop().await;
    let _knowing = test.worker(|worker| worker.workflow(simple));
    assert_eq!(test.result_of_troubled(&handle).await.unwrap(), 7);
}

#[tokio::test]
async fn input_that_cannot_be_read() {
    let test = Test::begin().await;
    let _worker = test.worker(|worker| worker.workflow(simple));
    let start = test
        .client()
        .start_by_name("simple", vec!["seven".to_payload().unwrap()]);
    let start = start
        .task_queue(test.task_queue())
        .workflow_id(test.workflow_id("unreadable"));
    let handle = start.await.unwrap();
    let (message, _) = failure(&test, &handle).await;
    assert!(message.contains("u32"), "{message}");
    handle.terminate("never to be read").await.unwrap();
}

#[activity(start_to_close_timeout = "10s")]
async fn gives_text() -> ActivityResult<String> {
    Ok("text".to_owned())
}

#[workflow]
async fn misreads(ctx: &WorkflowContext) -> WorkflowResult<u32> {
    let call = ctx.activity_by_name::<u32>("gives_text", vec![]);
    Ok(call.start_to_close_timeout(Duration::from_secs(10)).await?)
}

#[tokio::test]
async fn a_result_that_cannot_be_read() {
    let test = Test::begin().await;
    let _worker = test.worker(|worker| worker.workflow(misreads).activity(gives_text));
    let handle = test.start(misreads, ()).await;
    let (message, _) = failure(&test, &handle).await;
    assert!(message.contains("u32"), "{message}");
    handle.terminate("never to be read").await.unwrap();
}

struct Unwritable;

impl Serialize for Unwritable {
    fn serialize<S: Serializer>(&self, _serializer: S) -> Result<S::Ok, S::Error> {
        Err(serde::ser::Error::custom("this has no form"))
    }
}

impl<'de> serde::Deserialize<'de> for Unwritable {
    fn deserialize<D: serde::Deserializer<'de>>(_deserializer: D) -> Result<Self, D::Error> {
        Ok(Self)
    }
}

#[activity(start_to_close_timeout = "10s")]
async fn takes(_what: Unwritable) -> ActivityResult<()> {
    Ok(())
}

#[workflow]
async fn sends(ctx: &WorkflowContext) -> WorkflowResult<()> {
    ctx.activity(takes, Unwritable).await?;
    Ok(())
}

#[workflow]
async fn returns(_ctx: &WorkflowContext) -> WorkflowResult<Unwritable> {
    Ok(Unwritable)
}

#[tokio::test]
async fn arguments_and_results_that_cannot_be_written() {
    let test = Test::begin().await;
    let _worker = test.worker(|worker| worker.workflow(sends).workflow(returns).activity(takes));
    let sending = test.start(sends, ()).await;
    let returning = test.start(returns, ()).await;
    let (message, _) = failure(&test, &sending).await;
    assert!(
        message.contains("this has no form") && message.contains("takes"),
        "{message}"
    );
    let (message, _) = failure(&test, &returning).await;
    assert!(message.contains("this has no form"), "{message}");
    sending.terminate("never to be sent").await.unwrap();
    returning.terminate("never to be sent").await.unwrap();
}

/// Waits for something that is none of the workflow's.
async fn foreign() {
    tokio::time::sleep(Duration::from_millis(50)).await;
}

#[workflow]
async fn strays(ctx: &WorkflowContext) -> WorkflowResult<()> {
    foreign().await;
    ctx.sleep(Duration::from_secs(1)).await?;
    Ok(())
}

#[tokio::test]
async fn waiting_for_what_is_not_of_the_workflow() {
    let test = Test::begin().await;
    let _worker = test.worker(|worker| worker.workflow(strays));
    let handle = test.start(strays, ()).await;
    let (message, _) = failure(&test, &handle).await;
    assert!(
        message.contains("outside") || message.contains("foreign"),
        "{message}"
    );
    handle.terminate("never to be woken").await.unwrap();
}

#[workflow]
async fn overloads(ctx: &WorkflowContext) -> WorkflowResult<()> {
    let large = "x".repeat(3 << 20);
    let call = ctx.activity_by_name::<()>("anything", vec![large.to_payload()?]);
    call.start_to_close_timeout(Duration::from_secs(10)).await?;
    Ok(())
}

#[tokio::test]
async fn a_payload_above_the_limit_fails_the_task_not_the_workflow() {
    let test = Test::begin().await;
    let _worker = test.worker(|worker| worker.workflow(overloads));
    let handle = test.start(overloads, ()).await;
    let (message, events) = failure(&test, &handle).await;
    assert!(message.contains("limit"), "{message}");
    let cause = events.failed_tasks().last().unwrap().cause();
    assert_eq!(cause, WorkflowTaskFailedCause::PayloadsTooLarge);
    let description = handle.describe().await.unwrap();
    assert_eq!(
        description.status(),
        durably::client::WorkflowExecutionStatus::Running
    );
    handle.terminate("too large").await.unwrap();
}

#[workflow]
async fn duplicates(ctx: &WorkflowContext) -> WorkflowResult<()> {
    let first = ctx.activity(gives_text, ()).activity_id("the-same").start();
    let second = ctx.activity(gives_text, ()).activity_id("the-same").start();
    first.await?;
    second.await?;
    Ok(())
}

#[tokio::test]
async fn a_command_the_server_refuses() {
    let test = Test::begin().await;
    let _worker = test.worker(|worker| worker.workflow(duplicates).activity(gives_text));
    let handle = test.start(duplicates, ()).await;
    let (_, events) = failure(&test, &handle).await;
    let cause = events.failed_tasks().last().unwrap().cause();
    assert_eq!(cause, WorkflowTaskFailedCause::ScheduleActivityDuplicateId);
    handle.terminate("refused").await.unwrap();
}
