//! Serves the load workflows of `load_official` until SIGTERM, SIGINT or the end of its input.

use std::io::IsTerminal;
use std::process::ExitCode;

use load_official::arguments::WorkerArguments;
use load_official::worker::{LoadWorkerError, serve};
use tracing_subscriber::filter::LevelFilter;

fn main() -> ExitCode {
    // Standard output carries `ready` alone, and the SDK's own console logger writes there.
    tracing_subscriber::fmt()
        .with_max_level(LevelFilter::WARN)
        .with_writer(std::io::stderr)
        .with_ansi(std::io::stderr().is_terminal())
        .init();
    match run() {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("official-worker: {error}");
            ExitCode::FAILURE
        }
    }
}

fn run() -> Result<(), LoadWorkerError> {
    serve(WorkerArguments::parse(std::env::args().skip(1))?)
}
