//! Canceling: a workflow that cleans up when it is canceled, and one that cancels a part of itself.
//!
//! ```text
//! cargo run --example cancellation
//! ```

use std::error::Error;
use std::process::ExitCode;
use std::time::Duration;

use durably::client::ResultError;
use durably::prelude::*;
use durably_examples::{connect, report, unique};

#[activity(start_to_close_timeout = "10s")]
async fn release(table: u32) -> ActivityResult<()> {
    println!("activity: table {table} is free again");
    Ok(())
}

/// Holds a table until the guests have left, or the reservation is canceled.
#[workflow]
async fn reservation(ctx: &WorkflowContext, table: u32) -> WorkflowResult<()> {
    let stayed = ctx.sleep(Duration::from_secs(7200)).await;
    // What must be done in any case no cancellation may reach.
    ctx.shield(ctx.activity(release, table)).await?;
    Ok(stayed?)
}

/// Asks two kitchens and takes the first answer. The other one is canceled: what loses a `select!`
/// is dropped, and what is dropped is canceled.
#[workflow]
async fn order(ctx: &WorkflowContext) -> WorkflowResult<String> {
    let first = select! {
        slow = ctx.timer(Duration::from_secs(3600)) => slow.map(|()| "the slow kitchen"),
        quick = ctx.timer(Duration::from_millis(300)) => quick.map(|()| "the quick kitchen"),
    };
    let late = ctx
        .timeout(
            Duration::from_millis(300),
            ctx.timer(Duration::from_secs(3600)),
        )
        .await;
    Ok(format!(
        "{} was first, dessert {}",
        first?,
        if late.is_err() {
            "took too long"
        } else {
            "came"
        }
    ))
}

#[tokio::main]
async fn main() -> ExitCode {
    report(cancellation().await)
}

async fn cancellation() -> Result<(), Box<dyn Error>> {
    let client = connect().await?;
    let task_queue = unique("cancellation");
    let worker = Worker::builder(&client, &task_queue)
        .workflow(reservation)
        .workflow(order)
        .activity(release)
        .build()?;
    let shutdown = worker.shutdown_handle();
    let worker = tokio::spawn(worker.run());

    let held = client
        .start(reservation, 7)
        .workflow_id(format!("{task_queue}-table-7"))
        .task_queue(&task_queue)
        .await?;
    held.cancel("the guests are ill").await?;
    match held.result().await {
        Err(ResultError::Canceled { .. }) => println!("client:   the reservation is canceled"),
        other => return Err(format!("expected a cancellation, not {other:?}").into()),
    }
    let served = client.execute(order, ()).task_queue(&task_queue).await?;
    println!("client:   {served}");
    shutdown.initiate();
    worker.await??;
    Ok(())
}
