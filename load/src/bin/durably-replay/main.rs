//! Replays the history files named on its command line and prints what each replay took:
//! `NAME events=E cpu_seconds=S events_per_cpu_second=R`.

mod workflows;

use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::time::Duration;

use durably::replay::{ReplayError, Replayer};
use durably::workflow::DuplicateWorkflow;
use durably_protos::temporal::api::history::v1::History;
use nix::time::{ClockId, clock_gettime};
use prost::Message;

use workflows::{Signals, fanout, one_activity, seq, timers};

/// Why a history has no figures.
#[derive(Debug, thiserror::Error)]
enum FiguresError {
    #[error("cannot read it: {0}")]
    Read(#[from] std::io::Error),
    #[error("not a binary temporal.api.history.v1.History: {0}")]
    Decode(#[from] prost::DecodeError),
    #[error(transparent)]
    Replay(#[from] ReplayError),
    #[error("cannot read this process's processor time: {0}")]
    ProcessorTime(#[from] nix::Error),
}

fn main() -> ExitCode {
    let paths: Vec<PathBuf> = std::env::args_os().skip(1).map(PathBuf::from).collect();
    if paths.is_empty() {
        eprintln!("durably-replay: name one or more files, each a binary History (.pb)");
        return ExitCode::FAILURE;
    }
    let replayer = match replayer() {
        Ok(replayer) => replayer,
        Err(error) => {
            eprintln!("durably-replay: {error}");
            return ExitCode::FAILURE;
        }
    };
    let mut code = ExitCode::SUCCESS;
    for path in &paths {
        if let Err(error) = replay(&replayer, path) {
            eprintln!("durably-replay: {}: {error}", path.display());
            code = ExitCode::FAILURE;
        }
    }
    code
}

fn replayer() -> Result<Replayer, DuplicateWorkflow> {
    Replayer::new()
        .workflow(one_activity)?
        .workflow(seq)?
        .workflow(fanout)?
        .workflow(timers)?
        .workflow(Signals::run)
}

/// Replays a file and prints the figures. Reading and decoding it do not count.
fn replay(replayer: &Replayer, path: &Path) -> Result<(), FiguresError> {
    let history = History::decode(std::fs::read(path)?.as_slice())?;
    let events = history.events.len();
    let before = processor_time()?;
    replayer.replay(history)?;
    let seconds = processor_time()?.saturating_sub(before).as_secs_f64();
    let name = path.file_stem().unwrap_or(path.as_os_str());
    println!(
        "{} events={events} cpu_seconds={seconds:.4} events_per_cpu_second={:.0}",
        name.display(),
        events as f64 / seconds,
    );
    Ok(())
}

/// Of all threads of this process.
fn processor_time() -> Result<Duration, nix::Error> {
    Ok(clock_gettime(ClockId::CLOCK_PROCESS_CPUTIME_ID)?.into())
}
