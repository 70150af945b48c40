use durably::activities;
use durably::failure::ActivityResult;

struct Inventory;

struct Order;

#[activities]
impl Inventory {
    #[activity]
    async fn reserve(&self, _order: Order) -> ActivityResult<u32> {
        Ok(1)
    }
}

fn main() {}
