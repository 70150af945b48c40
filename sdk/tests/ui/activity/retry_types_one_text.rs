use durably::activity;
use durably::failure::ActivityResult;

#[activity(retry(non_retryable_error_types = "InvalidOrder"))]
async fn charge(order: u32) -> ActivityResult<u32> {
    Ok(order)
}

fn main() {}
