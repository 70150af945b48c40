use durably::activity;
use durably::failure::ActivityResult;

#[activity]
async fn charge(#[cfg(all())] order: u32) -> ActivityResult<u32> {
    Ok(order)
}

fn main() {}
