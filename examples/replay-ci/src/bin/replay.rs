//! Replays histories with today's code: `replay <files, folders or patterns>`.

use std::process::ExitCode;

use durably_replay::Replayer;
use durably_replay_ci::ship_order;

fn main() -> ExitCode {
    durably_replay::main(Replayer::new().workflow(ship_order))
}
