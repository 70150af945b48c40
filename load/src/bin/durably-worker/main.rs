//! Serves the load workflows, written with Durably, until SIGTERM, SIGINT or the end of its input.

mod workflows;

use std::process::ExitCode;

use durably::prelude::*;
use durably_load::announce;
use durably_load::arguments::WorkerArguments;
use durably_load::stop::StopRequests;
use tracing_subscriber::filter::LevelFilter;

use workflows::{Idle, Signals, fanout, noop, one_activity, seq, timers};

/// Tasks of one kind that run at the same time; as many as in the official SDK's worker.
const SLOTS: usize = 200;

// Activities run on the main thread; workflow code has threads of its own.
#[tokio::main(flavor = "current_thread")]
async fn main() -> ExitCode {
    // Standard output carries `ready` alone.
    tracing_subscriber::fmt()
        .with_max_level(LevelFilter::WARN)
        .with_writer(std::io::stderr)
        .init();
    match serve().await {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("durably-worker: {error}");
            ExitCode::FAILURE
        }
    }
}

async fn serve() -> Result<(), Box<dyn std::error::Error>> {
    let arguments = WorkerArguments::parse(std::env::args().skip(1))?;
    let stop = StopRequests::listen()?;
    let options = ConnectOptions::new(&arguments.address).namespace(&arguments.namespace);
    let client = Client::connect(options).await?;
    let worker = Worker::builder(&client, &arguments.task_queue)
        .workflow(one_activity)
        .workflow(seq)
        .workflow(fanout)
        .workflow(timers)
        .workflow(Signals::run)
        .workflow(Idle::run)
        .activity(noop)
        .max_cached_workflows(arguments.max_cached)
        .workflow_threads(arguments.threads)
        .max_concurrent_workflow_tasks(SLOTS)
        .max_concurrent_activities(SLOTS)
        .options(|options| options.eager_activities = arguments.eager)
        .build()?;
    let running = worker.run_until(async {
        announce::ready()?;
        stop.requested().await;
        Ok::<_, std::io::Error>(())
    });
    Ok(running.await?)
}
