use durably::activity;

type Outcome = Result<u32, std::io::Error>;

#[activity]
async fn charge(order: u32) -> Outcome {
    Ok(order)
}

fn main() {}
