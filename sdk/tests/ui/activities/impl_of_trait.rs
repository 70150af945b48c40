use durably::activities;
use durably::failure::ActivityResult;

struct Inventory;

trait Reserve {
    async fn reserve(&self, order: u32) -> ActivityResult<u32>;
}

#[activities]
impl Reserve for Inventory {
    #[activity]
    async fn reserve(&self, order: u32) -> ActivityResult<u32> {
        Ok(order)
    }
}

fn main() {}
