use durably::activity;
use durably::failure::ActivityResult;

#[activity(retry(maximum_interval = "500ms"))]
async fn charge(order: u32) -> ActivityResult<u32> {
    Ok(order)
}

fn main() {}
