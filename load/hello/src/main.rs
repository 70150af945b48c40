//! A worker and a client in one program.

mod activity;
mod workflow;

use durably::prelude::*;

use activity::compose_greeting;
use workflow::greet;

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let client = Client::connect(ConnectOptions::from_env()?).await?;
    let worker = Worker::builder(&client, "greetings")
        .workflow(greet)
        .activity(compose_greeting)
        .build()?;
    let worker = tokio::spawn(worker.run());
    let greeting = client.execute(greet, "world").task_queue("greetings").await?;
    println!("{greeting}");
    worker.abort();
    Ok(())
}
