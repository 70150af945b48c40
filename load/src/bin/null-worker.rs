//! Serves the load workflows with prepared answers until SIGTERM, SIGINT or the end of its input.

use std::process::ExitCode;

use durably_load::arguments::WorkerArguments;
use durably_load::null::{NullError, serve};

fn main() -> ExitCode {
    let arguments = WorkerArguments::parse(std::env::args().skip(1)).map_err(NullError::from);
    match arguments.and_then(|arguments| serve(&arguments)) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("null-worker: {error}");
            ExitCode::FAILURE
        }
    }
}
