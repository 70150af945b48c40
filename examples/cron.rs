//! A workflow that runs on a schedule. Each run knows the result of the last one.
//!
//! ```text
//! cargo run --example cron
//! ```

use std::error::Error;
use std::process::ExitCode;

use durably::client::ResultError;
use durably::prelude::*;
use durably_examples::{connect, report, unique};
use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};

const FIRINGS: u64 = 4;

/// Adds to a total that goes from run to run, without a database.
#[workflow]
async fn bill(ctx: &WorkflowContext) -> WorkflowResult<u64> {
    let last_total = ctx.info().last_completion_result::<u64>()?.unwrap_or(0);
    let total = last_total + 1;
    ctx.activity(Ledger::enter, total).await?;
    Ok(total)
}

/// Activities that share something: here, a way to tell the client of each entry.
struct Ledger {
    entries: UnboundedSender<u64>,
}

#[activities]
impl Ledger {
    #[activity(start_to_close_timeout = "10s")]
    async fn enter(&self, total: u64) -> ActivityResult<()> {
        println!("activity: the total is {total}");
        self.entries.send(total)?;
        Ok(())
    }
}

#[tokio::main]
async fn main() -> ExitCode {
    report(cron().await)
}

async fn cron() -> Result<(), Box<dyn Error>> {
    let client = connect().await?;
    let task_queue = unique("cron");
    let (entries, totals) = unbounded_channel();
    let worker = Worker::builder(&client, &task_queue)
        .workflow(bill)
        .activities(Ledger { entries })
        .build()?;
    let shutdown = worker.shutdown_handle();
    let worker = tokio::spawn(worker.run());

    let handle = client
        .start(bill, ())
        .workflow_id(&task_queue)
        .task_queue(&task_queue)
        .cron_schedule("@every 1s")
        .await?;
    println!(
        "client:   workflow {} fires every second",
        handle.workflow_id()
    );
    watch(totals).await?;

    handle.terminate("seen enough").await?;
    match handle.result().await {
        Err(ResultError::Terminated { .. }) => println!("client:   terminated; it fires no more"),
        other => return Err(format!("expected a termination, not {other:?}").into()),
    }
    shutdown.initiate();
    worker.await??;
    Ok(())
}

/// Sees that each total is one more than the last.
async fn watch(mut totals: UnboundedReceiver<u64>) -> Result<(), Box<dyn Error>> {
    for expected in 1..=FIRINGS {
        let total = totals.recv().await.ok_or("the worker is gone")?;
        if total != expected {
            return Err(format!("expected a total of {expected}, not {total}").into());
        }
    }
    Ok(())
}
