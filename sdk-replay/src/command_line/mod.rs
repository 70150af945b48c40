//! A program that replays histories, in one line.

mod options;
mod output;
mod result_file;

use std::ffi::OsString;
use std::io;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use durably::client::{Client, ConfigurationError, ConnectError, ConnectOptions};

use self::options::{Options, Request, USAGE};
use self::result_file::{RESULT_FILE, record};
use crate::source::Source;
use crate::{ReplayFailure, ReplaySummary, Replayer, files};

/// The `main` of a program that replays histories: `cargo durably replay` runs it, and so can
/// everybody else.
///
/// ```no_run
/// use std::process::ExitCode;
///
/// use durably::prelude::*;
/// use durably_replay::Replayer;
///
/// # #[workflow]
/// # async fn greet(ctx: &WorkflowContext, name: String) -> WorkflowResult<String> { Ok(name) }
/// fn main() -> ExitCode {
///     durably_replay::main(Replayer::new().workflow(greet))
/// }
/// ```
///
/// | argument | variable | |
/// |---|---|---|
/// | `PATHS` | `DURABLY_REPLAY_HISTORIES` | files, folders and glob patterns; in the variable separated as in `PATH` |
/// | `--query QUERY` | `DURABLY_REPLAY_QUERY` | replays the histories of the workflows that a visibility query finds, on the server that the `TEMPORAL_*` variables name |
/// | `--workflow-type TYPE` | `DURABLY_REPLAY_WORKFLOW_TYPES` | replays these alone; several times, or separated by commas |
/// | `--fail-fast` | `DURABLY_REPLAY_FAIL_FAST` | ends at the first failure |
/// | `--threads NUMBER` | `DURABLY_REPLAY_THREADS` | replays so many at a time |
/// | `--twice` | `DURABLY_REPLAY_TWICE` | as [`Replayer::replay_twice`] |
/// | `--show-payloads` | `DURABLY_REPLAY_SHOW_PAYLOADS` | as [`Replayer::show_payloads`] |
/// | `--format FORMAT` | `DURABLY_REPLAY_FORMAT` | how to report: `text`, `json`, `github`, `junit` or `html` |
/// | `--output FILE` | `DURABLY_REPLAY_OUTPUT` | where to; standard output unless given |
///
/// Arguments stand over variables. The exit code is 0 if all histories replay, 1 if one does not, and 2
/// if nothing was replayed. It is also added, as a line, to the file that `DURABLY_REPLAY_RESULT` names:
/// so `cargo durably replay` knows that the program it ran is one that replays.
pub fn main(replayer: Replayer) -> ExitCode {
    let arguments = std::env::args_os().skip(1);
    let exit_code = match Options::read(arguments, |name| std::env::var_os(name)) {
        Ok(Request::Help) => {
            println!("{USAGE}");
            return ExitCode::SUCCESS;
        }
        Ok(Request::Replay(options)) => replay_and_report(replayer, &options),
        Err(error) => {
            eprintln!("error: {error}\n\n{USAGE}");
            2
        }
    };
    ExitCode::from(record(std::env::var_os(RESULT_FILE).as_deref(), exit_code))
}

/// The body of a test that replays histories: as [`main`], but for arguments, which are those of the
/// test harness. Without `DURABLY_REPLAY_HISTORIES` and `DURABLY_REPLAY_QUERY` it replays what is in
/// `histories`, a file, a folder or a glob pattern.
///
/// ```no_run
/// use durably::prelude::*;
/// use durably_replay::Replayer;
///
/// # #[workflow]
/// # async fn greet(ctx: &WorkflowContext, name: String) -> WorkflowResult<String> { Ok(name) }
/// #[test]
/// fn recorded_histories_still_replay() {
///     durably_replay::test(Replayer::new().workflow(greet), "tests/histories");
/// }
/// ```
///
/// # Panics
/// If histories do not replay, or nothing was replayed.
pub fn test(replayer: Replayer, histories: impl AsRef<Path>) {
    let default = histories.as_ref().as_os_str().to_owned();
    let variable = |name: &str| std::env::var_os(name).filter(|value| !value.is_empty());
    let has_histories = ["DURABLY_REPLAY_HISTORIES", "DURABLY_REPLAY_QUERY"]
        .iter()
        .any(|name| variable(name).is_some());
    let arguments = if has_histories { None } else { Some(default) };
    let exit_code = match Options::read(arguments.into_iter(), variable) {
        Ok(Request::Replay(options)) => replay_and_report(replayer, &options),
        Ok(Request::Help) => {
            eprintln!("error: \"--help\" names no histories");
            2
        }
        Err(error) => {
            eprintln!("error: {error}");
            2
        }
    };
    match record(variable(RESULT_FILE).as_deref(), exit_code) {
        0 => {}
        1 => panic!("histories do not replay; see the report above"),
        _ => panic!("no histories were replayed; see the message above"),
    }
}

