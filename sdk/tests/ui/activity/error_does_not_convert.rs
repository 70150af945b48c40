use durably::activity;

struct Declined;

#[activity]
async fn charge(order: u32) -> Result<u32, Declined> {
    if order == 0 { Err(Declined) } else { Ok(order) }
}

fn main() {}
