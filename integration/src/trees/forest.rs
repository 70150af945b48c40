//! Many trees: on one server, or on servers in this process.

use std::ops::Range;

use durably::prelude::*;
use durably::worker::BuildError;
use durably_test::server::TestServer;
use tokio::task::JoinSet;

use super::{Outcome, Pace, Workers, run};

/// How many trees share a server in this process. A worker that is killed holds all of them up, until
/// its tasks time out.
const TREES_PER_SERVER: usize = 5;

/// What came of many trees.
#[derive(Debug, Clone, Default)]
pub struct Report {
    /// How many were run.
    pub trees: usize,
    /// What went wrong, each with its seed.
    pub failures: Vec<String>,
    /// What came of all that went well.
    pub outcome: Outcome,
    /// How many workers were replaced.
    pub replaced: u32,
}

/// Runs the trees of these seeds on a server, so many at a time.
///
/// # Errors
/// A worker cannot be built.
pub async fn run_on(
    client: &Client,
    seeds: Range<u64>,
    in_flight: usize,
) -> Result<Report, BuildError> {
    let task_queue = format!("trees-{}", std::process::id());
    let lives = 200..1700;
    let workers = Workers::start(client, &task_queue, seeds.start, lives)?;
    let mut report = Report::default();
    let (mut seeds, mut running) = (seeds, JoinSet::new());
    loop {
        while running.len() < in_flight
            && let Some(seed) = seeds.next()
        {
            let (client, task_queue) = (client.clone(), task_queue.clone());
            running.spawn(async move { run(&client, &task_queue, &Pace::Real, seed).await });
        }
        let Some(ended) = running.join_next().await else {
            break;
        };
        report.add(ended.unwrap_or_else(|error| Err(error.to_string())));
    }
    report.replaced = workers.stop().await;
    Ok(report)
}

/// Runs the trees of these seeds on servers in this process, which skip time; so many trees at a time.
///
/// # Errors
/// A worker cannot be built.
///
/// # Panics
/// A tree does.
pub async fn run_embedded(seeds: Range<u64>, in_flight: usize) -> Result<Report, BuildError> {
    let mut report = Report::default();
    let (mut seeds, mut running) = (seeds, JoinSet::new());
    let servers = in_flight.div_ceil(TREES_PER_SERVER);
    loop {
        while running.len() < servers && !seeds.is_empty() {
            let group: Vec<_> = seeds.by_ref().take(TREES_PER_SERVER).collect();
            running.spawn(run_group(group));
        }
        let Some(ended) = running.join_next().await else {
            return Ok(report);
        };
        report.join(ended.expect("trees do not panic")?);
    }
}

/// Runs a few trees on a server of their own.
async fn run_group(seeds: Vec<u64>) -> Result<Report, BuildError> {
    let first = seeds.first().copied().unwrap_or_default();
    let server = TestServer::builder().seed(first).start();
    let options = ConnectOptions::new("embedded").service(server.service());
    let client = Client::connect(options).await;
    let client = client.expect("a server in this process answers");
    let workers = Workers::start(&client, "trees", first, 20..170)?;
    let mut report = Report::default();
    let mut running = JoinSet::new();
    for seed in seeds {
        let (client, pace) = (client.clone(), Pace::Of(server.clone()));
        running.spawn(async move { run(&client, "trees", &pace, seed).await });
    }
    while let Some(ended) = running.join_next().await {
        report.add(ended.unwrap_or_else(|error| Err(error.to_string())));
    }
    report.replaced = workers.stop().await;
    let faults = server.audit().into_iter();
    let faults = faults.map(|fault| format!("seeds from {first}: the server: {fault}"));
    report.failures.extend(faults);
    Ok(report)
}

impl Report {
    fn add(&mut self, tree: Result<Outcome, String>) {
        self.trees += 1;
        match tree {
            Ok(outcome) => self.outcome += outcome,
            Err(error) => self.failures.push(error),
        }
    }

    fn join(&mut self, other: Self) {
        self.trees += other.trees;
        self.failures.extend(other.failures);
        self.outcome += other.outcome;
        self.replaced += other.replaced;
    }
}
