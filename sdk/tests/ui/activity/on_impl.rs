use durably::activity;

struct Inventory;

#[activity]
impl Inventory {}

fn main() {}
