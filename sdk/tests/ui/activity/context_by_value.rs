use durably::activity;
use durably::activity::ActivityContext;
use durably::failure::ActivityResult;

#[activity]
async fn charge(ctx: ActivityContext, order: u32) -> ActivityResult<u32> {
    let _ = ctx;
    Ok(order)
}

fn main() {}
