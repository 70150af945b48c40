//! Stopping a worker: it finishes what it has begun, within limits, and what is left goes on
//! elsewhere.

use std::time::{Duration, Instant};

use durably::activity::ActivityCancellationReason;
use durably::prelude::*;
use durably_integration::{RunningWorker, Test, in_time};
use durably_protos::temporal::api::enums::v1::EventType;
use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};

/// An activity that takes a while, and tells the test what it sees.
struct Slow {
    told: UnboundedSender<String>,
}

#[activities]
impl Slow {
    #[activity(start_to_close_timeout = "60s", retry(initial_interval = "20ms"))]
    async fn finishes(&self) -> ActivityResult<String> {
        self.told.send("started".to_owned())?;
        tokio::time::sleep(Duration::from_secs(1)).await;
        Ok("finished".to_owned())
    }

    /// Ends when it is canceled; its second attempt completes.
    #[activity(start_to_close_timeout = "60s", retry(initial_interval = "20ms"))]
    async fn stops(&self, ctx: &ActivityContext) -> ActivityResult<String> {
        self.told.send("started".to_owned())?;
        if ctx.info().attempt > 1 {
            return Ok(format!("attempt {}", ctx.info().attempt));
        }
        ctx.worker_shutdown().await;
        self.told
            .send(format!("shutting down: {}", ctx.is_canceled()))?;
        let canceled = ctx.canceled().await;
        self.told.send(format!("{:?}", canceled.reason()))?;
        Err(canceled.into())
    }
}

#[workflow]
async fn waits_to_finish(ctx: &WorkflowContext) -> WorkflowResult<String> {
    Ok(ctx.activity(Slow::finishes, ()).await?)
}

#[workflow]
async fn waits_to_stop(ctx: &WorkflowContext) -> WorkflowResult<String> {
    Ok(ctx.activity(Slow::stops, ()).await?)
}

fn slow() -> (Slow, UnboundedReceiver<String>) {
    let (told, heard) = unbounded_channel();
    (Slow { told }, heard)
}

async fn hear(heard: &mut UnboundedReceiver<String>) -> String {
    in_time("word from the activity", heard.recv())
        .await
        .expect("the activity is there")
}

#[tokio::test]
async fn an_activity_in_progress_is_finished() {
    let test = Test::begin().await;
    let (slow, mut heard) = slow();
    let worker = test.worker(|worker| worker.workflow(waits_to_finish).activities(slow));
    let handle = test.start(waits_to_finish, ()).await;
    assert_eq!(hear(&mut heard).await, "started");
    worker.stop().await;
    let events = test
        .until_event(&handle, EventType::ActivityTaskCompleted)
        .await;
    assert!(!events.has(EventType::WorkflowExecutionCompleted));
    // The workflow goes on at once, without a timeout of the worker that is gone.
    let _other = test.worker(|worker| worker.workflow(waits_to_finish));
    let began = Instant::now();
    assert_eq!(test.result(&handle).await.unwrap(), "finished");
    assert!(
        began.elapsed() < Duration::from_secs(9),
        "{:?}",
        began.elapsed()
    );
}

#[tokio::test]
async fn an_activity_that_takes_too_long_is_canceled_and_retried_elsewhere() {
    let test = Test::begin().await;
    let (first, mut heard) = slow();
    let worker = test.worker(|worker| {
        let worker = worker.workflow(waits_to_stop).activities(first);
        worker.graceful_shutdown_timeout(Duration::from_millis(300))
    });
    let handle = test.start(waits_to_stop, ()).await;
    assert_eq!(hear(&mut heard).await, "started");
    worker.stop().await;
    assert_eq!(hear(&mut heard).await, "shutting down: false");
    assert_eq!(
        hear(&mut heard).await,
        format!("{:?}", ActivityCancellationReason::WorkerShutdown)
    );
    let (second, _heard) = slow();
    let _other = test.worker(|worker| worker.workflow(waits_to_stop).activities(second));
    assert_eq!(test.result(&handle).await.unwrap(), "attempt 2");
}

#[tokio::test]
async fn run_until_returns_when_it_is_told_to() {
    let test = Test::begin().await;
    let (slow, mut heard) = slow();
    let worker = test
        .builder()
        .workflow(waits_to_finish)
        .activities(slow)
        .build()
        .unwrap();
    let (stop, stopped) = tokio::sync::oneshot::channel::<()>();
    let running = tokio::spawn(worker.run_until(stopped));
    let handle = test.start(waits_to_finish, ()).await;
    assert_eq!(hear(&mut heard).await, "started");
    stop.send(()).unwrap();
    in_time("the worker's end", running).await.unwrap().unwrap();
    test.until_event(&handle, EventType::ActivityTaskCompleted)
        .await;
    handle.terminate("seen").await.unwrap();
}

