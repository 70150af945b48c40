//! Measures replays of history files, and records some to measure.
//!
//! ```text
//! durably-replay PATH...          replays files (.pb) and folders
//! durably-replay --memory FILE    tells what one file (.pb) takes in memory
//! durably-replay --record FOLDER  runs workflows on the embedded server, keeps their histories
//! ```
//!
//! Of each file it prints `NAME events=E cpu_seconds=S events_per_cpu_second=R`: reading the file does not
//! count. Where the same history is beside it as JSON there are lines for `NAME parse` and
//! `NAME parse+replay`. Of a folder all JSON files are read and replayed, one after the other.

mod measure;
mod record;
mod workflows;

use std::path::PathBuf;
use std::process::ExitCode;

fn main() -> ExitCode {
    let words: Vec<PathBuf> = std::env::args_os().skip(1).map(PathBuf::from).collect();
    let option = words.first().and_then(|word| word.to_str());
    match (option, words.as_slice()) {
        (Some("--memory"), [_, file]) => code(std::slice::from_ref(file), measure::memory),
        (Some("--record"), [_, folder]) => code(std::slice::from_ref(folder), record::record),
        (Some(word), _) if !word.starts_with('-') => code(&words, measure::replay),
        _ => {
            eprintln!("usage: durably-replay PATH... | --memory FILE | --record FOLDER");
            ExitCode::FAILURE
        }
    }
}

fn code<E: std::fmt::Display>(
    paths: &[PathBuf],
    each: impl Fn(&std::path::Path) -> Result<(), E>,
) -> ExitCode {
    let mut code = ExitCode::SUCCESS;
    for path in paths {
        if let Err(error) = each(path) {
            eprintln!("durably-replay: {}: {error}", path.display());
            code = ExitCode::FAILURE;
        }
    }
    code
}
