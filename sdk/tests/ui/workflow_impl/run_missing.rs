use durably::workflow;

#[derive(Default)]
struct OrderSaga;

#[workflow]
impl OrderSaga {
    #[signal]
    fn cancel(&self) {}
}

fn main() {}
