use durably::failure::WorkflowResult;
use durably::workflow;
use durably::workflow::WorkflowContext;

#[derive(Default)]
struct OrderSaga;

#[workflow(start_to_close_timeout = "5s")]
impl OrderSaga {
    #[run]
    async fn run(&self, ctx: &WorkflowContext) -> WorkflowResult<()> {
        let _ = ctx;
        Ok(())
    }
}

fn main() {}
