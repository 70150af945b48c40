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
    fn new(_order: &u32, _more: &u32) -> Self {
        Self
    }
}

fn main() {}
