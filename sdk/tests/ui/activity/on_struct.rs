use durably::activity;

#[activity]
struct Charge;

fn main() {}
