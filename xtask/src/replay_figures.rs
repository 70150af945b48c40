//! `cargo xtask replay-figures`: events replayed in a second of processor time, by Durably's
//! replayer and by that of the official SDK, each a process of its own.
//!
//! Both programs print a line for each history: `NAME events=E cpu_seconds=S
//! events_per_cpu_second=R`. Each is run several times; the best figure of each history counts,
//! since other processes only ever make a replay slower. A history that one of them cannot replay
//! has no figure there; the program says why.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::process::Command;

use crate::load::{build_official, official_binary};
use crate::run_cargo::{CargoError, cargo, printed, run as run_cargo, target_directory};

const REPEATS: usize = 3;

/// Why there are no figures.
#[derive(Debug, thiserror::Error)]
pub(crate) enum ReplayFiguresError {
    #[error("name history files, each a binary temporal.api.history.v1.History (.pb)")]
    NoFiles,
    #[error(transparent)]
    Cargo(#[from] CargoError),
    #[error(
        "{program} printed {line:?}, where `NAME events=.. cpu_seconds=.. events_per_cpu_second=..` \
         was expected"
    )]
    Line { program: String, line: String },
}

/// Events in a second of processor time, by the history's name.
type Rates = BTreeMap<String, f64>;

/// Replays the files and prints the table.
pub(crate) fn run(files: &[&str]) -> Result<(), ReplayFiguresError> {
    if files.is_empty() {
        return Err(ReplayFiguresError::NoFiles);
    }
    let mut build = cargo();
    build.args([
        "build",
        "--release",
        "--package",
        "durably-load",
        "--bin",
        "durably-replay",
    ]);
    run_cargo(&mut build)?;
    let durably = rates(&target_directory().join("release/durably-replay"), files)?;
    let official = official_binary("official-replay");
    let official = if official.exists() {
        rates(&official, files)?
    } else {
        eprintln!(
            "without the official SDK's replayer; to build it: {}",
            build_official()
        );
        Rates::new()
    };
    println!(
        "{:24}{:>16}{:>16}{:>10}",
        "events per CPU second", "durably", "official", "times"
    );
    let names: BTreeSet<&String> = durably.keys().chain(official.keys()).collect();
    for name in names {
        let (durably, official) = (durably.get(name).copied(), official.get(name).copied());
        let times = durably
            .zip(official)
            .map(|(durably, official)| durably / official);
        let [durably, official, times] =
            [(durably, 0), (official, 0), (times, 1)].map(|(figure, digits)| text(figure, digits));
        println!("{name:24}{durably:>16}{official:>16}{times:>10}");
    }
    Ok(())
}

fn text(figure: Option<f64>, digits: usize) -> String {
    figure.map_or("-".to_owned(), |figure| format!("{figure:.digits$}"))
}

fn rates(program: &Path, files: &[&str]) -> Result<Rates, ReplayFiguresError> {
    let mut best = Rates::new();
    for _ in 0..REPEATS {
        let text = printed(Command::new(program).args(files))?;
        for line in text.lines() {
            let (name, rate) = rate(line).ok_or_else(|| ReplayFiguresError::Line {
                program: program.display().to_string(),
                line: line.to_owned(),
            })?;
            let best = best.entry(name).or_default();
            *best = best.max(rate);
        }
    }
    Ok(best)
}

fn rate(line: &str) -> Option<(String, f64)> {
    let (name, figures) = line.split_once(" events=")?;
    let (_, rate) = figures.split_once(" events_per_cpu_second=")?;
    Some((name.to_owned(), rate.parse().ok()?))
}

#[cfg(test)]
mod tests {
    use super::rate;

    #[test]
    fn a_line_gives_name_and_rate() {
        let line = "seq-1000 events=6005 cpu_seconds=0.0200 events_per_cpu_second=300250";
        assert_eq!(rate(line), Some(("seq-1000".to_owned(), 300_250.0)));
        assert_eq!(rate("seq-1000"), None);
    }
}
