use durably::activity;
use durably::activity::ActivityContext;
use durably::failure::ActivityResult;

#[activity]
async fn charge(order: u32, ctx: &ActivityContext) -> ActivityResult<u32> {
    let _ = ctx;
    Ok(order)
}

fn main() {}
