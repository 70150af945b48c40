//! Calling activities: arguments, results, concurrency, blocking bodies, other queues, dynamic ones.

use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use durably::activity::{ActivityOptions, ActivityRegistry};
use durably::definition::ActivitySet;
use durably::payload::{Binary, FromPayload, RawPayload, ToPayload};
use durably::prelude::*;
use durably_integration::Test;
use durably_protos::temporal::api::enums::v1::EventType;
use serde::{Deserialize, Serialize};

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
struct Order {
    id: String,
    amounts: Vec<u32>,
}

#[activity(start_to_close_timeout = "10s")]
async fn nothing() -> ActivityResult<()> {
    Ok(())
}

#[activity(start_to_close_timeout = "10s")]
async fn double(order: Order) -> ActivityResult<Order> {
    let amounts = order.amounts.iter().map(|amount| amount * 2).collect();
    Ok(Order { amounts, ..order })
}

#[activity(start_to_close_timeout = "10s")]
async fn join(first: String, second: String, third: Option<String>) -> ActivityResult<String> {
    Ok(format!("{first} {second} {third:?}"))
}

#[activity(start_to_close_timeout = "10s")]
async fn reverse(bytes: Vec<u8>) -> ActivityResult<Vec<u8>> {
    Ok(bytes.into_iter().rev().collect())
}

#[activity(start_to_close_timeout = "10s")]
async fn measure(bytes: Binary, raw: RawPayload) -> ActivityResult<(usize, usize)> {
    Ok((bytes.0.len(), raw.0.data.len()))
}

#[workflow]
async fn passes_arguments(ctx: &WorkflowContext, order: Order) -> WorkflowResult<Vec<String>> {
    ctx.activity(nothing, ()).await?;
    let doubled = ctx.activity(double, &order).await?;
    let two = ctx.activity(join, ("a", "b".to_owned(), None)).await?;
    let second = "b".to_owned();
    let three = ctx
        .activity(join, ("a", &second, Some("c".to_owned())))
        .await?;
    let reversed = ctx.activity(reverse, vec![1, 2, 255]).await?;
    let raw = RawPayload("text".to_payload()?);
    let measured = ctx
        .activity(measure, (Binary(Bytes::from_static(b"12345")), raw))
        .await?;
    Ok(vec![
        format!("{:?}", doubled.amounts),
        two,
        three,
        format!("{reversed:?}"),
        format!("{measured:?}"),
    ])
}

#[tokio::test]
async fn arguments_and_results_of_all_kinds() {
    let test = Test::begin().await;
    let _worker = test.worker(|worker| {
        let worker = worker
            .workflow(passes_arguments)
            .activity(nothing)
            .activity(double);
        worker.activity(join).activity(reverse).activity(measure)
    });
    let order = Order {
        id: "o-1".to_owned(),
        amounts: vec![1, 20],
    };
    let results = test.run(passes_arguments, &order).await;
    let expected = [
        "[2, 40]",
        "a b None",
        "a b Some(\"c\")",
        "[255, 2, 1]",
        "(5, 6)",
    ];
    assert_eq!(results, expected);
}

#[workflow]
async fn short_of_arguments(ctx: &WorkflowContext) -> WorkflowResult<String> {
    let arguments = vec!["a".to_payload()?, "b".to_payload()?];
    let joined = ctx
        .activity_by_name::<String>("join", arguments)
        .start_to_close_timeout(Duration::from_secs(10))
        .await?;
    let arguments = vec![
        "a".to_payload()?,
        "b".to_payload()?,
        "c".to_payload()?,
        4.to_payload()?,
    ];
    let extra = ctx
        .activity_by_name::<String>("join", arguments)
        .start_to_close_timeout(Duration::from_secs(10))
        .await?;
    Ok(format!("{joined}; {extra}"))
}

#[tokio::test]
async fn missing_options_are_none_and_extra_arguments_are_ignored() {
    let test = Test::begin().await;
    let _worker = test.worker(|worker| worker.workflow(short_of_arguments).activity(join));
    let result = test.run(short_of_arguments, ()).await;
    assert_eq!(result, "a b None; a b Some(\"c\")");
}

#[activity(start_to_close_timeout = "10s")]
async fn square(number: u64) -> ActivityResult<u64> {
    Ok(number * number)
}

#[workflow]
async fn fan_out(ctx: &WorkflowContext, count: u64) -> WorkflowResult<Vec<u64>> {
    let handles: Vec<_> = (0..count)
        .map(|number| ctx.activity(square, number).start())
        .collect();
    let mut squares = Vec::new();
    for handle in handles {
        squares.push(handle.await?);
    }
    Ok(squares)
}

#[tokio::test]
async fn many_activities_at_once() {
    let test = Test::begin().await;
    let _worker = test.worker(|worker| worker.workflow(fan_out).activity(square));
    let squares = test.run(fan_out, 60).await;
    assert!(
        squares
            .iter()
            .copied()
            .eq((0..60).map(|number| number * number))
    );
}

/// Not async: runs on the blocking pool.
#[activity(start_to_close_timeout = "10s")]
fn grind(number: u64) -> ActivityResult<u64> {
    std::thread::sleep(Duration::from_millis(50));
    Ok(number + 1)
}

#[workflow]
async fn grinding(ctx: &WorkflowContext) -> WorkflowResult<u64> {
    let handles: Vec<_> = (0..5)
        .map(|number| ctx.activity(grind, number).start())
        .collect();
    let mut sum = 0;
    for handle in handles {
        sum += handle.await?;
    }
    Ok(sum)
}

