use std::rc::Rc;

use durably::activity;
use durably::failure::ActivityResult;

#[activity]
async fn charge(order: u32) -> ActivityResult<u32> {
    let order = Rc::new(order);
    std::future::ready(()).await;
    Ok(*order)
}

fn main() {}
