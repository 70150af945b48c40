use durably::activity;
use durably::failure::ActivityResult;

#[activity(maximum_attempts = 5)]
async fn charge(order: u32) -> ActivityResult<u32> {
    Ok(order)
}

fn main() {}
