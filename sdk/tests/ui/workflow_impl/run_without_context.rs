use durably::failure::WorkflowResult;
use durably::workflow;

#[derive(Default)]
struct OrderSaga;

#[workflow]
impl OrderSaga {
    #[run]
    async fn run(&self, order: u32) -> WorkflowResult<u32> {
        Ok(order)
    }
}

fn main() {}
