//! Short activities that run within the workflow task, in the workflow's own worker: quicker, and
//! with one event in the history instead of three.
//!
//! ```text
//! cargo run --example local_activities
//! ```

use std::error::Error;
use std::process::ExitCode;
use std::time::Duration;

use durably::failure::RetryPolicy;
use durably::prelude::*;
use durably_examples::{connect, report, unique};

#[activity(start_to_close_timeout = "2s")]
async fn price(article: String) -> ActivityResult<u64> {
    println!("activity: pricing a {article}");
    Ok(article.len() as u64 * 100)
}

/// Has trouble at first.
#[activity(start_to_close_timeout = "2s")]
async fn discount(ctx: &ActivityContext, cents: u64) -> ActivityResult<u64> {
    println!(
        "activity: discount of {cents} cents, attempt {}",
        ctx.info().attempt
    );
    match ctx.info().attempt {
        1 | 2 => Err(ApplicationFailure::new("the rules are being updated").into()),
        _ => Ok(cents / 10),
    }
}

#[workflow]
async fn quote(ctx: &WorkflowContext, articles: Vec<String>) -> WorkflowResult<u64> {
    let mut total = 0;
    for article in &articles {
        total += ctx.local_activity(price, article).await?;
    }
    // A wait between attempts that is longer than the threshold is made by a timer, so that the
    // workflow task does not stay open.
    let off = ctx
        .local_activity(discount, total)
        .retry(RetryPolicy::new().initial_interval(Duration::from_millis(300)))
        .local_retry_threshold(Duration::from_millis(500))
        .await?;
    Ok(total - off)
}

#[tokio::main]
async fn main() -> ExitCode {
    report(local_activities().await)
}

async fn local_activities() -> Result<(), Box<dyn Error>> {
    let client = connect().await?;
    let task_queue = unique("local-activities");
    let worker = Worker::builder(&client, &task_queue)
        .workflow(quote)
        .activity(price)
        .activity(discount)
        .build()?;
    let shutdown = worker.shutdown_handle();
    let worker = tokio::spawn(worker.run());

    let articles: Vec<String> = ["lamp", "table", "vase"].map(String::from).into();
    let handle = client
        .start(quote, &articles)
        .workflow_id(&task_queue)
        .task_queue(&task_queue)
        .await?;
    let cents = handle.result().await?;
    println!("client:   all together {cents} cents");
    let history = handle.fetch_history().into_history().await?;
    println!("client:   the history has {} events", history.events.len());
    if cents != 1170 {
        return Err(format!("expected 1170 cents, not {cents}").into());
    }
    shutdown.initiate();
    worker.await??;
    Ok(())
}
