use durably::workflow;
use durably::definition::{QueryDefinition, SignalDefinition, WorkflowDefinition};

#[derive(Default)]
struct OrderSaga;

#[workflow]
impl OrderSaga {
    #[signal]
    fn cancel(&self, reason: &str) {
        let _ = reason;
    }

    #[query(nmae = "Status")]
    fn status(&self) -> bool {
        self.cancel("");
        true
    }
}

fn workflow(_: impl WorkflowDefinition) {}
fn signal(_: impl SignalDefinition<Workflow = OrderSaga>) {}
fn query(_: impl QueryDefinition<Workflow = OrderSaga, Output = bool>) {}

fn main() {
    workflow(OrderSaga::run);
    signal(OrderSaga::cancel);
    query(OrderSaga::status);
}
