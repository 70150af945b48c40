use durably::activity;

#[derive(serde::Serialize)]
struct GameResult;

#[activity]
async fn play() -> GameResult {
    GameResult
}

fn main() {}
