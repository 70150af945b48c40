use durably::failure::WorkflowResult;
use durably::workflow;
use durably::workflow::WorkflowContext;

#[workflow]
async fn wait(ctx: &WorkflowContext) -> WorkflowResult<()> {
    let _ = ctx;
    let _ = tokio::task::spawn_blocking(|| 1).await;
    Ok(())
}

fn main() {}
