use durably::activity;
use durably::activity::ActivityContext;
use durably::failure::ActivityResult;

#[activity]
async fn charge(ctx: &ActivityContext) -> ActivityResult<&str> {
    let _ = ctx;
    Ok("")
}

fn main() {}
