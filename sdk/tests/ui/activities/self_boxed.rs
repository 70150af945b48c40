use durably::activities;
use durably::failure::ActivityResult;

struct Inventory;

#[activities]
impl Inventory {
    #[activity]
    async fn reserve(self: Box<Self>, order: u32) -> ActivityResult<u32> {
        Ok(order)
    }
}

fn main() {}
