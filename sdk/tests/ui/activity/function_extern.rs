use durably::activity;
use durably::failure::ActivityResult;

#[activity]
extern "C" fn charge(order: u32) -> ActivityResult<u32> {
    Ok(order)
}

fn main() {}
