//! Polls: how many, how often, and what their errors mean.

use std::time::Duration;

use tokio::time::{Instant, sleep};
use tonic::{Code, Status};

use super::{FakeServer, TestWorker, task};
use crate::activity::ActivityContext;
use crate::failure::ActivityResult;
use crate::worker::poll::PollError;

async fn nothing(_: ActivityContext, _: i32) -> ActivityResult<()> {
    Ok(())
}

#[tokio::test(start_paused = true)]
async fn polls_say_who_asks_and_empty_answers_are_followed_by_another_poll() {
    let server = FakeServer::new();
    let setup = TestWorker::with("nothing", nothing)
        .options(|options| options.max_task_queue_activities_per_second = Some(2.5));
    let _worker = setup.start(&server).await;
    server.open_polls(5).await;
    sleep(Duration::from_secs(150)).await;
    let polls = server.state.polls.lock().unwrap();
    assert_eq!(polls.requests.len(), 15, "five at 0, 60 and 120 s");
    let request = &polls.requests[14];
    assert_eq!(request.namespace, "default");
    assert_eq!(request.identity, "tester");
    assert_eq!(request.worker_instance_key, "key");
    assert_eq!(request.task_queue.as_ref().unwrap().name, "orders");
    let metadata = request.task_queue_metadata.as_ref().unwrap();
    assert_eq!(metadata.max_tasks_per_second.unwrap().value, 2.5);
}

#[tokio::test(start_paused = true)]
async fn the_worker_s_rate_limit_spaces_polls() {
    let server = FakeServer::new();
    let setup = TestWorker::with("nothing", nothing)
        .options(|options| options.max_worker_activities_per_second = Some(10.0));
    let _worker = setup.start(&server).await;
    let began = Instant::now();
    for _ in 0..21 {
        server.push(task("nothing", 0));
    }
    for _ in 0..21 {
        server.report().await;
    }
    let elapsed = began.elapsed().as_millis();
    assert!((1900..=2100).contains(&elapsed), "{elapsed} ms");
}

#[tokio::test(start_paused = true)]
async fn a_refusal_is_borne_for_a_minute() {
    let server = FakeServer::new();
    let worker = TestWorker::with("nothing", nothing).start(&server).await;
    let refusal = Status::not_found("Namespace default is not found.");
    server.open_polls(5).await;
    server.state.polls.lock().unwrap().refusal = Some(refusal);
    let began = Instant::now();
    for _ in 0..5 {
        server.push(task("nothing", 0));
    }
    let error = worker.ended().await.unwrap_err();
    let elapsed = began.elapsed().as_secs();
    assert!((60..75).contains(&elapsed), "{elapsed} s");
    let PollError::Refused { source, .. } = error else {
        panic!("refused, not {error}");
    };
    assert_eq!(source.code(), Code::NotFound);
}

#[tokio::test(start_paused = true)]
async fn a_refusal_that_passes_does_no_harm() {
    let server = FakeServer::new();
    let refusal = Status::permission_denied("not yet");
    server.state.polls.lock().unwrap().refusal = Some(refusal);
    let worker = TestWorker::with("nothing", nothing).start(&server).await;
    for _ in 0..3 {
        sleep(Duration::from_secs(50)).await;
        assert!(!worker.has_ended());
        server.state.polls.lock().unwrap().refusal = None;
        server.open_polls(5).await;
        server.state.polls.lock().unwrap().refusal = Some(Status::permission_denied("again"));
        for _ in 0..5 {
            server.push(task("nothing", 0));
        }
    }
}

#[tokio::test(start_paused = true)]
async fn an_outage_is_waited_out() {
    let server = FakeServer::new();
    server.state.polls.lock().unwrap().refusal = Some(Status::unavailable("away"));
    let worker = TestWorker::with("nothing", nothing).start(&server).await;
    sleep(Duration::from_secs(600)).await;
    assert!(!worker.has_ended());
    let polls = server.state.polls.lock().unwrap().requests.len();
    assert!(polls < 5 * 600 / 7, "polls back off to 10 s: {polls}");
    server.state.polls.lock().unwrap().refusal = None;
    server.push(task("nothing", 0));
    server.report().await;
}
