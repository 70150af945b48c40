use durably::activities;
use durably::failure::ActivityResult;

struct Inventory<'a>(&'a str);

#[activities]
impl Inventory<'_> {
    #[activity]
    async fn reserve(&self, order: u32) -> ActivityResult<u32> {
        Ok(order)
    }
}

fn main() {}
