use durably::activity;
use durably::failure::ActivityResult;

#[activity(retry(initial_interval = "1m", maximum_interval = "10s"))]
async fn charge(order: u32) -> ActivityResult<u32> {
    Ok(order)
}

fn main() {}
