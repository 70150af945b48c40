use durably::workflow;
use durably::workflow::WorkflowContext;

#[workflow]
async fn greet(_ctx: &WorkflowContext, name: String) -> String {
    name
}

fn main() {}
