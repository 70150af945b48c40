//! `cargo durably replay`: builds and runs the user's replay program. Only a program that has the
//! workflows' code can replay; what it is to do goes to it by environment variables.

mod invocation;
mod result_file;

use std::ffi::OsString;
use std::io;
use std::path::PathBuf;
use std::process::Command;

use clap::{Args, ValueEnum};

use self::invocation::Invocation;
use self::result_file::ResultFile;
use crate::Outcome;
use crate::connection::{ConnectionArguments, ConnectionError};

/// The arguments of `cargo durably replay`.
#[derive(Debug, Args)]
#[command(
    after_help = "The program calls durably_replay::main, the test durably_replay::test; they \
get DURABLY_REPLAY_* variables. Exit codes: 0 all replay, 1 some do not, 2 nothing was replayed."
)]
pub(crate) struct ReplayArguments {
    /// Files, folders and glob patterns with histories.
    #[arg(value_name = "PATHS", conflicts_with = "query", required_unless_present_any = ["query", "test"])]
    histories: Vec<OsString>,
    /// Replays what a visibility query finds on the server.
    #[arg(long, short)]
    query: Option<String>,
    /// Replays only histories of this workflow type; may be given several times.
    #[arg(long, value_name = "TYPE", value_parser = workflow_type)]
    workflow_type: Vec<String>,
    /// Ends at the first failure.
    #[arg(long)]
    fail_fast: bool,
    /// Replays each twice and compares: finds code that is not deterministic.
    #[arg(long)]
    twice: bool,
    /// Shows the beginnings of payloads in reports.
    #[arg(long)]
    show_payloads: bool,
    /// Replays so many histories at a time.
    #[arg(long, value_name = "NUMBER", value_parser = clap::value_parser!(u16).range(1..))]
    threads: Option<u16>,
    /// How to report.
    #[arg(long)]
    format: Option<ReportFormat>,
    /// The file to report to; standard output unless given.
    #[arg(long, value_name = "FILE")]
    output: Option<PathBuf>,
    #[command(flatten)]
    target: TargetArguments,
    #[command(flatten)]
    build: BuildArguments,
    #[command(flatten)]
    connection: ConnectionArguments,
}

/// Which program replays.
#[derive(Debug, Args)]
#[group(required = true, multiple = false)]
#[command(next_help_heading = "Program")]
struct TargetArguments {
    /// The binary that calls `durably_replay::main`.
    #[arg(long, value_name = "NAME")]
    bin: Option<String>,
    /// The example that calls `durably_replay::main`.
    #[arg(long, value_name = "NAME")]
    example: Option<String>,
    /// The test that calls `durably_replay::test`.
    #[arg(long, value_name = "NAME")]
    test: Option<String>,
}

/// How it is built, as for `cargo build`.
#[derive(Debug, Args)]
#[command(next_help_heading = "Build")]
struct BuildArguments {
    /// The package that the program is of.
    #[arg(long, short)]
    package: Option<String>,
    /// The package's or workspace's Cargo.toml.
    #[arg(long, value_name = "FILE")]
    manifest_path: Option<PathBuf>,
    /// Builds with optimizations: for many histories.
    #[arg(long, short)]
    release: bool,
    /// Features to enable.
    #[arg(long, short = 'F')]
    features: Vec<String>,
    /// Enables all features.
    #[arg(long)]
    all_features: bool,
    /// Does not enable the default features.
    #[arg(long)]
    no_default_features: bool,
    /// Refuses to change Cargo.lock.
    #[arg(long)]
    locked: bool,
}

/// The forms of reports.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum ReportFormat {
    Text,
    Json,
    /// Annotations of GitHub Actions.
    Github,
    /// JUnit XML, for CI servers.
    Junit,
    /// A page for browsers.
    Html,
}

/// The program could not be run.
#[derive(Debug, thiserror::Error)]
pub(crate) enum ReplayCommandError {
    #[error(transparent)]
    Connection(#[from] ConnectionError),
    #[error(
        "{}: the paths of histories go to the program separated as in `PATH`, and this one has the separator: \
        rename it, name its folder, or write `?` for the separator",
        path.display()
    )]
    Separator { path: PathBuf },
    #[error("the current folder is unknown: {0}")]
    CurrentFolder(io::Error),
    #[error("cannot run {}: {error}", program.to_string_lossy())]
    Run { program: OsString, error: io::Error },
    #[error("the program was ended by a signal")]
    Signal,
    #[error("the file for the program's result: {0}")]
    ResultFile(io::Error),
    #[error("the program's result is \"{0}\": it uses a durably-replay of another version")]
    Result(String),
    #[error(
        "nothing was replayed: `{call}` ended well, but {}",
        match is_test {
            true => "no test of it calls durably_replay::test",
            false => "the program does not call durably_replay::main",
        }
    )]
    NoReplay { call: String, is_test: bool },
    #[error("nothing was replayed: `{call}` failed with exit code {code}; see above")]
    Failed { call: String, code: i32 },
}

pub(crate) fn run(arguments: &ReplayArguments) -> Result<Outcome, ReplayCommandError> {
    let folder = std::env::current_dir().map_err(ReplayCommandError::CurrentFolder)?;
    let invocation = Invocation::of(arguments, &folder)?;
    // Cargo sets this for its subcommands: the same toolchain builds the program.
    let program = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let mut command = Command::new(&program);
    command.args(&invocation.arguments);
    for name in &invocation.removed {
        command.env_remove(name);
    }
    command.envs(&invocation.variables);
    let result = ResultFile::new().map_err(ReplayCommandError::ResultFile)?;
    command.env(result_file::VARIABLE, result.path());
    let status = command.status();
    let status = status.map_err(|error| ReplayCommandError::Run { program, error })?;
    let code = status.code().ok_or(ReplayCommandError::Signal)?;
    match result.read()? {
        None => Err(not_replayed(
            &invocation,
            arguments.target.test.is_some(),
            code,
        )),
        Some(0) => Ok(match code {
            0 => Outcome::Success,
            // No system has others but Windows, where they are no answer of the program.
            code => Outcome::Exit(u8::try_from(code).unwrap_or(2)),
        }),
        Some(result) => Ok(Outcome::Exit(result)),
    }
}

/// The program was not built, is another one, or ended before it replayed.
fn not_replayed(invocation: &Invocation, is_test: bool, code: i32) -> ReplayCommandError {
    let words = invocation.arguments.iter().map(|it| it.to_string_lossy());
    let call = format!("cargo {}", words.collect::<Vec<_>>().join(" "));
    match code {
        0 => ReplayCommandError::NoReplay { call, is_test },
        code => ReplayCommandError::Failed { call, code },
    }
}

/// The names are passed on separated by commas.
fn workflow_type(name: &str) -> Result<String, String> {
    match name.trim() {
        "" => Err("a workflow type has a name".to_owned()),
        name if name.contains(',') => {
            Err("types are given one at a time: --workflow-type A --workflow-type B".to_owned())
        }
        name => Ok(name.to_owned()),
    }
}
