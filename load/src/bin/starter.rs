//! Starts the load workflows, and waits for server and worker to be ready for that.

use std::process::ExitCode;

use durably_load::starter::{Command, execute};

#[tokio::main(flavor = "current_thread")]
async fn main() -> ExitCode {
    let done = match Command::parse(std::env::args().skip(1)) {
        Ok(command) => execute(command).await,
        Err(error) => Err(error),
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("starter: {error}");
            ExitCode::FAILURE
        }
    }
}
