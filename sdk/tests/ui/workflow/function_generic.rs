use durably::failure::WorkflowResult;
use durably::workflow;
use durably::workflow::WorkflowContext;

#[workflow]
async fn greet<const N: usize>(ctx: &WorkflowContext, name: String) -> WorkflowResult<String> {
    let _ = ctx;
    Ok(name)
}

fn main() {}
