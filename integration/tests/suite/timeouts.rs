//! Giving up after some time, and ticking.

use std::time::Duration;

use durably::prelude::*;
use durably::workflow::{Queue, TimedOut};
use durably_integration::Test;
use durably_protos::temporal::api::enums::v1::EventType;

const SHORT: Duration = Duration::from_millis(50);
const LONG: Duration = Duration::from_secs(3600);

#[activity(start_to_close_timeout = "10s")]
async fn work(milliseconds: u64) -> ActivityResult<u64> {
    tokio::time::sleep(Duration::from_millis(milliseconds)).await;
    Ok(milliseconds)
}

#[workflow]
async fn waits_for_work(
    ctx: &WorkflowContext,
    milliseconds: u64,
    patience: Duration,
) -> WorkflowResult<Option<u64>> {
    let call = ctx.activity(work, milliseconds);
    let result = match ctx.timeout(patience, call).summary("patience").await {
        Ok(result) => Some(result?),
        Err(TimedOut { after }) if after == patience => None,
        Err(other) => return Err(other.into()),
    };
    // So that what was canceled is recorded before the end.
    ctx.sleep(Duration::from_millis(1)).await?;
    Ok(result)
}

#[tokio::test]
async fn what_takes_too_long_is_canceled() {
    let test = Test::begin().await;
    let _worker = test.worker(|worker| worker.workflow(waits_for_work).activity(work));
    let handle = test.start(waits_for_work, (3_000, SHORT)).await;
    assert_eq!(test.result(&handle).await.unwrap(), None);
    let events = test.events(&handle).await;
    assert!(events.has(EventType::ActivityTaskCancelRequested));
    let timer = events
        .iter()
        .find(|event| event.event_type() == EventType::TimerStarted);
    assert!(timer.unwrap().user_metadata.is_some());
}

#[tokio::test]
async fn what_ends_in_time_cancels_the_timer() {
    let test = Test::begin().await;
    let _worker = test.worker(|worker| worker.workflow(waits_for_work).activity(work));
    let handle = test.start(waits_for_work, (1, LONG)).await;
    assert_eq!(test.result(&handle).await.unwrap(), Some(1));
    assert!(test.events(&handle).await.has(EventType::TimerCanceled));
}

#[workflow]
async fn waits_in_vain(ctx: &WorkflowContext) -> WorkflowResult<Vec<String>> {
    let mut told = Vec::new();
    let ready = ctx.timeout(LONG, async { 1 }).await;
    told.push(format!("{ready:?}"));
    let none = ctx
        .timeout(Duration::ZERO, std::future::pending::<()>())
        .await;
    told.push(format!("{:?}", none.map_err(|error| error.to_string())));
    // No cancellation reaches the queue. The time goes on all the same.
    let queue = Queue::<u32>::new();
    let waited = ctx.timeout(Duration::from_secs(1), queue.pop()).await;
    told.push(format!("{:?} {}", waited.is_err(), ctx.is_canceled()));
    // Within a clean-up, too.
    let clean_up = ctx.shield(ctx.timeout(SHORT, ctx.timer(LONG)));
    told.push(format!("{:?}", clean_up.await.is_err()));
    Ok(told)
}

#[tokio::test]
async fn the_time_goes_on_when_the_workflow_is_canceled() {
    let test = Test::begin().await;
    let _worker = test.worker(|worker| worker.workflow(waits_in_vain));
    let handle = test.start(waits_in_vain, ()).await;
    test.until_event(&handle, EventType::TimerStarted).await;
    handle.cancel("in vain").await.unwrap();
    assert_eq!(
        test.result(&handle).await.unwrap(),
        ["Ok(1)", "Err(\"timed out after 0ns\")", "true true", "true"]
    );
}

#[workflow]
async fn ticks(ctx: &WorkflowContext) -> WorkflowResult<Vec<u32>> {
    let mut ticker = ctx.ticker(Duration::from_millis(300));
    let mut numbers = vec![ticker.tick().await?];
    // Work that takes longer than one period.
    ctx.activity(work, 700_u64).await?;
    numbers.push(ticker.tick().await?);
    let mut pauses = 0;
    loop {
        select! {
            number = ticker.tick() => {
                numbers.push(number?);
                break;
            }
            slept = ctx.sleep(Duration::from_millis(20)), if pauses < 3 => {
                slept?;
                pauses += 1;
            }
        }
    }
    // Each wait took up the same timer: one for each tick, and the pauses.
    numbers.push(pauses);
    Ok(numbers)
}

#[tokio::test]
async fn ticks_are_multiples_of_the_period_and_leave_out_what_has_passed() {
    let test = Test::begin().await;
    let _worker = test.worker(|worker| worker.workflow(ticks).activity(work));
    let handle = test.start(ticks, ()).await;
    let numbers = test.result(&handle).await.unwrap();
    let [first, second, third, pauses] = numbers[..] else {
        panic!("three ticks and the pauses, not {numbers:?}");
    };
    assert!(
        first >= 1 && second >= first + 2 && third > second,
        "{numbers:?}"
    );
    let started = test.events(&handle).await.count(EventType::TimerStarted);
    assert!(
        (3..=3 + pauses as usize + 1).contains(&started),
        "{started} timers: {numbers:?}"
    );
}

#[workflow]
async fn canceled_ticks(ctx: &WorkflowContext) -> WorkflowResult<bool> {
    let mut ticker = ctx.ticker(LONG);
    let canceled = ticker.tick().await;
    // What the workflow does after its cancellation goes into a shield; so does the next tick.
    let next = ctx.shield(ctx.timeout(SHORT, ticker.tick())).await;
    Ok(canceled.is_err_and(|failure| failure.is_canceled()) && next.is_err())
}

#[tokio::test]
async fn a_cancellation_ends_the_wait_for_a_tick() {
    let test = Test::begin().await;
    let _worker = test.worker(|worker| worker.workflow(canceled_ticks));
    let handle = test.start(canceled_ticks, ()).await;
    test.until_event(&handle, EventType::TimerStarted).await;
    handle.cancel("enough").await.unwrap();
    assert!(test.result(&handle).await.unwrap());
}
