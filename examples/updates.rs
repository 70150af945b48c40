//! A basket whose contents are changed by updates: requests that the workflow may refuse, and whose
//! result the caller waits for.
//!
//! ```text
//! cargo run --example updates
//! ```

use std::collections::BTreeMap;
use std::error::Error;
use std::process::ExitCode;

use durably::client::{UpdateError, UpdateStage};
use durably::prelude::*;
use durably_examples::{connect, report, unique};

#[activity(start_to_close_timeout = "10s")]
async fn reserve(article: String, quantity: u32) -> ActivityResult<()> {
    println!("activity: {quantity} x {article} reserved");
    Ok(())
}

/// What a customer means to buy.
#[derive(Default)]
struct Basket {
    articles: State<BTreeMap<String, u32>>,
    paid: State<bool>,
}

#[workflow]
impl Basket {
    #[run]
    async fn run(&self, ctx: &WorkflowContext) -> WorkflowResult<u32> {
        ctx.wait_until(|| self.paid.get()).await?;
        // An update in progress is finished before the workflow ends.
        ctx.wait_until(|| ctx.all_handlers_finished()).await?;
        Ok(self.articles.with(|articles| articles.values().sum()))
    }

    /// Adds an article; gives how many of it there are now.
    #[update]
    async fn add(
        &self,
        ctx: &WorkflowContext,
        article: String,
        quantity: u32,
    ) -> WorkflowResult<u32> {
        ctx.activity(reserve, (&article, quantity)).await?;
        self.articles
            .update(|articles| *articles.entry(article.clone()).or_default() += quantity);
        Ok(self.articles.with(|articles| articles[&article]))
    }

    /// Looks at an update before it is accepted: what it refuses leaves no trace in the history.
    #[validator(add)]
    fn may_add(&self, _article: &str, quantity: &u32) -> Result<(), ApplicationFailure> {
        match quantity {
            1..=10 => Ok(()),
            other => Err(ApplicationFailure::new(format!(
                "{other} is no quantity for a basket"
            ))),
        }
    }

    #[signal]
    fn pay(&self) {
        self.paid.set(true);
    }
}

#[tokio::main]
async fn main() -> ExitCode {
    report(updates().await)
}

async fn updates() -> Result<(), Box<dyn Error>> {
    let client = connect().await?;
    let task_queue = unique("updates");
    let worker = Worker::builder(&client, &task_queue)
        .workflow(Basket::run)
        .activity(reserve)
        .build()?;
    let shutdown = worker.shutdown_handle();
    let worker = tokio::spawn(worker.run());

    let basket = client
        .start(Basket::run, ())
        .workflow_id(&task_queue)
        .task_queue(&task_queue)
        .await?;
    let lamps = basket.update(Basket::add, ("lamp", 2)).await?;
    println!("client:   {lamps} lamps in the basket");

    match basket.update(Basket::add, ("lamp", 500)).await {
        Err(UpdateError::Failed(failure)) => println!("client:   refused: {failure}"),
        other => return Err(format!("expected a refusal, not {other:?}").into()),
    }

    // Wait until it is accepted, and fetch the result later. The id makes a repetition harmless.
    let chairs = basket
        .update(Basket::add, ("chair", 4))
        .update_id("chairs-for-the-kitchen")
        .start_and_wait_for(UpdateStage::Accepted)
        .await?;
    println!("client:   update {} is accepted", chairs.id());
    println!("client:   {} chairs in the basket", chairs.result().await?);

    basket.signal(Basket::pay, ()).await?;
    let bought = basket.result().await?;
    println!("client:   {bought} articles bought");
    if bought != 6 {
        return Err(format!("expected 6 articles, not {bought}").into());
    }
    shutdown.initiate();
    worker.await??;
    Ok(())
}
