use durably::activity;
use durably::failure::ActivityResult;

struct Order;

#[activity]
async fn charge(_order: Order) -> ActivityResult<u32> {
    Ok(1)
}

fn main() {}
