use durably::activity;
use durably::failure::ActivityResult;

#[activity(name = "__temporal_charge")]
async fn charge(order: u32) -> ActivityResult<u32> {
    Ok(order)
}

fn main() {}
