//! Timers, conditions, and doing several things at once.

use std::time::{Duration, SystemTime};

use durably::payload::FromPayload;
use durably::prelude::*;
use durably_integration::Test;
use durably_protos::temporal::api::enums::v1::EventType;
use futures_util::future::{Either, join_all, select};

const SHORT: Duration = Duration::from_millis(10);
const LONG: Duration = Duration::from_secs(3600);

#[workflow]
async fn sleeps(ctx: &WorkflowContext) -> WorkflowResult<Duration> {
    let before = ctx.now();
    ctx.sleep(Duration::from_secs(1)).await?;
    let after = ctx.now();
    // Takes no time and leaves no trace.
    ctx.sleep(Duration::ZERO).await?;
    if ctx.now() != after || before < ctx.info().start_time() {
        return Err("time goes on only where the workflow waits".into());
    }
    Ok(after.duration_since(before)?)
}

#[tokio::test]
async fn time_passes_in_timers_only() {
    let test = Test::begin().await;
    let _worker = test.worker(|worker| worker.workflow(sleeps));
    let handle = test.start(sleeps, ()).await;
    let slept = test.result(&handle).await.unwrap();
    assert!(slept >= Duration::from_secs(1), "{slept:?}");
    let events = test.events(&handle).await;
    assert_eq!(events.count(EventType::TimerStarted), 1);
    assert_eq!(events.count(EventType::TimerFired), 1);
}

#[workflow]
async fn many_timers(ctx: &WorkflowContext, count: u64) -> WorkflowResult<Vec<u64>> {
    let order = std::rc::Rc::new(State::new(Vec::new()));
    let timers = (0..count).map(|number| {
        let (ctx, order) = (ctx.clone(), order.clone());
        async move {
            // The later it is started, the earlier it fires; a second apart, as timers are coarse.
            ctx.sleep(Duration::from_secs(count - number)).await?;
            order.update(|order| order.push(number));
            Ok::<_, Failure>(())
        }
    });
    for timer in join_all(timers).await {
        timer?;
    }
    Ok(order.get())
}

#[tokio::test]
async fn timers_run_beside_each_other() {
    let test = Test::begin().await;
    let _worker = test.worker(|worker| worker.workflow(many_timers));
    assert_eq!(test.run(many_timers, 3).await, [2, 1, 0]);
}

#[workflow]
async fn first_wins(ctx: &WorkflowContext) -> WorkflowResult<String> {
    let race = select(ctx.sleep(SHORT), ctx.sleep(LONG)).await;
    let winner = match race {
        Either::Left((fired, _the_other_is_dropped)) => fired.map(|()| "short")?,
        Either::Right((fired, _)) => fired.map(|()| "long")?,
    };
    Ok(winner.to_owned())
}

#[tokio::test]
async fn the_loser_of_a_race_is_canceled() {
    let test = Test::begin().await;
    let _worker = test.worker(|worker| worker.workflow(first_wins));
    let handle = test.start(first_wins, ()).await;
    assert_eq!(test.result(&handle).await.unwrap(), "short");
    let events = test.events(&handle).await;
    assert_eq!(events.count(EventType::TimerFired), 1);
}

#[workflow]
async fn cancels_timers(ctx: &WorkflowContext) -> WorkflowResult<bool> {
    // Started and canceled within one task: neither is sent.
    let never_sent = ctx.sleep(LONG);
    never_sent.cancel();
    let first = never_sent.await.is_err_and(|failure| failure.is_canceled());
    let sent = ctx
        .timer(LONG)
        .summary("until the end of the day")
        .into_future();
    ctx.sleep(SHORT).await?;
    sent.cancel();
    let second = sent.await.is_err_and(|failure| failure.is_canceled());
    ctx.sleep(SHORT).await?;
    Ok(first && second)
}

