//! Stops the server for a while and starts it again: workers and clients must go on by themselves.
//!
//! ```text
//! cargo run -p durably-integration --bin outage_test [-- --seconds 20]
//! ```
//!
//! Runs a server of its own, with a database file, so that it finds its data again.

use std::env;
use std::error::Error;
use std::process::ExitCode;
use std::time::{Duration, Instant};

use durably::client::WorkflowHandle;
use durably::prelude::*;
use durably_integration::{DevServer, RunningWorker, Sagas, eventually, fetch, free_port};
use durably_protos::temporal::api::enums::v1::EventType;

const SAGAS: usize = 24;

/// Longer than the outage: an attempt that is under way when the server stops and is done before it
/// is back must not be lost.
#[activity(start_to_close_timeout = "90s", retry(maximum_attempts = 1))]
async fn works_through_it(seconds: u64) -> ActivityResult<u64> {
    tokio::time::sleep(Duration::from_secs(seconds)).await;
    Ok(seconds)
}

#[workflow]
async fn outlasts(ctx: &WorkflowContext, seconds: u64) -> WorkflowResult<u64> {
    let worked = ctx.activity(works_through_it, seconds).await?;
    ctx.sleep(Duration::from_secs(1)).await?;
    Ok(worked)
}

#[tokio::main]
async fn main() -> ExitCode {
    let seconds = match env::args().skip(1).collect::<Vec<_>>().as_slice() {
        [] => Ok(20),
        [option, seconds] if option == "--seconds" => seconds.parse().map_err(|_| "not a number"),
        _ => Err("usage: outage_test [--seconds N]"),
    };
    let seconds: u64 = match seconds {
        Ok(seconds) => seconds,
        Err(error) => {
            eprintln!("error: {error}");
            return ExitCode::from(2);
        }
    };
    match run(Duration::from_secs(seconds)).await {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error}");
            ExitCode::FAILURE
        }
    }
}

async fn run(outage: Duration) -> Result<(), Box<dyn Error>> {
    let folder = env::temp_dir().join(format!("durably-outage-{}", std::process::id()));
    std::fs::create_dir_all(&folder)?;
    let result = with_database(outage, folder.join("temporal.db")).await;
    std::fs::remove_dir_all(&folder)?;
    result
}

async fn with_database(
    outage: Duration,
    database: std::path::PathBuf,
) -> Result<(), Box<dyn Error>> {
    let mut server = DevServer::start(free_port()?, Some(database)).await?;
    let sagas = Sagas::build(server.address(), SAGAS).await?;
    let client = Client::connect(ConnectOptions::new(server.address())).await?;
    let worker = Worker::builder(&client, "outage")
        .workflow(outlasts)
        .activity(works_through_it);
    let worker = RunningWorker::start(worker.build()?);

    let mut saga_worker = sagas.worker()?;
    let mut starter = sagas.start()?;
    let handle = client
        .start(outlasts, outage.as_secs() / 2)
        .task_queue("outage")
        .await?;
    until_scheduled(&handle).await;
    let waiting = handle.clone();
    let result = tokio::spawn(async move { waiting.result().await });

    println!("the server stops for {outage:?}");
    server.stop().await?;
    tokio::time::sleep(outage).await;
    server.run().await?;
    let back = Instant::now();
    println!("the server is back");

    let worked = tokio::time::timeout(Duration::from_secs(120), result).await???;
    println!(
        "after {:.1?} the workflow that was under way has its result: {worked}",
        back.elapsed()
    );
    let attempts = attempts(&handle).await?;
    if attempts != 1 {
        return Err(format!(
            "the activity took {attempts} attempts: the result of the first was lost"
        )
        .into());
    }
    let fresh = client.execute(outlasts, 0_u64).task_queue("outage").await?;
    println!(
        "after {:.1?} a new workflow has its result: {fresh}",
        back.elapsed()
    );

    let ended = tokio::time::timeout(Duration::from_secs(120), starter.wait()).await??;
    println!("after {:.1?} all sagas have ended", back.elapsed());
    if let Some(status) = saga_worker.try_wait()? {
        return Err(format!("the sagas' worker did not outlast the outage: {status}").into());
    }
    if !ended.success() {
        return Err("not all sagas ended as they should".into());
    }
    let figures = sagas.figures(&client).await?;
    for problem in &figures.problems {
        println!("PROBLEM {problem}");
    }
    if !figures.problems.is_empty() {
        return Err("there are problems in the histories".into());
    }
    worker.stop().await;
    println!("workers and clients went on by themselves");
    Ok(())
}

async fn until_scheduled<W: durably::definition::WorkflowDefinition>(handle: &WorkflowHandle<W>) {
    eventually("the activity is scheduled", async || {
        let events = fetch(handle).await.map_err(|error| error.to_string())?;
        let scheduled = events.has(EventType::ActivityTaskScheduled);
        scheduled.then_some(()).ok_or(format!("{events:?}"))
    })
    .await;
}

/// How many attempts the activity took.
async fn attempts<W>(handle: &WorkflowHandle<W>) -> Result<i32, Box<dyn Error>>
where
    W: durably::definition::WorkflowDefinition,
{
    use durably_protos::temporal::api::history::v1::history_event::Attributes;

    let events = fetch(handle).await?;
    let attempt = events.attributes().find_map(|attributes| match attributes {
        Attributes::ActivityTaskStartedEventAttributes(started) => Some(started.attempt),
        _ => None,
    });
    Ok(attempt.ok_or("the activity was not started")?)
}
