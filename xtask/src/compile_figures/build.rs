//! One timed build.

use std::fs::{File, FileTimes};
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant, SystemTime};

use nix::sys::resource::{UsageWho, getrusage};
use nix::sys::time::TimeValLike;

use super::CompileFiguresError;
use crate::run_cargo::{cargo, run};

/// What a build took.
#[derive(Debug)]
pub(super) struct Built {
    pub(super) wall: Duration,
    /// Of cargo and all compilers.
    pub(super) processor: Duration,
}

/// Builds the package of a manifest into a target folder.
pub(super) fn build(
    manifest: &Path,
    target: &Path,
    flags: &[&str],
) -> Result<Built, CompileFiguresError> {
    let before = processor_time_of_children()?;
    let begun = Instant::now();
    let mut command = cargo();
    command
        .args(["build", "--quiet", "--offline", "--manifest-path"])
        .arg(manifest);
    command.arg("--target-dir").arg(target).args(flags);
    run(&mut command)?;
    Ok(Built {
        wall: begun.elapsed(),
        processor: processor_time_of_children()?.saturating_sub(before),
    })
}

/// Of all processes that this one has started and waited for.
fn processor_time_of_children() -> Result<Duration, CompileFiguresError> {
    let usage = getrusage(UsageWho::RUSAGE_CHILDREN).map_err(CompileFiguresError::ProcessorTime)?;
    let time = usage.user_time() + usage.system_time();
    Ok(Duration::from_micros(
        time.num_microseconds().unsigned_abs(),
    ))
}

/// Makes a file look changed.
pub(super) fn touch(path: &Path) -> Result<(), CompileFiguresError> {
    let file = File::options().append(true).open(path);
    let times = FileTimes::new().set_modified(SystemTime::now());
    file.and_then(|file| file.set_times(times))
        .map_err(|source| CompileFiguresError::File {
            path: path.to_owned(),
            source,
        })
}

/// An empty folder for a build, removed with this value.
#[derive(Debug)]
pub(super) struct TemporaryTarget {
    path: PathBuf,
}

impl TemporaryTarget {
    pub(super) fn create(mode: &str) -> Result<Self, CompileFiguresError> {
        let name = format!("durably-compile-figures-{}-{mode}", std::process::id());
        let path = std::env::temp_dir().join(name);
        std::fs::create_dir(&path).map_err(|source| CompileFiguresError::File {
            path: path.clone(),
            source,
        })?;
        Ok(Self { path })
    }

    pub(super) fn path(&self) -> &Path {
        &self.path
    }
}

impl Drop for TemporaryTarget {
    fn drop(&mut self) {
        if let Err(error) = std::fs::remove_dir_all(&self.path) {
            eprintln!("cannot remove {}: {error}", self.path.display());
        }
    }
}
