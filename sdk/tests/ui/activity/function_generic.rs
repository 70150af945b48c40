use durably::activity;
use durably::failure::ActivityResult;

#[activity]
async fn charge<T: Send>(order: T) -> ActivityResult<T> {
    Ok(order)
}

fn main() {}
