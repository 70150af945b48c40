use durably::activity;
use durably::failure::ActivityResult;

#[activity(timeout = "30s", heartbeat_timeout = 5)]
async unsafe fn charge(order: &u32) -> ActivityResult<u32> {
    Ok(*order)
}

fn main() {}
