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

    #[init(name = "New")]
    fn new() -> Self {
        Self
    }
}

fn main() {}
