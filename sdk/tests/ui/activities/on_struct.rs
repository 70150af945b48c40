use durably::activities;

#[activities]
struct Inventory;

fn main() {}
