//! Reasons to stop: how they arrive, and what is reported then.

use std::time::Duration;

use durably_protos::temporal::api::workflowservice::v1::RecordActivityTaskHeartbeatResponse;
use tokio::sync::mpsc;
use tokio::time::{Instant, sleep};
use tonic::Status;

use super::server::with_timeouts;
use super::worker::Setup;
use super::{FakeServer, Report, TestWorker, task};
use crate::activity::{ActivityCanceled, ActivityCancellationReason as Reason, ActivityContext};

const SECOND: Duration = Duration::from_secs(1);

pub(super) fn cancel_requested() -> RecordActivityTaskHeartbeatResponse {
    RecordActivityTaskHeartbeatResponse {
        cancel_requested: true,
        ..Default::default()
    }
}

/// An activity that heartbeats once, waits for its cancellation, tells it and returns it.
fn waiting() -> (Setup, mpsc::UnboundedReceiver<ActivityCanceled>) {
    let (sender, told) = mpsc::unbounded_channel();
    let waiting = move |context: ActivityContext, _| {
        let sender = sender.clone();
        async move {
            let _ = context.heartbeat(&0);
            let canceled = context.canceled().await;
            assert_eq!(context.cancellation(), Some(canceled.clone()));
            sender.send(canceled.clone())?;
            Err::<(), _>(canceled.into())
        }
    };
    (TestWorker::with("waiting", waiting), told)
}

#[tokio::test(start_paused = true)]
async fn the_answer_to_a_heartbeat_says_why() {
    let response = |cancel_requested, activity_paused, activity_reset| {
        Ok(RecordActivityTaskHeartbeatResponse {
            cancel_requested,
            activity_paused,
            activity_reset,
        })
    };
    for (answer, reason, failure_type) in [
        (response(true, true, true), Reason::Canceled, None),
        (
            response(false, true, true),
            Reason::Reset,
            Some("ActivityReset"),
        ),
        (
            response(false, true, false),
            Reason::Paused,
            Some("ActivityPause"),
        ),
    ] {
        let server = FakeServer::new();
        let (setup, mut told) = waiting();
        let _worker = setup.start(&server).await;
        server.answer_heartbeats([answer.clone()]);
        server.push(task("waiting", 0));
        let canceled = told.recv().await.unwrap();
        assert_eq!(canceled.reason(), reason);
        let (details, answer) = (canceled.details(), answer.unwrap());
        assert_eq!(details.is_canceled, answer.cancel_requested);
        assert_eq!(details.is_paused, answer.activity_paused);
        assert_eq!(details.is_reset, answer.activity_reset);
        match (server.report().await, failure_type) {
            (Report::Canceled(_), None) => {}
            (failed, Some(failure_type)) => {
                let failure = failed.failure();
                assert_eq!(failure.failure_type(), failure_type);
                assert!(!failure.is_non_retryable());
            }
            (other, None) => panic!("canceled, not {other:?}"),
        }
    }
}

#[tokio::test(start_paused = true)]
async fn an_attempt_the_server_does_not_know_is_told_and_not_reported() {
    let server = FakeServer::new();
    let (setup, mut told) = waiting();
    let worker = setup.start(&server).await;
    server.answer_heartbeats([Err(Status::not_found("invalid activityID"))]);
    server.push(task("waiting", 0));
    let canceled = told.recv().await.unwrap();
    assert_eq!(canceled.reason(), Reason::NotFound);
    worker.shutdown.initiate();
    worker.ended().await.unwrap();
    assert!(!server.has_reports());
}

#[tokio::test(start_paused = true)]
async fn timeouts_are_noticed_without_the_server() {
    // Five seconds after the server: of heartbeats since the one that was acknowledged, or of the
    // attempt as a whole.
    for (start_to_close, heartbeat, seconds) in [(0, 10, 15), (20, 0, 25), (20, 600, 25)] {
        let server = FakeServer::new();
        let (setup, mut told) = waiting();
        let worker = setup.start(&server).await;
        let began = Instant::now();
        server.push(with_timeouts(task("waiting", 0), start_to_close, heartbeat));
        let canceled = told.recv().await.unwrap();
        assert_eq!(canceled.reason(), Reason::TimedOut);
        assert_eq!(began.elapsed().as_secs(), seconds);
        worker.shutdown.initiate();
        worker.ended().await.unwrap();
        assert!(!server.has_reports());
    }
}

#[tokio::test(start_paused = true)]
async fn acknowledged_heartbeats_put_the_timeout_off_and_others_do_not() {
    let beating = |context: ActivityContext, _| async move {
        loop {
            sleep(SECOND).await;
            if let Err(error) = context.heartbeat(&0) {
                return Err::<(), _>(error.into());
            }
        }
    };
    let server = FakeServer::new();
    let worker = TestWorker::with("beating", beating).start(&server).await;
    // Three are acknowledged (at 1, 9 and 17 s), then the server is as good as gone.
    let refused = || Err(Status::permission_denied("no"));
    let acknowledged = (0..3).map(|_| Ok(Default::default()));
    server.answer_heartbeats(acknowledged.chain((0..100).map(|_| refused())));
    let began = Instant::now();
    server.push(task("beating", 0));
    sleep(SECOND).await;
    worker.shutdown.initiate();
    worker.ended().await.unwrap();
    let elapsed = began.elapsed().as_secs();
    assert!(
        (32..=33).contains(&elapsed),
        "17 + 10 + 5, told with the next heartbeat: {elapsed}"
    );
    assert!(!server.has_reports());
}

#[tokio::test(start_paused = true)]
async fn a_cancellation_nobody_asked_for_is_a_failure() {
    let server = FakeServer::new();
    let stopping = |_: ActivityContext, _| async move {
        Err::<(), _>(crate::failure::ActivityError::canceled(&())?)
    };
    let _worker = TestWorker::with("stopping", stopping).start(&server).await;
    server.push(task("stopping", 0));
    let failure = server.report().await.failure();
    assert_eq!(failure.failure_type(), "CanceledError");
    assert!(!failure.is_non_retryable());
}

#[tokio::test(start_paused = true)]
async fn a_result_after_a_cancellation_is_a_result() {
    let server = FakeServer::new();
    let finishing = |context: ActivityContext, _| async move {
        let _ = context.heartbeat(&0);
        context.canceled().await;
        assert!(context.is_canceled() && context.check_canceled().is_err());
        Ok(7)
    };
    let _worker = TestWorker::with("finishing", finishing)
        .start(&server)
        .await;
    server.answer_heartbeats([Ok(cancel_requested())]);
    server.push(task("finishing", 0));
    assert_eq!(server.report().await.result::<i32>(), 7);
}
