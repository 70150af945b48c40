use durably::activity;
use durably::failure::ActivityResult;

#[activity]
async fn sum(
    a: u8,
    b: u8,
    c: u8,
    d: u8,
    e: u8,
    f: u8,
    g: u8,
    h: u8,
    i: u8,
) -> ActivityResult<u8> {
    Ok(a + b + c + d + e + f + g + h + i)
}

fn main() {}
