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

    #[query(dynamic, name = "status")]
    fn any(&self, name: String, _arguments: Vec<Payload>) -> String {
        name
    }
}

fn main() {}
