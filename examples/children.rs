//! A workflow that runs others: one for each parcel of a shipment, some at the same time.
//!
//! ```text
//! cargo run --example children
//! ```

use std::error::Error;
use std::process::ExitCode;
use std::time::Duration;

use durably::prelude::*;
use durably::workflow::{ChildHandle, try_join_all};
use durably_examples::{connect, report, unique};

#[activity(start_to_close_timeout = "10s")]
async fn carry(parcel: String, leg: u32) -> ActivityResult<()> {
    println!("activity: {parcel}, leg {leg}");
    Ok(())
}

/// One parcel on its way. It is a workflow of its own: it has a history, an id and messages.
#[derive(Default)]
struct Parcel {
    hurry: State<bool>,
}

#[workflow]
impl Parcel {
    #[run]
    async fn run(&self, ctx: &WorkflowContext, name: String) -> WorkflowResult<String> {
        ctx.activity(carry, (&name, 1)).await?;
        // A parcel rests for a day, unless it is hurried.
        ctx.wait_until(|| self.hurry.get())
            .timeout(Duration::from_secs(86_400))
            .await?;
        ctx.activity(carry, (&name, 2)).await?;
        Ok(format!("{name} has arrived"))
    }

    #[signal]
    fn hurry(&self) {
        self.hurry.set(true);
    }
}

/// A shipment of several parcels.
#[workflow]
async fn ship(ctx: &WorkflowContext, parcels: Vec<String>) -> WorkflowResult<Vec<String>> {
    let mut children = Vec::new();
    for name in &parcels {
        let id = format!("{}-{name}", ctx.info().workflow_id());
        let child = ctx.child(Parcel::run, name).workflow_id(id).start().await?;
        children.push(child);
    }
    for child in &children {
        child.signal(Parcel::hurry, ()).await?;
    }
    Ok(try_join_all(children.into_iter().map(ChildHandle::result)).await?)
}

#[tokio::main]
async fn main() -> ExitCode {
    report(children().await)
}

async fn children() -> Result<(), Box<dyn Error>> {
    let client = connect().await?;
    let task_queue = unique("children");
    let worker = Worker::builder(&client, &task_queue)
        .workflow(ship)
        .workflow(Parcel::run)
        .activity(carry)
        .build()?;
    let shutdown = worker.shutdown_handle();
    let worker = tokio::spawn(worker.run());

    let parcels: Vec<String> = ["book", "lamp", "vase"].map(String::from).into();
    let shipment = client
        .start(ship, &parcels)
        .workflow_id(&task_queue)
        .task_queue(&task_queue)
        .await?;
    for arrived in shipment.result().await? {
        println!("client:   {arrived}");
    }
    shutdown.initiate();
    worker.await??;
    Ok(())
}
