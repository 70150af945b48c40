use durably::activity;
use durably::failure::ActivityResult;

#[activity(start_to_close_timeout)]
async fn charge(order: u32) -> ActivityResult<u32> {
    Ok(order)
}

fn main() {}
