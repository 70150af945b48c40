//! What replays take.

use std::path::Path;
use std::time::Duration;

use durably::replay::{ReplayError, Replayer};
use durably::workflow::DuplicateWorkflow;
use durably_history::ReadError;
use durably_load::{peak_resident_bytes, resident_bytes};
use durably_protos::temporal::api::history::v1::History;
use durably_replay::ReplayFailure;
use nix::time::{ClockId, clock_gettime};
use prost::Message;

use crate::workflows::{Signals, fanout, one_activity, seq, timers};

/// Why a history has no figures.
#[derive(Debug, thiserror::Error)]
pub(crate) enum FiguresError {
    #[error("cannot read it: {0}")]
    Read(#[from] std::io::Error),
    #[error("not a binary temporal.api.history.v1.History: {0}")]
    Decode(#[from] prost::DecodeError),
    #[error(transparent)]
    Json(#[from] ReadError),
    #[error(transparent)]
    Replay(#[from] ReplayError),
    #[error(transparent)]
    Replays(#[from] Box<ReplayFailure>),
    #[error(transparent)]
    Registration(#[from] DuplicateWorkflow),
    #[error("cannot read this process's processor time: {0}")]
    ProcessorTime(#[from] nix::Error),
}

fn replayer() -> Result<Replayer, DuplicateWorkflow> {
    Replayer::new()
        .workflow(one_activity)?
        .workflow(seq)?
        .workflow(fanout)?
        .workflow(timers)?
        .workflow(Signals::run)
}

/// Replays a file or a folder and prints the figures.
pub(crate) fn replay(path: &Path) -> Result<(), FiguresError> {
    let name = path.file_stem().unwrap_or(path.as_os_str());
    let name = name.display().to_string();
    if path.is_dir() {
        return replay_folder(path, &name);
    }
    let history = History::decode(std::fs::read(path)?.as_slice())?;
    let events = history.events.len();
    let replayer = replayer()?;
    let before = processor_time()?;
    replayer.replay(history)?;
    line(&name, events, processor_time()?.saturating_sub(before));
    let json = path.with_extension("json");
    if json.exists() {
        let before = processor_time()?;
        let read = durably_history::read(&json)?;
        let parsed = processor_time()?;
        replayer.replay(read.history)?;
        let replayed = processor_time()?;
        line(
            &format!("{name} parse"),
            events,
            parsed.saturating_sub(before),
        );
        let both = replayed.saturating_sub(before);
        line(&format!("{name} parse+replay"), events, both);
    }
    Ok(())
}

/// As a user's test does it.
fn replay_folder(folder: &Path, name: &str) -> Result<(), FiguresError> {
    let replayer = durably_replay::Replayer::new()
        .workflow(one_activity)
        .workflow(seq)
        .workflow(fanout)
        .workflow(timers);
    let before = processor_time()?;
    let summary = replayer
        .parallel(1)
        .replay_glob(&format!("{}/*.json", folder.display()));
    let summary = summary.map_err(Box::new)?;
    let seconds = processor_time()?.saturating_sub(before);
    line(&format!("{name} parse+replay"), summary.events(), seconds);
    Ok(())
}

fn line(name: &str, events: usize, took: Duration) {
    let seconds = took.as_secs_f64();
    let rate = events as f64 / seconds;
    println!("{name} events={events} cpu_seconds={seconds:.4} events_per_cpu_second={rate:.0}");
}

/// Prints what the decoded history takes in memory, and its replay at most.
pub(crate) fn memory(path: &Path) -> Result<(), FiguresError> {
    let replayer = replayer()?;
    let bytes = std::fs::read(path)?;
    let before = resident_bytes();
    let history = History::decode(bytes.as_slice())?;
    let decoded = resident_bytes().saturating_sub(before);
    replayer.replay(history)?;
    let peak = peak_resident_bytes().saturating_sub(before);
    println!(
        "{}: decoded {} kB, replayed at most {} kB",
        path.display(),
        decoded / 1024,
        peak / 1024
    );
    Ok(())
}

/// Of all threads of this process.
fn processor_time() -> Result<Duration, nix::Error> {
    Ok(clock_gettime(ClockId::CLOCK_PROCESS_CPUTIME_ID)?.into())
}
