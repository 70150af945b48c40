use durably::failure::WorkflowResult;
use durably::workflow;
use durably::workflow::WorkflowContext;

#[workflow]
async fn wait(ctx: &WorkflowContext) -> WorkflowResult<()> {
    let _ = ctx;
    let (sender, _receiver) = tokio::sync::oneshot::channel::<()>();
    let _ = sender.send(());
    Ok(())
}

fn main() {}
