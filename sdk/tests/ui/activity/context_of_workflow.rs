use durably::activity;
use durably::failure::ActivityResult;

use durably::workflow::WorkflowContext;

#[activity]
async fn charge(ctx: &WorkflowContext, order: u32) -> ActivityResult<u32> {
    let _ = ctx;
    Ok(order)
}

fn main() {}
