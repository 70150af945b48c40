use durably::failure::WorkflowResult;
use durably::workflow;
use durably::workflow::{WorkflowContext, WorkflowRegistry};

struct OrderSaga;

#[workflow]
impl OrderSaga {
    #[run]
    async fn run(&self, ctx: &WorkflowContext, order: u32) -> WorkflowResult<u32> {
        let _ = ctx;
        Ok(order)
    }
}

fn main() {
    let mut registry = WorkflowRegistry::default();
    let _ = registry.add(OrderSaga::run);
}