#[tokio::test]
async fn blocking_bodies_run_beside_each_other() {
    let test = Test::begin().await;
    let _worker = test.worker(|worker| worker.workflow(grinding).activity(grind));
    assert_eq!(test.run(grinding, ()).await, 15);
}

#[workflow]
async fn on_another_queue(ctx: &WorkflowContext, task_queue: String) -> WorkflowResult<u64> {
    Ok(ctx.activity(square, 7_u64).task_queue(task_queue).await?)
}

#[tokio::test]
async fn an_activity_on_another_task_queue() {
    let test = Test::begin().await;
    let task_queue = format!("{}-activities", test.task_queue());
    let activities = Worker::builder(test.client(), &task_queue)
        .activity(square)
        .build()
        .unwrap();
    let _activities = durably_integration::RunningWorker::start(activities);
    let _workflows = test.worker(|worker| worker.workflow(on_another_queue));
    assert_eq!(test.run(on_another_queue, &task_queue).await, 49);
}

/// Answers for every type that is not registered.
struct Anything;

impl ActivitySet for Anything {
    fn register(self: Arc<Self>, registry: &mut ActivityRegistry) {
        registry.dynamic(|ctx, input| async move {
            let argument = input.first().map(String::from_payload).transpose()?;
            let answer = format!(
                "{}({})",
                ctx.info().activity_type,
                argument.unwrap_or_default()
            );
            Ok(Some(answer.to_payload()?))
        });
    }
}

#[workflow]
async fn calls_by_name(ctx: &WorkflowContext) -> WorkflowResult<Vec<String>> {
    let mut answers = Vec::new();
    for name in ["charge", "refund"] {
        let call = ctx.activity_by_name(name, vec!["o-1".to_payload()?]);
        answers.push(call.start_to_close_timeout(Duration::from_secs(10)).await?);
    }
    answers.push(ctx.activity(square, 3_u64).await?.to_string());
    Ok(answers)
}

#[tokio::test]
async fn a_dynamic_activity_takes_what_has_no_other() {
    let test = Test::begin().await;
    let _worker = test.worker(|worker| {
        worker
            .workflow(calls_by_name)
            .activity(square)
            .activities(Anything)
    });
    let answers = test.run(calls_by_name, ()).await;
    assert_eq!(answers, ["charge(o-1)", "refund(o-1)", "9"]);
}

#[activity(
    start_to_close_timeout = "10s",
    name = "billing/total",
    summary = "adds up",
    retry(maximum_attempts = 7)
)]
async fn total(ctx: &ActivityContext, amounts: Vec<u32>) -> ActivityResult<(String, u32)> {
    Ok((ctx.info().activity_type.clone(), amounts.iter().sum()))
}

#[workflow]
async fn with_options(ctx: &WorkflowContext) -> WorkflowResult<(String, u32)> {
    let options = ActivityOptions::new()
        .heartbeat_timeout(Duration::from_secs(5))
        .start_to_close_timeout(Duration::from_secs(20));
    let call = ctx.activity(total, vec![1, 2, 3]).options(options);
    Ok(call
        .activity_id("the-total")
        .schedule_to_close_timeout(Duration::from_secs(60))
        .await?)
}

#[tokio::test]
async fn options_of_the_attribute_and_of_the_call() {
    let test = Test::begin().await;
    let _worker = test.worker(|worker| worker.workflow(with_options).activity(total));
    let handle = test.start(with_options, ()).await;
    assert_eq!(
        test.result(&handle).await.unwrap(),
        ("billing/total".to_owned(), 6)
    );

    let events = test.events(&handle).await;
    let scheduled = events.scheduled_activities().next().unwrap();
    assert_eq!(scheduled.activity_id, "the-total");
    let seconds = |timeout: &Option<durably_protos::google::protobuf::Duration>| {
        timeout.as_ref().map(|timeout| timeout.seconds)
    };
    assert_eq!(seconds(&scheduled.start_to_close_timeout), Some(20));
    assert_eq!(seconds(&scheduled.heartbeat_timeout), Some(5));
    assert_eq!(seconds(&scheduled.schedule_to_close_timeout), Some(60));
    assert_eq!(scheduled.retry_policy.as_ref().unwrap().maximum_attempts, 7);
    let event = events
        .iter()
        .find(|event| event.event_type() == EventType::ActivityTaskScheduled);
    let metadata = event.unwrap().user_metadata.as_ref().unwrap();
    assert_eq!(
        String::from_payload(metadata.summary.as_ref().unwrap()).unwrap(),
        "adds up"
    );
}

#[workflow]
async fn detached(ctx: &WorkflowContext) -> WorkflowResult<u64> {
    ctx.activity(square, 2_u64).start().detach();
    Ok(ctx.activity(square, 5_u64).await?)
}

#[tokio::test]
async fn a_detached_activity_is_not_canceled() {
    let test = Test::begin().await;
    let _worker = test.worker(|worker| worker.workflow(detached).activity(square));
    let handle = test.start(detached, ()).await;
    assert_eq!(test.result(&handle).await.unwrap(), 25);
    let events = test.events(&handle).await;
    assert_eq!(events.count(EventType::ActivityTaskScheduled), 2);
    assert!(!events.has(EventType::ActivityTaskCancelRequested));
}
