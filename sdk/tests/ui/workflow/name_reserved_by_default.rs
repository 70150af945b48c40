use durably::failure::WorkflowResult;
use durably::workflow;
use durably::workflow::WorkflowContext;

#[workflow]
async fn __temporal_greet(ctx: &WorkflowContext, name: String) -> WorkflowResult<String> {
    let _ = ctx;
    Ok(name)
}

fn main() {}
