use std::cell::Cell;

use durably::activities;
use durably::failure::ActivityResult;

struct Inventory {
    _stock: Cell<u32>,
}

#[activities]
impl Inventory {
    #[activity]
    async fn reserve(&self, order: u32) -> ActivityResult<u32> {
        Ok(order)
    }
}

fn main() {}
