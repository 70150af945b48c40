//! Figures of the embedded server: what it takes to start, to run and to keep.
//!
//! `cargo run --release -p durably-load --bin embedded`

use std::time::{Duration, Instant};

use durably::prelude::*;
use durably_load::resident_bytes;
use durably_test::server::TestServer;
use tokio::runtime::Builder;
use tokio::task::{JoinHandle, JoinSet};

#[activity(start_to_close_timeout = "10s")]
async fn greet(name: String) -> ActivityResult<String> {
    Ok(format!("hello {name}"))
}

#[workflow]
async fn greets(ctx: &WorkflowContext, name: String) -> WorkflowResult<String> {
    Ok(ctx.activity(greet, &name).await?)
}

#[workflow]
async fn sleeps(ctx: &WorkflowContext) -> WorkflowResult<()> {
    ctx.sleep(Duration::from_secs(30 * 24 * 3600)).await?;
    Ok(())
}

const QUEUE: &str = "load";

fn main() {
    let single = || Builder::new_current_thread().enable_all().build();
    let single = single().expect("a runtime can be made");
    println!("{:<52} {:>10}", "what", "median");
    single.block_on(async {
        row(
            "from nothing to the first started workflow",
            first_start().await,
        );
        row("one workflow with one activity, warm", warm(500).await);
        row("a workflow that sleeps for 30 days", slept(300).await);
    });
    let bytes = single.block_on(idle_memory());
    println!(
        "{:<52} {:>7} kB",
        "memory of an idle instance",
        bytes / 1024
    );
    drop(single);
    let several = Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .build();
    let several = several.expect("a runtime can be made");
    let tests = several.block_on(tests(1000));
    println!(
        "{:<52} {:>8.2} s",
        "1,000 workflow tests, 2 threads",
        tests.as_secs_f64()
    );
    let rate = several.block_on(throughput(10_000, 100));
    println!(
        "{:<52} {:>8.0} /s",
        "workflows with one activity, 100 at a time", rate
    );
}

fn row(what: &str, mut times: Vec<Duration>) {
    times.sort();
    let median = times[times.len() / 2].as_secs_f64() * 1e3;
    println!("{what:<52} {median:>7.3} ms");
}

async fn client(server: &TestServer) -> Client {
    let options = ConnectOptions::new("embedded").service(server.service());
    Client::connect(options).await.expect("the server answers")
}

fn worker(client: &Client) -> JoinHandle<()> {
    let worker = Worker::builder(client, QUEUE)
        .workflow(greets)
        .workflow(sleeps)
        .activity(greet)
        .build()
        .expect("the worker can be built");
    tokio::spawn(async move { worker.run().await.expect("the worker runs") })
}

async fn first_start() -> Vec<Duration> {
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

async fn greeted(client: &Client) {
    let start = client.start(greets, "warm".to_owned()).task_queue(QUEUE);
    let handle = start.await.expect("the workflow starts");
    handle.result().await.expect("the workflow completes");
}

async fn warm(count: usize) -> Vec<Duration> {
    let server = TestServer::start();
    let client = client(&server).await;
    let worker = worker(&client);
    let mut times = Vec::new();
    for _ in 0..count {
        let began = Instant::now();
        greeted(&client).await;
        times.push(began.elapsed());
    }
    worker.abort();
    times
}

async fn slept(count: usize) -> Vec<Duration> {
    let server = TestServer::start();
    let client = client(&server).await;
    let worker = worker(&client);
    let mut times = Vec::new();
    for _ in 0..count {
        let began = Instant::now();
        let start = client.start(sleeps, ()).task_queue(QUEUE);
        let handle = start.await.expect("the workflow starts");
        handle.result().await.expect("the workflow completes");
        times.push(began.elapsed());
    }
    worker.abort();
    times
}

async fn idle_memory() -> u64 {
    const COUNT: u64 = 500;
    let before = resident_bytes();
    let servers: Vec<_> = (0..COUNT).map(|_| TestServer::start()).collect();
    tokio::task::yield_now().await;
    let grown = resident_bytes().saturating_sub(before);
    drop(servers);
    grown / COUNT
}

/// Tests as users write them: a server, a worker, a workflow with an activity and one with a timer.
async fn tests(count: usize) -> Duration {
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
            let start = client.start(sleeps, ()).task_queue(QUEUE);
            let handle = start.await.expect("the workflow starts");
            handle.result().await.expect("the workflow completes");
            worker.abort();
        });
    }
    while running.join_next().await.is_some() {}
    began.elapsed()
}

async fn throughput(count: usize, at_once: usize) -> f64 {
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
    f64::from(u32::try_from(count).unwrap_or(u32::MAX)) / elapsed.as_secs_f64()
}
