//! Throttling, and what becomes of details that were held back.

use std::time::Duration;

use tokio::time::{Instant, sleep};
use tonic::Status;

use super::server::with_timeouts;
use super::{FakeServer, Report, TestWorker, task};
use crate::activity::{ActivityContext, HeartbeatError};
use crate::failure::{ActivityError, ActivityResult};
use crate::payload::FromPayload;

const SECOND: Duration = Duration::from_secs(1);

/// Counts the seconds by heartbeats.
async fn count(context: ActivityContext, seconds: i32) -> ActivityResult<i32> {
    for second in 0..seconds {
        context.heartbeat(&second)?;
        sleep(SECOND).await;
    }
    Ok(seconds)
}

#[tokio::test(start_paused = true)]
async fn the_first_is_sent_at_once_and_then_the_newest_of_each_interval() {
    let server = FakeServer::new();
    let _worker = TestWorker::with("count", count).start(&server).await;
    let began = Instant::now();
    server.push(task("count", 20));
    assert_eq!(server.report().await.result::<i32>(), 20);
    // Four fifths of the heartbeat timeout of 10 s; what is recorded at the same moment may or may
    // not be in it.
    let heartbeats = server.heartbeats(began);
    let times: Vec<_> = heartbeats.iter().map(|(at, _)| *at).collect();
    assert_eq!(times, [0, 8, 16], "{heartbeats:?}");
    assert_eq!(heartbeats[0].1, 0);
    assert!((7..=8).contains(&heartbeats[1].1), "{heartbeats:?}");
    assert!((15..=16).contains(&heartbeats[2].1), "{heartbeats:?}");
}

#[tokio::test(start_paused = true)]
async fn without_a_heartbeat_timeout_the_interval_is_half_a_minute_and_never_over_a_minute() {
    for (heartbeat_timeout, second_at) in [(0, 30), (300, 60)] {
        let server = FakeServer::new();
        let _worker = TestWorker::with("count", count).start(&server).await;
        let began = Instant::now();
        server.push(with_timeouts(task("count", 65), 3600, heartbeat_timeout));
        server.report().await;
        assert_eq!(server.heartbeats(began)[1].0, second_at);
    }
}

#[tokio::test(start_paused = true)]
async fn after_an_interval_without_a_heartbeat_the_next_is_sent_at_once() {
    let server = FakeServer::new();
    let pausing = |context: ActivityContext, _| async move {
        context.heartbeat(&1)?;
        sleep(9 * SECOND).await;
        context.heartbeat(&2)?;
        sleep(SECOND).await;
        Ok(())
    };
    let _worker = TestWorker::with("pausing", pausing).start(&server).await;
    let began = Instant::now();
    server.push(task("pausing", 0));
    server.report().await;
    assert_eq!(server.heartbeats(began), [(0, 1), (9, 2)]);
}

#[tokio::test(start_paused = true)]
async fn details_held_back_go_with_the_failure() {
    let server = FakeServer::new();
    let failing = |context: ActivityContext, number: i32| async move {
        for record in 1..=number {
            context.heartbeat(&record)?;
            sleep(Duration::from_millis(100)).await;
        }
        Err::<(), _>(ActivityError::from("broken"))
    };
    let _worker = TestWorker::with("failing", failing).start(&server).await;
    let began = Instant::now();
    server.push(task("failing", 3));
    let details = server
        .report()
        .await
        .failed()
        .last_heartbeat_details
        .unwrap();
    assert_eq!(i32::from_payload(&details.payloads[0]).unwrap(), 3);
    assert_eq!(server.heartbeats(began), [(0, 1)]);

    // What the server has is not sent again.
    server.push(task("failing", 1));
    assert_eq!(server.report().await.failed().last_heartbeat_details, None);
}

