use durably::failure::WorkflowResult;
use durably::workflow;
use durably::workflow::WorkflowContext;

#[workflow]
async fn greet(ctx: &WorkflowContext, greet: String) -> WorkflowResult<String> {
    let _ = ctx;
    Ok(greet)
}

fn main() {}
