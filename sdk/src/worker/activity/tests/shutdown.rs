//! The end of a worker: draining, the grace period, the hard stop.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use tokio::time::{Instant, sleep};

use super::server::with_timeouts;
use super::{FakeServer, Report, TestWorker, task};
use crate::activity::{ActivityCancellationReason, ActivityContext};
use crate::failure::ActivityResult;

const SECOND: Duration = Duration::from_secs(1);

/// Works for so many seconds, unless it is canceled.
async fn work(context: ActivityContext, seconds: i32) -> ActivityResult<i32> {
    let work = sleep(SECOND * u32::try_from(seconds)?);
    tokio::select! {
        () = work => Ok(seconds),
        canceled = context.canceled() => {
            assert_eq!(canceled.reason(), ActivityCancellationReason::WorkerShutdown);
            Err(canceled.into())
        }
    }
}

#[tokio::test(start_paused = true)]
async fn an_idle_worker_ends_after_its_last_polls() {
    let server = FakeServer::new();
    let worker = TestWorker::with("work", work).start(&server).await;
    server.open_polls(5).await;
    let began = Instant::now();
    worker.shutdown.initiate();
    worker.ended().await.unwrap();
    assert_eq!(began.elapsed().as_millis(), 200);
    server.open_polls(0).await;
}

#[tokio::test(start_paused = true)]
async fn a_task_that_comes_with_the_last_polls_is_run() {
    let server = FakeServer::new();
    let worker = TestWorker::with("work", work).start(&server).await;
    server.open_polls(5).await;
    worker.shutdown.initiate();
    sleep(Duration::from_millis(100)).await;
    server.push(task("work", 5));
    worker.ended().await.unwrap();
    assert_eq!(server.report().await.result::<i32>(), 5);
    let polls = server.state.polls.lock().unwrap().requests.len();
    assert_eq!(polls, 5, "and no poll follows");
}

#[tokio::test(start_paused = true)]
async fn without_a_grace_period_the_worker_waits() {
    let server = FakeServer::new();
    let worker = TestWorker::with("work", work).start(&server).await;
    server.push(with_timeouts(task("work", 5000), 0, 0));
    sleep(SECOND).await;
    worker.shutdown.initiate();
    worker.ended().await.unwrap();
    assert_eq!(server.report().await.result::<i32>(), 5000);
}

#[tokio::test(start_paused = true)]
async fn after_the_grace_period_activities_are_canceled_and_retried_elsewhere() {
    for grace in [10, 0] {
        let server = FakeServer::new();
        let setup = TestWorker::with("work", work)
            .options(|options| options.graceful_shutdown_timeout = Some(grace * SECOND));
        let worker = setup.start(&server).await;
        server.push(with_timeouts(task("work", 5000), 0, 0));
        sleep(SECOND).await;
        let began = Instant::now();
        worker.shutdown.initiate();
        let (reported, report) = server.timed_report().await;
        assert_eq!(reported.duration_since(began).as_secs(), u64::from(grace));
        let failure = report.failure();
        assert_eq!(failure.failure_type(), "WorkerShutdown");
        assert!(!failure.is_non_retryable());
        assert_eq!(
            failure.message(),
            "Worker is shutting down and this activity did not complete in time"
        );
        worker.ended().await.unwrap();
    }
}

#[tokio::test(start_paused = true)]
async fn a_task_that_comes_after_the_grace_period_is_canceled_at_once() {
    let server = FakeServer::new();
    let setup = TestWorker::with("work", work)
        .options(|options| options.graceful_shutdown_timeout = Some(Duration::from_millis(50)));
    let worker = setup.start(&server).await;
    server.open_polls(5).await;
    worker.shutdown.initiate();
    sleep(Duration::from_millis(100)).await;
    server.push(with_timeouts(task("work", 5000), 0, 0));
    worker.ended().await.unwrap();
    assert_eq!(
        server.report().await.failure().failure_type(),
        "WorkerShutdown"
    );
}

#[tokio::test(start_paused = true)]
async fn activities_can_see_the_shutdown_before_they_are_canceled() {
    let server = FakeServer::new();
    let saving = |context: ActivityContext, _| async move {
        assert!(!context.is_worker_shutting_down());
        context.worker_shutdown().await;
        assert!(context.is_worker_shutting_down() && !context.is_canceled());
        Ok("saved".to_owned())
    };
    let worker = TestWorker::with("saving", saving).start(&server).await;
    server.push(task("saving", 0));
    sleep(SECOND).await;
    worker.shutdown.initiate();
    worker.ended().await.unwrap();
    assert_eq!(server.report().await.result::<String>(), "saved");
}

/// Tells when it is dropped, that is when its activity has ended in whatever way.
struct Dropped(Arc<AtomicBool>);

impl Drop for Dropped {
    fn drop(&mut self) {
        self.0.store(true, Ordering::SeqCst);
    }
}

#[tokio::test(start_paused = true)]
async fn a_hard_stop_drops_everything() {
    for by_force in [true, false] {
        let server = FakeServer::new();
        let dropped = Arc::new(AtomicBool::new(false));
        let flag = dropped.clone();
        let endless = move |context: ActivityContext, _| {
            let dropped = Dropped(flag.clone());
            async move {
                let _dropped = dropped;
                context.heartbeat(&0)?;
                std::future::pending::<ActivityResult<()>>().await
            }
        };
        let worker = TestWorker::with("endless", endless).start(&server).await;
        server.push(task("endless", 0));
        sleep(SECOND).await;
        let began = Instant::now();
        if by_force {
            worker.shutdown.force();
            worker.ended().await.unwrap();
        } else {
            worker.abort();
        }
        server.open_polls(0).await;
        assert!(began.elapsed() < SECOND);
        sleep(SECOND).await;
        assert!(dropped.load(Ordering::SeqCst));
        assert!(!server.has_reports());
    }
}

#[tokio::test(start_paused = true)]
async fn attempts_in_their_report_are_waited_for() {
    let server = FakeServer::new();
    let worker = TestWorker::with("work", work).start(&server).await;
    let refusals = &server.state.report_refusals;
    refusals
        .lock()
        .unwrap()
        .push_back(tonic::Status::unavailable("restarting"));
    server.push(task("work", 1));
    sleep(Duration::from_millis(1001)).await;
    worker.shutdown.initiate();
    worker.ended().await.unwrap();
    assert!(matches!(server.report().await, Report::Completed(_)));
}
