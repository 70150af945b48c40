use durably::activity;

#[activity]
async fn charge(order: u32) -> u32 {
    order
}

fn main() {}
