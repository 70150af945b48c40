use durably::activities;
use durably::failure::ActivityResult;

struct Inventory<T>(T);

#[activities]
impl<T: Send> Inventory<T> {
    #[activity]
    async fn reserve(&self, order: u32) -> ActivityResult<u32> {
        Ok(order)
    }
}

fn main() {}
