//! The smallest durable program: one workflow, one activity, a worker and a client.
//!
//! ```text
//! cargo run --example hello
//! ```

use std::error::Error;
use std::process::ExitCode;
use std::time::Duration;

use durably::prelude::*;
use durably_examples::{connect, report, unique};

/// An activity may do anything: talk to other systems, read clocks, fail. The server retries it.
#[activity(start_to_close_timeout = "10s")]
async fn compose_greeting(greeting: String, name: String) -> ActivityResult<String> {
    println!("activity: composing a greeting for {name}");
    Ok(format!("{greeting}, {name}!"))
}

/// A workflow survives the process it runs in: what it awaits is recorded by the server.
#[workflow]
async fn greet(ctx: &WorkflowContext, name: String) -> WorkflowResult<String> {
    let greeting = ctx.activity(compose_greeting, ("Hello", &name)).await?;
    ctx.sleep(Duration::from_secs(1)).await?;
    Ok(greeting)
}

#[tokio::main]
async fn main() -> ExitCode {
    report(hello().await)
}

async fn hello() -> Result<(), Box<dyn Error>> {
    let client = connect().await?;
    let task_queue = unique("hello");

    let worker = Worker::builder(&client, &task_queue)
        .workflow(greet)
        .activity(compose_greeting)
        .build()?;
    let shutdown = worker.shutdown_handle();
    let worker = tokio::spawn(worker.run());

    let handle = client
        .start(greet, "world")
        .workflow_id(&task_queue)
        .task_queue(&task_queue)
        .await?;
    println!("client:   started workflow {}", handle.workflow_id());
    let greeting = handle.result().await?;
    println!("client:   the workflow says \"{greeting}\"");

    shutdown.initiate();
    worker.await??;
    Ok(())
}
