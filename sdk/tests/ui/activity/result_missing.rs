use durably::activity;

#[activity]
async fn charge(_order: u32) {

}

fn main() {}
