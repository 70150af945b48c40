//! A long activity that goes on where its last attempt was cut.
//!
//! The first attempt hangs half-way, as if its machine were gone. The server misses its heartbeats,
//! starts a second attempt, and hands it what the first one reported last.
//!
//! ```text
//! cargo run --example heartbeat
//! ```

use std::error::Error;
use std::process::ExitCode;
use std::time::Duration;

use durably::prelude::*;
use durably_examples::{connect, report, unique};
use serde::{Deserialize, Serialize};

const ROWS: u32 = 50;
/// Where the first attempt is cut.
const CUT_AT: u32 = 30;

#[derive(Debug, Serialize, Deserialize)]
struct Import {
    /// Where the attempt that finished began.
    began_at: u32,
    /// Which attempt finished.
    attempt: u32,
}

/// Imports rows one after the other, and reports after each how far it is.
#[activity(start_to_close_timeout = "5m", heartbeat_timeout = "2s")]
async fn import_rows(ctx: &ActivityContext, rows: u32) -> ActivityResult<Import> {
    let attempt = ctx.info().attempt;
    let began_at = ctx.heartbeat_details::<u32>()?.unwrap_or(0);
    println!("attempt {attempt}: begins at row {began_at}");
    for row in began_at..rows {
        tokio::time::sleep(Duration::from_millis(50)).await;
        // Cheap: the worker sends the newest report only, a little before the server would miss it.
        ctx.heartbeat(&(row + 1))?;
        if attempt == 1 && row + 1 == CUT_AT {
            println!("attempt {attempt}: hangs after row {CUT_AT}; the server will miss it in 2 s");
            return Err(ctx.canceled().await.into());
        }
    }
    println!("attempt {attempt}: done");
    Ok(Import { began_at, attempt })
}

#[workflow]
async fn import(ctx: &WorkflowContext, rows: u32) -> WorkflowResult<Import> {
    Ok(ctx.activity(import_rows, rows).await?)
}

#[tokio::main]
async fn main() -> ExitCode {
    report(heartbeat().await)
}

async fn heartbeat() -> Result<(), Box<dyn Error>> {
    let client = connect().await?;
    let task_queue = unique("heartbeat");
    let worker = Worker::builder(&client, &task_queue)
        .workflow(import)
        .activity(import_rows)
        .graceful_shutdown_timeout(Duration::ZERO)
        .build()?;
    let shutdown = worker.shutdown_handle();
    let worker = tokio::spawn(worker.run());

    let result = client
        .execute(import, ROWS)
        .workflow_id(&task_queue)
        .task_queue(&task_queue)
        .await?;
    println!(
        "client: attempt {} imported the rows from {} to {ROWS}; those before were not done again",
        result.attempt, result.began_at
    );
    shutdown.initiate();
    worker.await??;
    if result.attempt != 2 || result.began_at != CUT_AT {
        return Err(format!("expected attempt 2 to begin at row {CUT_AT}").into());
    }
    Ok(())
}
