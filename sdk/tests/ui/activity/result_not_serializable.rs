use durably::activity;
use durably::failure::ActivityResult;

struct Receipt;

#[activity]
async fn charge(_order: u32) -> ActivityResult<Receipt> {
    Ok(Receipt)
}

fn main() {}
