//! Why the comparison could not be made.

use std::io;
use std::path::PathBuf;

use crate::run_cargo::CargoError;

/// Why the comparison could not be made.
#[derive(Debug, thiserror::Error)]
pub(crate) enum LoadError {
    #[error("{option} needs a value after it\n\n{usage}")]
    NoValue { option: String, usage: &'static str },
    #[error("{option} {value:?} is not {expected}\n\n{usage}")]
    Value {
        option: &'static str,
        value: String,
        expected: String,
        usage: &'static str,
    },
    #[error("unknown argument {argument:?}\n\n{usage}")]
    Unknown {
        argument: String,
        usage: &'static str,
    },
    #[error(transparent)]
    Cargo(#[from] CargoError),
    #[error("{} does not exist: {remedy}", path.display())]
    Missing { path: PathBuf, remedy: String },
    #[error("cannot start {program}: {source}")]
    Start { program: String, source: io::Error },
    #[error("{program} ended ({status}) when it should {expected}; its messages stand {}", place(.log))]
    Ended {
        program: String,
        status: String,
        expected: String,
        log: Option<PathBuf>,
    },
    #[error("{program} did not {expected} within {seconds} s")]
    Late {
        program: String,
        expected: String,
        seconds: u64,
    },
    #[error("{program} printed {line:?}, where {expected} was expected")]
    Line {
        program: String,
        line: String,
        expected: &'static str,
    },
    #[error("cannot read the {what} of {program}: {reason}")]
    Process {
        what: &'static str,
        program: String,
        reason: String,
    },
    #[error("cannot write {}: {source}", path.display())]
    Write { path: PathBuf, source: io::Error },
    #[error("no free port for the server: {0}")]
    Port(io::Error),
}

fn place(log: &Option<PathBuf>) -> String {
    match log {
        Some(path) => format!("in {}", path.display()),
        None => "above".to_owned(),
    }
}
