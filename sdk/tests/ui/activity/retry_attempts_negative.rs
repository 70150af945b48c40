use durably::activity;
use durably::failure::ActivityResult;

#[activity(retry(maximum_attempts = -1))]
async fn charge(order: u32) -> ActivityResult<u32> {
    Ok(order)
}

fn main() {}