#[tokio::test]
async fn a_forced_stop_does_not_wait() {
    let test = Test::begin().await;
    let (slow, mut heard) = slow();
    let worker = test.worker(|worker| worker.workflow(waits_to_stop).activities(slow));
    let handle = test.start(waits_to_stop, ()).await;
    assert_eq!(hear(&mut heard).await, "started");
    let began = Instant::now();
    worker.shutdown_handle().force();
    worker.ended().await.unwrap();
    assert!(
        began.elapsed() < Duration::from_secs(5),
        "{:?}",
        began.elapsed()
    );
    handle.terminate("dropped").await.unwrap();
}

#[tokio::test]
async fn an_idle_worker_stops_soon() {
    let test = Test::begin().await;
    let (slow, _heard) = slow();
    let worker = test
        .builder()
        .workflow(waits_to_stop)
        .activities(slow)
        .build()
        .unwrap();
    let running = RunningWorker::start(worker);
    // It is polling when it has answered.
    let handle = test.start(waits_to_stop, ()).await;
    test.until_event(&handle, EventType::WorkflowTaskCompleted)
        .await;
    handle.terminate("answered").await.unwrap();
    let began = Instant::now();
    running.shutdown_handle().force();
    running.ended().await.unwrap();
    assert!(
        began.elapsed() < Duration::from_secs(5),
        "{:?}",
        began.elapsed()
    );
}

/// Goes through many tasks.
#[workflow]
async fn walks(ctx: &WorkflowContext, steps: u32) -> WorkflowResult<u32> {
    for _ in 0..steps {
        ctx.sleep(Duration::from_millis(10)).await?;
    }
    Ok(steps)
}

#[tokio::test]
async fn no_workflow_task_is_lost_or_failed_by_restarts() {
    let test = Test::begin().await;
    let mut worker = test.worker(|worker| worker.workflow(walks));
    let handles = futures_util::future::join_all((0..10).map(|_| test.start(walks, 5))).await;
    for _ in 0..4 {
        tokio::time::sleep(Duration::from_millis(700)).await;
        worker.stop().await;
        worker = test.worker(|worker| worker.workflow(walks));
    }
    for handle in handles {
        assert_eq!(test.result_of_troubled(&handle).await.unwrap(), 5);
        let events = test.events(&handle).await;
        assert!(!events.has(EventType::WorkflowTaskFailed), "{events:?}");
    }
}

/// Counts signals until it is told to end.
#[derive(Default)]
struct Counts {
    count: State<u32>,
    over: State<bool>,
}

#[workflow]
impl Counts {
    #[run]
    async fn run(&self, ctx: &WorkflowContext) -> WorkflowResult<u32> {
        while !self.over.get() {
            let seen = self.count.get();
            ctx.wait_until(|| self.count.get() > seen || self.over.get())
                .await?;
            // A task that takes its time, so that the next signal is there before its end.
            ctx.local_activity(takes_its_time, ()).await?;
        }
        Ok(self.count.get())
    }

    #[signal]
    fn one(&self) {
        self.count.update(|count| *count += 1);
    }

    #[signal]
    fn end(&self) {
        self.over.set(true);
    }
}

#[activity(start_to_close_timeout = "10s")]
async fn takes_its_time() -> ActivityResult<()> {
    tokio::time::sleep(Duration::from_millis(50)).await;
    Ok(())
}

#[tokio::test]
async fn a_worker_ends_though_its_workflow_is_signaled_all_the_time() {
    let test = Test::begin().await;
    let start = || test.worker(|worker| worker.workflow(Counts::run).activity(takes_its_time));
    let worker = start();
    let handle = test.start(Counts::run, ()).await;
    let signaled = handle.clone();
    let signals = tokio::spawn(async move {
        let mut pace = tokio::time::interval(Duration::from_millis(2));
        loop {
            signaled.signal(Counts::one, ()).await.unwrap();
            pace.tick().await;
        }
    });
    test.until(&handle, "signals", |events| {
        events.has(EventType::WorkflowExecutionSignaled)
    })
    .await;
    let ended = tokio::time::timeout(Duration::from_secs(10), worker.stop()).await;
    signals.abort();
    ended.expect("the worker ends while signals come");
    let _next = start();
    handle.signal(Counts::end, ()).await.unwrap();
    // A task that was handed to the worker as it ended waits for its timeout.
    assert!(test.result_of_troubled(&handle).await.unwrap() > 0);
}
