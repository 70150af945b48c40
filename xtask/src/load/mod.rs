//! `cargo xtask load`: what workers cost, side by side.
//!
//! Server, worker and starter are processes of their own; the operating system accounts for each.
//! Measured are the worker's processor time for each piece of work, and its memory. Three workers
//! run the same workflows: the null worker (a bare loop of the RPCs, the floor), the one written
//! with Durably, and one written with Temporal's own Rust SDK.
//!
//! ```text
//! arguments  the command line
//! workload   what is run, and what one unit of it is
//! programs   the binaries: found or built
//! child      a process with its lines, ended with its owner
//! server     a development server, fresh for each worker and round
//! process    processor time and memory of a process
//! round      one worker through all workloads
//! figures    medians over the rounds
//! report     the table
//! json       the same as a file
//! ```

mod arguments;
mod child;
mod error;
mod figures;
mod json;
mod process;
mod programs;
mod report;
mod round;
mod server;
mod workload;

pub(crate) use error::LoadError;
pub(crate) use programs::{build_official, official_binary};

use arguments::LoadArguments;
use figures::Figures;
use programs::Programs;

/// Runs the comparison that the command line asks for.
pub(crate) fn run(arguments: &[&str]) -> Result<(), LoadError> {
    if arguments
        .iter()
        .any(|&word| word == "--help" || word == "-h")
    {
        print!("{}", arguments::USAGE);
        return Ok(());
    }
    let arguments = LoadArguments::parse(arguments)?;
    let programs = Programs::locate(&arguments)?;
    let mut figures = Figures::new(&arguments, &programs);
    for round in 0..arguments.rounds {
        let mut workers = programs.workers.clone();
        // No worker always goes first, when the machine is cool.
        workers.rotate_left(round % programs.workers.len());
        for worker in workers {
            eprintln!(
                "round {} of {}: {}",
                round + 1,
                arguments.rounds,
                worker.name()
            );
            round::measure(worker, &arguments, &programs, &mut figures)?;
        }
    }
    print!("{}", report::report(&figures));
    if let Some(path) = &arguments.json {
        json::write(&figures, path)?;
    }
    Ok(())
}
