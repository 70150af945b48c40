use durably::failure::WorkflowResult;
use durably::workflow;
use durably::workflow::WorkflowContext;

struct OrderSaga;

trait Run {
    async fn run(&self, ctx: &WorkflowContext) -> WorkflowResult<()>;
}

#[workflow]
impl Run for OrderSaga {
    #[run]
    async fn run(&self, ctx: &WorkflowContext) -> WorkflowResult<()> {
        let _ = ctx;
        Ok(())
    }
}

fn main() {}
