use durably::activity;
use durably::failure::ActivityResult;

#[activity]
async fn charge(order: std::borrow::Cow<'_, str>) -> ActivityResult<usize> {
    Ok(order.len())
}

fn main() {}
