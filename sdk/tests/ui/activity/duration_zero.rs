use durably::activity;
use durably::failure::ActivityResult;

#[activity(schedule_to_close_timeout = "0s")]
async fn charge(order: u32) -> ActivityResult<u32> {
    Ok(order)
}

fn main() {}
