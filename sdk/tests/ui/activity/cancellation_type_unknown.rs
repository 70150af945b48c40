use durably::activity;
use durably::failure::ActivityResult;

#[activity(cancellation_type = wait)]
async fn charge(order: u32) -> ActivityResult<u32> {
    Ok(order)
}

fn main() {}
