use durably::activity;
use durably::failure::ActivityResult;

#[activity(start_to_close_timeout = "30 s")]
async fn charge(order: u32) -> ActivityResult<u32> {
    Ok(order)
}

#[activity]
async fn refund(order: &str) -> ActivityResult<usize> {
    Ok(order.len())
}

fn main() {
    let mut registry = durably::activity::ActivityRegistry::new();
    registry.function::<charge>();
    registry.function::<refund>();
    let _ = charge(1);
}
