//! The figures of the server in this process.

use std::time::{Duration, Instant};

use durably::prelude::*;
use durably_load::resident_bytes;
use durably_test::server::TestServer;
use tokio::task::JoinSet;

use crate::workflows::{QUEUE, greeted, greets, slept, worker};

async fn client(server: &TestServer) -> Client {
    let options = ConnectOptions::new("embedded").service(server.service());
    Client::connect(options).await.expect("the server answers")
}

pub(crate) async fn first_start() -> Vec<Duration> {
    let mut times = Vec::new();
    for _ in 0..200 {
        let began = Instant::now();
        let server = TestServer::start();
        let client = client(&server).await;
        let start = client.start(greets, "first".to_owned()).task_queue(QUEUE);
        start.await.expect("the workflow starts");
        times.push(began.elapsed());
    }
    times
}

/// The times of one workflow after the other.
pub(crate) async fn one_by_one(count: usize, run: impl AsyncFn(&Client)) -> Vec<Duration> {
    let server = TestServer::start();
    let client = client(&server).await;
    let worker = worker(&client);
    let mut times = Vec::new();
    for _ in 0..count {
        let began = Instant::now();
        run(&client).await;
        times.push(began.elapsed());
    }
    worker.abort();
    times
}

pub(crate) async fn idle_memory() -> u64 {
    const COUNT: u64 = 500;
    let before = resident_bytes();
    let servers: Vec<_> = (0..COUNT).map(|_| TestServer::start()).collect();
    tokio::task::yield_now().await;
    let grown = resident_bytes().saturating_sub(before);
    drop(servers);
    grown / COUNT
}

/// Tests as users write them: a server, a worker, a workflow with an activity and one with a timer.
pub(crate) async fn tests(count: usize) -> Duration {
    let began = Instant::now();
    let mut running = JoinSet::new();
    for _ in 0..count {
        if running.len() >= 8 {
            running.join_next().await;
        }
        running.spawn(async {
            let server = TestServer::start();
            let client = client(&server).await;
            let worker = worker(&client);
            greeted(&client).await;
            slept(&client, false).await;
            worker.abort();
        });
    }
    while running.join_next().await.is_some() {}
    began.elapsed()
}

/// Workflows with one activity in a second.
pub(crate) async fn throughput(count: u32, at_once: usize) -> f64 {
    let server = TestServer::start();
    let client = client(&server).await;
    let worker = worker(&client);
    let began = Instant::now();
    let mut running = JoinSet::new();
    for _ in 0..count {
        if running.len() >= at_once {
            running.join_next().await;
        }
        let client = client.clone();
        running.spawn(async move { greeted(&client).await });
    }
    while running.join_next().await.is_some() {}
    let elapsed = began.elapsed();
    worker.abort();
    f64::from(count) / elapsed.as_secs_f64()
}