#[tokio::test]
async fn a_timer_is_canceled_before_and_after_it_was_sent() {
    let test = Test::begin().await;
    let _worker = test.worker(|worker| worker.workflow(cancels_timers));
    let handle = test.start(cancels_timers, ()).await;
    assert!(test.result(&handle).await.unwrap());
    let events = test.events(&handle).await;
    assert_eq!(events.count(EventType::TimerStarted), 3);
    assert_eq!(events.count(EventType::TimerCanceled), 1);
    let started = events
        .iter()
        .find(|event| event.event_type() == EventType::TimerStarted)
        .unwrap();
    let summary = started
        .user_metadata
        .as_ref()
        .and_then(|metadata| metadata.summary.as_ref());
    assert_eq!(
        String::from_payload(summary.unwrap()).unwrap(),
        "until the end of the day"
    );
}

/// Waits for a number of ticks.
#[derive(Default)]
struct Ticks {
    seen: State<u32>,
}

#[workflow]
impl Ticks {
    #[run]
    async fn run(
        &self,
        ctx: &WorkflowContext,
        wanted: u32,
        patience: Duration,
    ) -> WorkflowResult<bool> {
        Ok(ctx
            .wait_until(|| self.seen.get() >= wanted)
            .timeout(patience)
            .summary("ticks")
            .await?)
    }

    #[signal]
    fn tick(&self) {
        self.seen.update(|seen| *seen += 1);
    }
}

#[tokio::test]
async fn a_condition_comes_true_in_time() {
    let test = Test::begin().await;
    let _worker = test.worker(|worker| worker.workflow(Ticks::run));
    let handle = test.start(Ticks::run, (3, LONG)).await;
    for _ in 0..3 {
        handle.signal(Ticks::tick, ()).await.unwrap();
    }
    assert!(test.result(&handle).await.unwrap());
    // If all ticks come with the first task no timer is started; if one is, it is canceled.
    let events = test.events(&handle).await;
    assert!(!events.has(EventType::TimerFired));
}

#[tokio::test]
async fn a_condition_does_not_come_true_in_time() {
    let test = Test::begin().await;
    let _worker = test.worker(|worker| worker.workflow(Ticks::run));
    let handle = test
        .start(Ticks::run, (1, Duration::from_millis(100)))
        .await;
    assert!(!test.result(&handle).await.unwrap());
    assert!(test.events(&handle).await.has(EventType::TimerFired));
}

#[tokio::test]
async fn a_condition_that_holds_starts_no_timer() {
    let test = Test::begin().await;
    let _worker = test.worker(|worker| worker.workflow(Ticks::run));
    let handle = test.start(Ticks::run, (0, LONG)).await;
    assert!(test.result(&handle).await.unwrap());
    assert!(!test.events(&handle).await.has(EventType::TimerStarted));
}

#[workflow]
async fn tasks(ctx: &WorkflowContext) -> WorkflowResult<Vec<String>> {
    let mut handles = Vec::new();
    for name in ["a", "b", "c"] {
        let context = ctx.clone();
        handles.push(ctx.spawn(async move {
            context.sleep(SHORT).await?;
            Ok::<_, Failure>(format!("{name} done"))
        }));
    }
    let mut all = Vec::new();
    for handle in handles {
        all.push(handle.await?);
    }
    Ok(all)
}

#[tokio::test]
async fn spawned_tasks_give_their_values() {
    let test = Test::begin().await;
    let _worker = test.worker(|worker| worker.workflow(tasks));
    assert_eq!(test.run(tasks, ()).await, ["a done", "b done", "c done"]);
}

#[workflow]
async fn draws(ctx: &WorkflowContext) -> WorkflowResult<(String, String, SystemTime)> {
    let first = ctx.uuid();
    let number = ctx.random().u64();
    ctx.sleep(SHORT).await?;
    let second = ctx.uuid();
    // What was drawn before the wait is drawn again when the run is rebuilt from its history.
    ctx.sleep(SHORT).await?;
    if first == second {
        return Err("two ids are the same".into());
    }
    Ok((format!("{first} {second}"), number.to_string(), ctx.now()))
}

#[tokio::test]
async fn two_runs_draw_different_numbers() {
    let test = Test::begin().await;
    let _worker = test.worker(|worker| worker.workflow(draws));
    let (one, two) = tokio::join!(test.run(draws, ()), test.run(draws, ()));
    assert_ne!(one.0, two.0);
    assert_ne!(one.1, two.1);
}
