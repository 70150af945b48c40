use durably::activity;
use durably::failure::ActivityResult;

#[activity(heartbeat_timeout = "1.5s")]
async fn charge(order: u32) -> ActivityResult<u32> {
    Ok(order)
}

fn main() {}
