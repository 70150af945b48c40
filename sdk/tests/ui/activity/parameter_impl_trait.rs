use durably::activity;
use durably::failure::ActivityResult;

#[activity]
async fn charge(order: impl ToString) -> ActivityResult<String> {
    Ok(order.to_string())
}

fn main() {}
