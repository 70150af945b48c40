use durably::failure::WorkflowResult;
use durably::workflow;
use durably::workflow::WorkflowContext;

#[workflow]
async fn wait(ctx: &WorkflowContext) -> WorkflowResult<()> {
    let _ = ctx;
    tokio::spawn(async {});
    Ok(())
}

fn main() {}
