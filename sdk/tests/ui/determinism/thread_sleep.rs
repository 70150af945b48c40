use std::thread;

use durably::failure::WorkflowResult;
use durably::workflow;
use durably::workflow::WorkflowContext;

#[workflow]
async fn wait(ctx: &WorkflowContext) -> WorkflowResult<()> {
    let _ = ctx;
    thread::sleep(std::time::Duration::from_secs(1));
    Ok(())
}

fn main() {}
