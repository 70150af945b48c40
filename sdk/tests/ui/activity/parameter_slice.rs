use durably::activity;
use durably::failure::ActivityResult;

#[activity]
async fn charge(orders: &[u32]) -> ActivityResult<usize> {
    Ok(orders.len())
}

fn main() {}
