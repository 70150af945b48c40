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

    #[signal(dynamic)]
    fn any(&self, _name: String, _arguments: Vec<Payload>) {}

    #[signal(dynamic)]
    fn other(&self, _name: String, _arguments: Vec<Payload>) {}
}

fn main() {}
