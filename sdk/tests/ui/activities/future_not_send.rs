use std::rc::Rc;

use durably::activities;
use durably::failure::ActivityResult;

struct Inventory;

#[activities]
impl Inventory {
    #[activity]
    async fn reserve(&self) -> ActivityResult<u32> {
        let order = Rc::new(1);
        std::future::ready(()).await;
        Ok(*order)
    }
}

fn main() {}
