use durably::failure::WorkflowResult;
use durably::workflow;
use durably::workflow::WorkflowContext;

#[derive(Default)]
struct OrderSaga;

#[workflow]
impl OrderSaga {
    #[run]
    async fn run(&self, ctx: &WorkflowContext, order: u32) -> WorkflowResult<u32> {
        let _ = ctx;
        Ok(order)
    }

    #[init]
    fn new() -> Self {
        Self
    }

    #[init]
    fn other() -> Self {
        Self
    }
}

fn main() {}
