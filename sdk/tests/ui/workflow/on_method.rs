use durably::failure::WorkflowResult;
use durably::workflow;
use durably::workflow::WorkflowContext;

struct OrderSaga;

impl OrderSaga {
    #[workflow]
    async fn run(&self, ctx: &WorkflowContext) -> WorkflowResult<()> {
        let _ = ctx;
        Ok(())
    }
}

fn main() {}
