use std::rc::Rc;

use durably::activities;
use durably::failure::ActivityResult;

struct Inventory;

#[activities]
impl Inventory {
    #[activity]
    async fn reserve(self: Rc<Self>, order: u32) -> ActivityResult<u32> {
        Ok(order)
    }
}

fn main() {}
