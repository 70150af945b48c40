use durably::failure::WorkflowResult;
use durably::payload::Payload;
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

    #[update(dynamic)]
    fn any(&self, _name: String, _argument: Payload) {}
}

fn main() {}
