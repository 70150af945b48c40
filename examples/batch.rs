//! A batch of any size: a window of so many items at a time slides over it, and the workflow
//! continues as new before its history grows large.
//!
//! ```text
//! cargo run --example batch [-- ITEMS]
//! ```

use std::error::Error;
use std::process::ExitCode;
use std::time::Duration;

use durably::prelude::*;
use durably_examples::{connect, report, unique};
use serde::{Deserialize, Serialize};

/// How many pages are worked on at a time.
const WINDOW: usize = 8;
/// How many items make a page, the work of one activity.
const PAGE: u64 = 250;

/// Where the batch stands: all that the next run needs to know.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
struct Progress {
    items: u64,
    next: u64,
    done: u64,
}

/// Works on one page; gives how many items it has done.
#[activity(start_to_close_timeout = "60s")]
async fn process(from: u64, to: u64) -> ActivityResult<u64> {
    Ok(to - from)
}

#[workflow]
async fn batch(ctx: &WorkflowContext, mut progress: Progress) -> WorkflowResult<u64> {
    let mut window = durably::workflow::Unordered::new();
    loop {
        // Nothing new is begun once the server suggests a fresh history.
        let full_history =
            ctx.info().continue_as_new_suggested() || ctx.info().history_length() > 500;
        while !full_history && window.len() < WINDOW && progress.next < progress.items {
            let to = (progress.next + PAGE).min(progress.items);
            window.push(ctx.activity(process, (progress.next, to)));
            progress.next = to;
        }
        match window.next().await {
            Some(done) => progress.done += done?,
            None if progress.next >= progress.items => return Ok(progress.done),
            None => return ctx.continue_as_new(batch, progress),
        }
    }
}

#[tokio::main]
async fn main() -> ExitCode {
    report(run().await)
}

async fn run() -> Result<(), Box<dyn Error>> {
    let items = match std::env::args().nth(1) {
        Some(items) => items.parse()?,
        None => 100_000,
    };
    let client = connect().await?;
    let task_queue = unique("batch");
    let worker = Worker::builder(&client, &task_queue)
        .workflow(batch)
        .activity(process)
        .build()?;
    let shutdown = worker.shutdown_handle();
    let worker = tokio::spawn(worker.run());

    let progress = Progress {
        items,
        ..Progress::default()
    };
    let handle = client
        .start(batch, &progress)
        .workflow_id(&task_queue)
        .task_queue(&task_queue)
        .workflow_execution_timeout(Duration::from_secs(3600))
        .await?;
    println!("client:   {items} items in pages of {PAGE}, {WINDOW} pages at a time");
    let done = handle.result().await?;
    println!("client:   {done} items are done");
    if done != items {
        return Err(format!("expected {items} items, not {done}").into());
    }
    shutdown.initiate();
    worker.await??;
    Ok(())
}
