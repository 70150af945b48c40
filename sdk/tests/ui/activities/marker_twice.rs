use durably::activities;
use durably::failure::ActivityResult;

struct Inventory;

#[activities]
impl Inventory {
    #[activity]
    #[activity(name = "Reserve")]
    async fn reserve(&self, order: u32) -> ActivityResult<u32> {
        Ok(order)
    }
}

fn main() {}
