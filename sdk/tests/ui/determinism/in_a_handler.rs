use durably::failure::WorkflowResult;
use durably::workflow;
use durably::workflow::WorkflowContext;

#[derive(Default)]
struct OrderSaga;

#[workflow]
impl OrderSaga {
    #[run]
    async fn run(&self, ctx: &WorkflowContext) -> WorkflowResult<()> {
        let _ = ctx;
        Ok(())
    }

    #[signal]
    fn tick(&self) {
        let _ = std::time::SystemTime::now();
    }
}

fn main() {}
