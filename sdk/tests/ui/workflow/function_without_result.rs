use durably::workflow;
use durably::workflow::WorkflowContext;

#[workflow]
async fn greet(_ctx: &WorkflowContext, _name: String) {

}

fn main() {}
