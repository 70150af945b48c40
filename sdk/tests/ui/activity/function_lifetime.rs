use durably::activity;
use durably::failure::ActivityResult;

#[activity]
async fn charge<'a>(order: u32) -> ActivityResult<u32> {
    Ok(order)
}

fn main() {}
