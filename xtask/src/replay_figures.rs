//! `cargo xtask replay-figures`: events replayed in a second of processor time, by Durably's
//! replayer and by those of the official SDK and of the Python SDK, each a process of its own.
//!
//! Paths are history files (a binary `temporal.api.history.v1.History`, `.pb`, with the same as JSON
//! beside it) and folders of such. Without paths, histories recorded on the embedded server are taken.
//!
//! The programs print a line for each history: `NAME events=E cpu_seconds=S
//! events_per_cpu_second=R`. Each is run several times; the best figure of each history counts,
//! since other processes only ever make a replay slower. A history that one of them cannot replay
//! has no figure there; the program says why.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::load::{build_official, official_binary};
use crate::run_cargo::{
    CargoError, cargo, printed, run as run_cargo, target_directory, workspace_root,
};

const REPEATS: usize = 3;

/// What `durably-replay --record` makes.
const RECORDED: [&str; 4] = ["seq-1000.pb", "seq-5000.pb", "seq-8300.pb", "small"];

/// Why there are no figures.
#[derive(Debug, thiserror::Error)]
pub(crate) enum ReplayFiguresError {
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

/// Replays the files and folders and prints the table.
pub(crate) fn run(paths: &[&str]) -> Result<(), ReplayFiguresError> {
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
    let program = target_directory().join("release/durably-replay");
    let recorded = target_directory().join("replay-figures");
    if paths.is_empty() && !recorded.exists() {
        run_cargo(Command::new(&program).arg("--record").arg(&recorded))?;
    }
    let paths: Vec<PathBuf> = match paths {
        [] => RECORDED.iter().map(|name| recorded.join(name)).collect(),
        paths => paths.iter().map(PathBuf::from).collect(),
    };
    let durably = rates(&program, None, &paths)?;
    let official = official_binary("official-replay");
    let official = if official.exists() {
        rates(&official, None, &paths)?
    } else {
        eprintln!(
            "without the official SDK's replayer; to build it: {}",
            build_official()
        );
        Rates::new()
    };
    let script = workspace_root().join("load/python/replay.py");
    let python = rates(Path::new("python3"), Some(&script), &paths).unwrap_or_else(|error| {
        eprintln!("without Python's replayer (`pip install temporalio`): {error}");
        Rates::new()
    });
    println!(
        "{:28}{:>12}{:>12}{:>8}{:>12}{:>8}",
        "events per CPU second", "durably", "official", "times", "Python", "times"
    );
    for (name, durably) in durably {
        let (official, python) = (official.get(&name).copied(), python.get(&name).copied());
        let times = |peer: Option<f64>| text(peer.map(|peer| durably / peer), 1);
        println!(
            "{name:28}{durably:>12.0}{:>12}{:>8}{:>12}{:>8}",
            text(official, 0),
            times(official),
            text(python, 0),
            times(python)
        );
    }
    Ok(())
}

fn text(figure: Option<f64>, digits: usize) -> String {
    figure.map_or("-".to_owned(), |figure| format!("{figure:.digits$}"))
}

/// The best figures of a program, or of a script that it runs.
fn rates(
    program: &Path,
    script: Option<&Path>,
    paths: &[PathBuf],
) -> Result<Rates, ReplayFiguresError> {
    let mut best = Rates::new();
    for _ in 0..REPEATS {
        let text = printed(Command::new(program).args(script).args(paths))?;
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
