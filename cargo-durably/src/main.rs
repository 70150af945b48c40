//! `cargo durably`: downloads, shows, compares and replays the histories of workflows, and checks
//! their code for determinism.
//!
//! ```text
//! main ──> history ──> download   server ──> files: fetch, decode, redact, write
//!      │           ├─> show       file or server ──> timeline, JSON, page
//!      │           └─> diff       two of them ──> what differs
//!      ├─> replay                 runs the user's replay program
//!      └─> lint                   reads the user's code
//! ```
//!
//! A command gives an [`Outcome`] or an error of its own; only this file knows of exit codes.

mod connection;
mod history;
mod lint;
mod replay;
mod terminal_text;

use std::error::Error;
use std::ffi::OsString;
use std::process::ExitCode;

use clap::{Parser, Subcommand};

/// Works with the histories and the code of Temporal workflows.
#[derive(Debug, Parser)]
#[command(name = "cargo durably", bin_name = "cargo durably", version)]
#[command(
    after_help = "Exit codes: 0 success, 1 the answer is no (histories differ, do not \
replay or could not be downloaded, code is not deterministic), 2 the command could not be carried out."
)]
struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Downloads, shows and compares histories.
    #[command(subcommand)]
    History(history::HistoryCommand),
    /// Replays histories by running your replay program or test.
    Replay(replay::ReplayArguments),
    /// Finds what is not deterministic in workflow code and in the functions it calls.
    Lint(lint::LintArguments),
}

/// What a command that was carried out came to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Outcome {
    /// All is well.
    Success,
    /// The answer is no: histories differ, code is not deterministic.
    Negative,
    /// Another program's exit code.
    Exit(u8),
}

fn main() -> ExitCode {
    let arguments = Arguments::parse_from(without_subcommand(std::env::args_os().collect()));
    let outcome = match arguments.command {
        Command::History(command) => command.run(),
        Command::Replay(arguments) => replay::run(&arguments).map_err(Into::into),
        Command::Lint(arguments) => lint::run(&arguments).map_err(Into::into),
    };
    match outcome {
        Ok(Outcome::Success) => ExitCode::SUCCESS,
        Ok(Outcome::Negative) => ExitCode::from(1),
        Ok(Outcome::Exit(code)) => ExitCode::from(code),
        Err(error) if is_broken_pipe(&*error) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {}", terminal_text::block(&error.to_string()));
            ExitCode::from(2)
        }
    }
}

/// Cargo calls `cargo-durably durably ..` for `cargo durably ..`.
fn without_subcommand(mut arguments: Vec<OsString>) -> Vec<OsString> {
    if arguments.get(1).is_some_and(|first| first == "durably") {
        arguments.remove(1);
    }
    arguments
}

/// Whoever reads the output has read enough: `cargo durably history show .. | head`.
fn is_broken_pipe(error: &(dyn Error + 'static)) -> bool {
    let mut next = Some(error);
    while let Some(error) = next {
        let io = error.downcast_ref::<std::io::Error>();
        if io.is_some_and(|io| io.kind() == std::io::ErrorKind::BrokenPipe) {
            return true;
        }
        next = error.source();
    }
    false
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory;

    use super::*;

    #[test]
    fn the_arguments_are_consistent() {
        Arguments::command().debug_assert();
    }

    #[test]
    fn both_ways_to_call_it() {
        let given = |words: &[&str]| words.iter().map(OsString::from).collect::<Vec<_>>();
        let called = ["cargo-durably", "durably", "lint", "durably"];
        assert_eq!(
            without_subcommand(given(&called)),
            given(&["cargo-durably", "lint", "durably"])
        );
        assert_eq!(
            without_subcommand(given(&["cargo-durably", "lint"])),
            given(&["cargo-durably", "lint"])
        );
    }
}
