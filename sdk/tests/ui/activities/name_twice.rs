use durably::activities;
use durably::failure::ActivityResult;

struct Inventory;

#[activities]
impl Inventory {
    #[activity]
    async fn reserve(&self, order: u32) -> ActivityResult<u32> {
        Ok(order)
    }

    #[activity(name = "reserve")]
    fn reserve_now(&self) -> ActivityResult<()> {
        Ok(())
    }
}

fn main() {}
