//! Signals that no handler takes, received by the code that waits for them.

use std::time::Duration;

use durably::client::ResultError;
use durably::payload::ToPayload;
use durably::prelude::*;
use durably_integration::Test;
use durably_protos::temporal::api::enums::v1::EventType;

const SHORT: Duration = Duration::from_millis(10);

#[workflow]
async fn adds(ctx: &WorkflowContext, count: u32) -> WorkflowResult<Vec<u32>> {
    let numbers = ctx.signal_channel::<u32>("number");
    let mut received = Vec::new();
    for _ in 0..count {
        received.push(numbers.recv().await?);
        ctx.sleep(SHORT).await?;
    }
    Ok(received)
}

#[tokio::test]
async fn they_come_in_the_order_of_history_also_before_anybody_listens() {
    let test = Test::begin().await;
    let handle = test.start(adds, 6).await;
    let send = async |number: u32| {
        let payload = number.to_payload().unwrap();
        handle
            .signal_by_name("number", vec![payload])
            .await
            .unwrap();
    };
    for number in 0..3 {
        send(number).await;
    }
    let _worker = test.worker(|worker| worker.workflow(adds));
    test.until_event(&handle, EventType::TimerStarted).await;
    for number in 3..6 {
        send(number).await;
    }
    assert_eq!(test.result(&handle).await.unwrap(), [0, 1, 2, 3, 4, 5]);
}

#[tokio::test]
async fn what_cannot_be_read_is_dropped() {
    let test = Test::begin().await;
    let _worker = test.worker(|worker| worker.workflow(adds));
    let handle = test.start(adds, 1).await;
    let text = "seven".to_payload().unwrap();
    handle.signal_by_name("number", vec![text]).await.unwrap();
    handle.signal_by_name("number", vec![]).await.unwrap();
    let other = 1.to_payload().unwrap();
    handle.signal_by_name("another", vec![other]).await.unwrap();
    let number = 7.to_payload().unwrap();
    handle.signal_by_name("number", vec![number]).await.unwrap();
    assert_eq!(test.result(&handle).await.unwrap(), [7]);
}

#[tokio::test]
async fn a_cancellation_ends_the_wait() {
    let test = Test::begin().await;
    let _worker = test.worker(|worker| worker.workflow(adds));
    let handle = test.start(adds, 1).await;
    test.until_event(&handle, EventType::WorkflowTaskCompleted)
        .await;
    handle.cancel("no more numbers").await.unwrap();
    let error = test.result(&handle).await.unwrap_err();
    assert!(matches!(error, ResultError::Canceled { .. }), "{error:?}");
}

/// Takes one kind of signal by a handler, others by channels.
#[derive(Default)]
struct Mixed {
    handled: State<Vec<String>>,
}

#[workflow]
impl Mixed {
    #[run]
    async fn run(&self, ctx: &WorkflowContext) -> WorkflowResult<Vec<String>> {
        let (words, ends) = (
            ctx.signal_channel::<String>("word"),
            ctx.signal_channel::<()>("end"),
        );
        let handled = ctx.signal_channel::<String>("handled");
        let mut told = Vec::new();
        loop {
            select! {
                word = words.recv() => told.push(word?),
                end = ends.recv() => {
                    end?;
                    break;
                }
            }
            ctx.sleep(SHORT).await?;
        }
        while let Some(word) = words.try_recv() {
            told.push(format!("{word} at the end"));
        }
        told.extend(handled.try_recv());
        told.extend(self.handled.get());
        Ok(told)
    }

    #[signal]
    fn handled(&self, word: String) {
        self.handled.update(|handled| handled.push(word));
    }

    #[query]
    fn steals(&self, ctx: &WorkflowContext) -> Option<String> {
        ctx.signal_channel("word").try_recv()
    }
}

#[tokio::test]
async fn several_channels_are_listened_to_at_once() {
    let test = Test::begin().await;
    let _worker = test.worker(|worker| worker.workflow(Mixed::run));
    let handle = test.start(Mixed::run, ()).await;
    for word in ["a", "b", "c"] {
        let word = word.to_payload().unwrap();
        handle.signal_by_name("word", vec![word]).await.unwrap();
    }
    assert!(handle.query(Mixed::steals, ()).await.is_err());
    handle
        .signal(Mixed::handled, "by its handler")
        .await
        .unwrap();
    handle.signal_by_name("end", vec![]).await.unwrap();
    // Words are looked for first, so none is left over.
    assert_eq!(
        test.result(&handle).await.unwrap(),
        ["a", "b", "c", "by its handler"]
    );
}

#[workflow]
async fn drains(ctx: &WorkflowContext, sum: u32) -> WorkflowResult<u32> {
    let numbers = ctx.signal_channel::<u32>("number");
    let mut sum = sum + numbers.recv().await?;
    while let Some(number) = numbers.try_recv() {
        sum += number;
    }
    if sum < 10 {
        return ctx.continue_as_new(drains, sum);
    }
    Ok(sum)
}

#[tokio::test]
async fn none_is_lost_between_the_runs_of_a_chain_that_drains_them() {
    let test = Test::begin().await;
    let _worker = test.worker(|worker| worker.workflow(drains));
    let handle = test.start(drains, 0).await;
    let mut sent = 0;
    let mut pace = tokio::time::interval(Duration::from_millis(10));
    while handle
        .signal_by_name("number", vec![1.to_payload().unwrap()])
        .await
        .is_ok()
    {
        sent += 1;
        assert!(sent < 5_000, "the chain does not end");
        pace.tick().await;
    }
    assert_eq!(test.result_of_troubled(&handle).await.unwrap(), sent);
}