#[tokio::test(start_paused = true)]
async fn an_old_server_gets_the_details_before_the_failure() {
    let server = FakeServer::old();
    let failing = |context: ActivityContext, _| async move {
        context.heartbeat(&1)?;
        sleep(SECOND).await;
        context.heartbeat(&2)?;
        Err::<(), _>(ActivityError::from("broken"))
    };
    let _worker = TestWorker::with("failing", failing).start(&server).await;
    let began = Instant::now();
    server.push(task("failing", 0));
    assert_eq!(server.report().await.failed().last_heartbeat_details, None);
    assert_eq!(server.heartbeats(began), [(0, 1), (1, 2)]);
}

#[tokio::test(start_paused = true)]
async fn details_held_back_are_dropped_with_a_result() {
    let server = FakeServer::new();
    let _worker = TestWorker::with("count", count).start(&server).await;
    let began = Instant::now();
    server.push(task("count", 3));
    let (reported, _) = server.timed_report().await;
    assert_eq!(
        reported.duration_since(began).as_secs(),
        3,
        "no wait for the interval"
    );
    sleep(60 * SECOND).await;
    assert_eq!(server.heartbeats(began), [(0, 0)]);
}

#[tokio::test(start_paused = true)]
async fn a_cancellation_is_reported_after_the_last_details() {
    let server = FakeServer::new();
    let canceled = |context: ActivityContext, _| async move {
        let _ = context.heartbeat(&1);
        context.canceled().await;
        let error = context.heartbeat(&99).unwrap_err();
        assert!(matches!(error, HeartbeatError::Canceled(_)));
        Err::<(), _>(ActivityError::canceled(&"cleaned up")?)
    };
    let _worker = TestWorker::with("canceled", canceled).start(&server).await;
    server.answer_heartbeats([Ok(super::cancellation::cancel_requested())]);
    let began = Instant::now();
    server.push(task("canceled", 0));
    let Report::Canceled(report) = server.report().await else {
        panic!("canceled");
    };
    assert_eq!(server.heartbeats(began), [(0, 1), (0, 99)]);
    let details = report.details.unwrap().payloads;
    assert_eq!(String::from_payload(&details[0]).unwrap(), "cleaned up");
}

#[tokio::test(start_paused = true)]
async fn a_heartbeat_that_was_not_taken_is_sent_again() {
    let server = FakeServer::new();
    let once = |context: ActivityContext, _| async move {
        context.heartbeat(&1)?;
        sleep(12 * SECOND).await;
        Ok(())
    };
    let _worker = TestWorker::with("once", once).start(&server).await;
    server.answer_heartbeats([Err(Status::permission_denied("not now"))]);
    let began = Instant::now();
    server.push(task("once", 0));
    server.report().await;
    assert_eq!(server.heartbeats(began), [(0, 1), (8, 1)]);
}

#[tokio::test(start_paused = true)]
async fn a_slow_server_does_not_hold_up_the_activity() {
    let server = FakeServer::new();
    server.state.heartbeats.lock().unwrap().delay = 100 * SECOND;
    let _worker = TestWorker::with("count", count).start(&server).await;
    let began = Instant::now();
    server.push(task("count", 3));
    let (reported, report) = server.timed_report().await;
    assert_eq!(report.result::<i32>(), 3);
    assert_eq!(reported.duration_since(began).as_secs(), 3);
}

#[tokio::test(start_paused = true)]
async fn large_details_and_late_heartbeats_are_refused() {
    let server = FakeServer::new();
    let (sender, mut contexts) = tokio::sync::mpsc::unbounded_channel();
    let leaking = move |context: ActivityContext, _| {
        let sender = sender.clone();
        async move {
            let error = context.heartbeat(&"x".repeat(200_000)).unwrap_err();
            assert!(
                error
                    .to_string()
                    .contains("the namespace's limit is 100000"),
                "{error}"
            );
            sender.send(context)?;
            Ok(())
        }
    };
    let _worker = TestWorker::with("leaking", leaking).start(&server).await;
    server.push(task("leaking", 0));
    let context = contexts.recv().await.unwrap();
    assert!(matches!(server.report().await, Report::Completed(_)));
    assert!(matches!(context.heartbeat(&1), Err(HeartbeatError::Ended)));
}
