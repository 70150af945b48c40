//! The service: a worker, and a few orders that are left waiting for the next day.

use std::error::Error;
use std::time::Duration;

use durably::options::WorkflowIdConflictPolicy;
use durably::prelude::*;
use durably_replay_ci::{Order, charge, reserve, ship, ship_order};

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let client = Client::connect(ConnectOptions::from_env()?).await?;
    let worker = Worker::builder(&client, "orders")
        .workflow(ship_order)
        .activity(charge)
        .activity(reserve)
        .activity(ship)
        .build()?;
    let shutdown = worker.shutdown_handle();
    let worker = tokio::spawn(worker.run());
    for id in 1..=5 {
        let order = Order { id, cents: 1999 };
        let start = client.start(ship_order, &order).task_queue("orders");
        let start = start.id_conflict_policy(WorkflowIdConflictPolicy::UseExisting);
        let order = start.workflow_id(format!("order-{id}")).await?;
        while order.fetch_history().into_history().await?.events.len() < TIMER_EVENTS {
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
        println!("{} waits for tomorrow", order.workflow_id());
    }
    shutdown.initiate();
    worker.await??;
    Ok(())
}

/// How many events there are when an order waits: the start, three workflow tasks, two activities, a timer.
const TIMER_EVENTS: usize = 1 + 3 * 3 + 2 * 3 + 1;
