use durably::activity;
use durably::failure::ActivityResult;

#[derive(serde::Serialize, serde::Deserialize)]
struct Order;

#[activity]
pub async fn charge(_number: u32, _order: Order) -> ActivityResult<u32> {
    Ok(1)
}

fn main() {}
