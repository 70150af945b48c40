use durably::failure::WorkflowResult;
use durably::workflow;
use durably::workflow::WorkflowContext;

#[workflow]
async fn wait(ctx: &WorkflowContext) -> WorkflowResult<()> {
    let _ = ctx;
    use std::{env, fs};
    let _ = fs::read("orders.txt").map(|_| env::var("HOME"));
    Ok(())
}

fn main() {}
