use durably::activities;
use durably::failure::ActivityResult;

#[activities]
async fn reserve(order: u32) -> ActivityResult<u32> {
    Ok(order)
}

fn main() {}
