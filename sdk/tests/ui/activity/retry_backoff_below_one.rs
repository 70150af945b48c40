use durably::activity;
use durably::failure::ActivityResult;

#[activity(retry(backoff_coefficient = 0.5))]
async fn charge(order: u32) -> ActivityResult<u32> {
    Ok(order)
}

fn main() {}
