//! Search attributes and the memo: what a workflow says of itself, and what it is found by.
//!
//! The server must know the attributes; `start-dev` is told so:
//!
//! ```text
//! temporal server start-dev --headless --search-attribute OrderStatus=Keyword --search-attribute OrderCents=Int
//! cargo run --example search_attributes
//! ```

use std::error::Error;
use std::process::ExitCode;
use std::time::Duration;

use durably::payload::{Memo, SearchAttributeKey, SearchAttributes};
use durably::prelude::*;
use durably_examples::{connect, report, unique};

const STATUS: SearchAttributeKey<String> = SearchAttributeKey::keyword("OrderStatus");
const CENTS: SearchAttributeKey<i64> = SearchAttributeKey::int("OrderCents");

#[workflow]
async fn order(ctx: &WorkflowContext) -> WorkflowResult<()> {
    let cents = ctx.info().search_attributes().get(&CENTS)?.unwrap_or(0);
    ctx.set_current_details("**packing**");
    ctx.upsert_search_attributes(&SearchAttributes::new().set(&STATUS, "packing".to_owned())?);
    ctx.sleep(Duration::from_millis(300)).await?;
    let shipped = SearchAttributes::new()
        .set(&STATUS, "shipped".to_owned())?
        .set(&CENTS, cents + 490)?;
    ctx.upsert_search_attributes(&shipped);
    ctx.upsert_memo(&Memo::new().set("carrier", &"the red van")?);
    Ok(())
}

#[tokio::main]
async fn main() -> ExitCode {
    report(search_attributes().await)
}

async fn search_attributes() -> Result<(), Box<dyn Error>> {
    let client = connect().await?;
    let task_queue = unique("search-attributes");
    let worker = Worker::builder(&client, &task_queue)
        .workflow(order)
        .build()?;
    let shutdown = worker.shutdown_handle();
    let worker = tokio::spawn(worker.run());

    let at_start = SearchAttributes::new()
        .set(&STATUS, "new".to_owned())?
        .set(&CENTS, 4_200)?;
    let handle = client
        .start(order, ())
        .workflow_id(&task_queue)
        .task_queue(&task_queue)
        .search_attributes(at_start)
        .memo(Memo::new().set("customer", &"Ada")?)
        .await?;
    handle.result().await?;
    let description = handle.describe().await?;
    let attributes = description.search_attributes();
    let (status, cents) = (attributes.get(&STATUS)?, attributes.get(&CENTS)?);
    println!("client:   status {status:?}, {cents:?} cents");
    let memo = description.memo();
    let carrier: Option<String> = memo.get("carrier")?;
    println!("client:   carried by {carrier:?}");
    if (status.as_deref(), cents) != (Some("shipped"), Some(4_690)) {
        return Err("the order should be shipped".into());
    }
    shutdown.initiate();
    worker.await??;
    Ok(())
}
