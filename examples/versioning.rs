//! Changing a workflow's code while runs of it are under way: a patch keeps them on their side of
//! the change.
//!
//! ```text
//! cargo run --example versioning
//! ```

use std::error::Error;
use std::process::ExitCode;

use durably::prelude::*;
use durably_examples::{connect, report, unique};

#[activity(start_to_close_timeout = "10s")]
async fn charge(order: String) -> ActivityResult<String> {
    Ok(format!("{order} charged"))
}

#[activity(start_to_close_timeout = "10s")]
async fn authorize(order: String) -> ActivityResult<String> {
    Ok(format!("{order} authorized"))
}

/// The code of last week.
#[derive(Default)]
struct LastWeek {
    confirmed: State<bool>,
}

#[workflow(name = "order")]
impl LastWeek {
    #[run]
    async fn run(&self, ctx: &WorkflowContext, order: String) -> WorkflowResult<Vec<String>> {
        let charged = ctx.activity(charge, &order).await?;
        ctx.wait_until(|| self.confirmed.get()).await?;
        Ok(vec![charged])
    }

    #[signal]
    fn confirm(&self) {
        self.confirmed.set(true);
    }
}

/// The code of today: it authorizes before it charges. Runs that began last week did not, and a
/// replay of them must not; the patch tells the two apart.
#[derive(Default)]
struct Today {
    confirmed: State<bool>,
}

#[workflow(name = "order")]
impl Today {
    #[run]
    async fn run(&self, ctx: &WorkflowContext, order: String) -> WorkflowResult<Vec<String>> {
        let mut done = Vec::new();
        if ctx.patched("authorize-first") {
            done.push(ctx.activity(authorize, &order).await?);
        }
        done.push(ctx.activity(charge, &order).await?);
        ctx.wait_until(|| self.confirmed.get()).await?;
        Ok(done)
    }

    #[signal]
    fn confirm(&self) {
        self.confirmed.set(true);
    }
}

#[tokio::main]
async fn main() -> ExitCode {
    report(versioning().await)
}

async fn versioning() -> Result<(), Box<dyn Error>> {
    let client = connect().await?;
    let task_queue = unique("versioning");

    let old = Worker::builder(&client, &task_queue)
        .workflow(LastWeek::run)
        .activity(charge)
        .build()?;
    let shutdown = old.shutdown_handle();
    let worker = tokio::spawn(old.run());
    let begun = client
        .start(LastWeek::run, "order-1")
        .workflow_id(format!("{task_queue}-1"))
        .task_queue(&task_queue)
        .await?;
    while begun.describe().await?.history_length() < 10 {
        tokio::time::sleep(std::time::Duration::from_millis(100)).await;
    }
    shutdown.initiate();
    worker.await??;
    println!("deploy:   a worker with new code takes over");

    let new = Worker::builder(&client, &task_queue)
        .workflow(Today::run)
        .activity(charge)
        .activity(authorize)
        .build()?;
    let shutdown = new.shutdown_handle();
    let worker = tokio::spawn(new.run());
    let fresh = client
        .start(Today::run, "order-2")
        .workflow_id(format!("{task_queue}-2"))
        .task_queue(&task_queue)
        .await?;
    begun.signal(LastWeek::confirm, ()).await?;
    fresh.signal(Today::confirm, ()).await?;
    let (begun, fresh) = (begun.result().await?, fresh.result().await?);
    println!("client:   begun before the change: {}", begun.join(", "));
    println!("client:   begun after it:          {}", fresh.join(", "));
    if (begun.len(), fresh.len()) != (1, 2) {
        return Err("each order should be on its side of the change".into());
    }
    shutdown.initiate();
    worker.await??;
    Ok(())
}
