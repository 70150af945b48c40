use durably::activities;
use durably::failure::ActivityResult;

trait Inventory {}

#[activities]
impl dyn Inventory {
    #[activity]
    async fn reserve(&self, order: u32) -> ActivityResult<u32> {
        Ok(order)
    }
}

fn main() {}
