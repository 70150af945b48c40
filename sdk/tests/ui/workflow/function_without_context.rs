use durably::failure::WorkflowResult;
use durably::workflow;

#[workflow]
async fn greet(name: String) -> WorkflowResult<String> {
    Ok(name)
}

fn main() {}
