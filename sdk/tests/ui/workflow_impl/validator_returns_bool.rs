use durably::failure::{ApplicationFailure, WorkflowResult};
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

    #[update]
    fn change(&self, to: String) -> Result<String, ApplicationFailure> {
        Ok(to)
    }

    #[validator(change)]
    fn check(&self, _to: &str) -> bool {
        true
    }
}

fn main() {}
