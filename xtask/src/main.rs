//! Chores of this workspace: `cargo xtask <command>`.
//!
//! Each command is a module; this file only finds the command and reports its outcome.

mod compile_figures;
mod load;
mod protos;
mod replay_figures;
mod run_cargo;

use std::error::Error;
use std::process::ExitCode;

const USAGE: &str = "\
Usage: cargo xtask <command>

Commands:
  protos          write protos/src/generated/ anew from Temporal's .proto files
  protos --check  write nothing; fail if the checked-in files differ from the generator's output
  load            what a worker costs beside a bare loop of its RPCs and beside the official SDK;
                  `load --help` lists the options
  replay-figures  events replayed in a second of processor time, beside other SDKs
  compile-figures what a user's first build and rebuilds take, and how large the program is
";

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let words: Vec<&str> = arguments.iter().map(String::as_str).collect();
    let outcome: Result<(), Box<dyn Error>> = match words.as_slice() {
        ["protos"] => protos::write().map_err(Box::from),
        ["protos", "--check"] => protos::check().map_err(Box::from),
        ["load", options @ ..] => load::run(options).map_err(Box::from),
        ["replay-figures", files @ ..] => replay_figures::run(files).map_err(Box::from),
        ["compile-figures"] => compile_figures::run().map_err(Box::from),
        [] | ["help" | "--help" | "-h"] => {
            print!("{USAGE}");
            return ExitCode::SUCCESS;
        }
        _ => {
            eprint!("unknown command `{}`\n\n{USAGE}", words.join(" "));
            return ExitCode::from(2);
        }
    };
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error}");
            ExitCode::FAILURE
        }
    }
}
