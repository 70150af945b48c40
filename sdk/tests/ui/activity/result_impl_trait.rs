use durably::activity;
use durably::failure::ActivityResult;

#[activity]
async fn charge(order: u32) -> ActivityResult<impl ToString> {
    Ok(order)
}

fn main() {}