/// Nothing was replayed, or nothing could be said of it.
#[derive(Debug, thiserror::Error)]
enum CommandError {
    #[error(transparent)]
    Replay(#[from] ReplayFailure),
    #[error(transparent)]
    Configuration(#[from] ConfigurationError),
    #[error(transparent)]
    Connect(#[from] ConnectError),
    #[error("cannot start a runtime: {0}")]
    Runtime(io::Error),
    #[error("cannot write the report{}: {error}", path.as_ref().map_or_else(String::new, |path| format!(" to {}", path.display())))]
    Report {
        path: Option<PathBuf>,
        error: io::Error,
    },
}

/// Gives the exit code.
fn replay_and_report(replayer: Replayer, options: &Options) -> u8 {
    match replay(replayer, options).and_then(|result| output::report(&result, options)) {
        Ok(true) => 0,
        Ok(false) => 1,
        Err(error) => {
            eprintln!("error: {error}");
            2
        }
    }
}

/// Replays what the options say. That histories do not replay is not an error here.
fn replay(mut replayer: Replayer, options: &Options) -> Result<ReplaySummary, CommandError> {
    if options.fail_fast {
        replayer = replayer.fail_fast();
    }
    if options.twice {
        replayer = replayer.replay_twice();
    }
    if options.show_payloads {
        replayer = replayer.show_payloads();
    }
    if let Some(threads) = options.threads {
        replayer = replayer.parallel(threads);
    }
    replayer = replayer.workflow_types(options.workflow_types.iter());
    let result = match &options.query {
        Some(query) => replay_query(&replayer, query)?,
        None => replay_paths(&replayer, &options.histories),
    };
    match result {
        Ok(summary) => Ok(summary),
        Err(ReplayFailure::Failed(summary)) => Ok(*summary),
        Err(failure) => Err(failure.into()),
    }
}

fn replay_query(
    replayer: &Replayer,
    query: &str,
) -> Result<Result<ReplaySummary, ReplayFailure>, CommandError> {
    let options = ConnectOptions::from_env()?;
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(1)
        .enable_all()
        .build()
        .map_err(CommandError::Runtime)?;
    runtime.block_on(async {
        let client = Client::connect(options).await?;
        Ok(replayer.replay_query(&client, query).await)
    })
}

fn replay_paths(replayer: &Replayer, paths: &[OsString]) -> Result<ReplaySummary, ReplayFailure> {
    let mut found = Vec::new();
    for path in paths {
        found.extend(files_of(Path::new(path))?);
    }
    let searched: Vec<_> = paths.iter().map(|path| path.to_string_lossy()).collect();
    replayer.replay_sources(&searched.join(", "), found.into_iter().map(Source::File))
}

/// The files that a path or a pattern means.
fn files_of(path: &Path) -> Result<Vec<PathBuf>, ReplayFailure> {
    if path.is_dir() {
        return files::of_directory(path);
    }
    let pattern = path.to_str().filter(|text| text.contains(['*', '?', '[']));
    match pattern {
        Some(pattern) if !path.exists() => files::of_pattern(pattern),
        _ if path.exists() => Ok(vec![path.to_owned()]),
        _ => Err(ReplayFailure::Io {
            path: path.to_owned(),
            error: io::Error::new(io::ErrorKind::NotFound, "there is no such file or folder"),
        }),
    }
}
