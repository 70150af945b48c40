use durably::activity;
use durably::failure::ActivityResult;

#[activity]
async fn charge(order: &str) -> ActivityResult<usize> {
    Ok(order.len())
}

fn main() {}
