use durably::activity;
use durably::activity::ActivityContext;
use durably::failure::ActivityResult;

#[activity]
async fn charge(ctx: &ActivityContext, other: &ActivityContext) -> ActivityResult<()> {
    let _ = (ctx, other);
    Ok(())
}

fn main() {}
