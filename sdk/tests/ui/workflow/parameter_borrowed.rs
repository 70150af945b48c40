use durably::failure::WorkflowResult;
use durably::workflow;
use durably::workflow::WorkflowContext;

#[workflow]
async fn greet(ctx: &WorkflowContext, name: &str) -> WorkflowResult<String> {
    let _ = ctx;
    Ok(name.to_owned())
}

fn main() {}
