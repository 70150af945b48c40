use durably::failure::WorkflowResult;
use durably::workflow;
use durably::workflow::WorkflowContext;

#[workflow]
fn greet(ctx: &WorkflowContext, name: String) -> WorkflowResult<String> {
    let _ = ctx;
    Ok(name)
}

fn main() {}
