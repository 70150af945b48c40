use durably::workflow;

#[workflow]
struct OrderSaga;

fn main() {}
