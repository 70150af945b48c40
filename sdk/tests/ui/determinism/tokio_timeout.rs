use durably::failure::WorkflowResult;
use durably::workflow;
use durably::workflow::WorkflowContext;

#[workflow]
async fn wait(ctx: &WorkflowContext) -> WorkflowResult<()> {
    let _ = ctx;
    let _ = tokio::time::timeout(std::time::Duration::from_secs(1), async {}).await;
    Ok(())
}

fn main() {}
