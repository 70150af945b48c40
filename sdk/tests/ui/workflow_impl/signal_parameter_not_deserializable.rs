use durably::failure::WorkflowResult;
use durably::workflow;
use durably::workflow::WorkflowContext;

struct Reason;

#[derive(Default)]
struct OrderSaga;

#[workflow]
impl OrderSaga {
    #[run]
    async fn run(&self, ctx: &WorkflowContext, order: u32) -> WorkflowResult<u32> {
        let _ = ctx;
        Ok(order)
    }

    #[signal]
    fn cancel(&self, _reason: Reason) {}
}

fn main() {}
