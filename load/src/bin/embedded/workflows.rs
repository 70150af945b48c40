//! The workflows that are run, their worker, and a run of each.

use std::time::Duration;

use durably::options::TimeSkipping;
use durably::prelude::*;
use tokio::task::JoinHandle;

#[activity(start_to_close_timeout = "10s")]
async fn greet(name: String) -> ActivityResult<String> {
    Ok(format!("hello {name}"))
}

#[workflow]
pub(crate) async fn greets(ctx: &WorkflowContext, name: String) -> WorkflowResult<String> {
    Ok(ctx.activity(greet, &name).await?)
}

#[workflow]
async fn sleeps(ctx: &WorkflowContext) -> WorkflowResult<()> {
    ctx.sleep(Duration::from_secs(30 * 24 * 3600)).await?;
    Ok(())
}

pub(crate) const QUEUE: &str = "load";

/// Runs a worker until the handle is aborted.
pub(crate) fn worker(client: &Client) -> JoinHandle<()> {
    let worker = Worker::builder(client, QUEUE)
        .workflow(greets)
        .workflow(sleeps)
        .activity(greet)
        .build()
        .expect("the worker can be built");
    tokio::spawn(async move { worker.run().await.expect("the worker runs") })
}

/// A workflow with one activity, from its start to its result.
pub(crate) async fn greeted(client: &Client) {
    let start = client.start(greets, "warm".to_owned()).task_queue(QUEUE);
    let handle = start.await.expect("the workflow starts");
    handle.result().await.expect("the workflow completes");
}

/// A workflow that sleeps for 30 days on a server that skips time, asked to where it wants to be.
pub(crate) async fn slept(client: &Client, asked: bool) {
    let mut start = client.start(sleeps, ()).task_queue(QUEUE);
    if asked {
        start = start.time_skipping(TimeSkipping::enabled());
    }
    let handle = start.await.expect("the workflow starts");
    handle.result().await.expect("the workflow completes");
}
