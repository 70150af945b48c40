//! The binaries of the comparison: built here, but for the peer, which takes minutes to build.

use std::path::{Path, PathBuf};

use super::LoadError;
use super::arguments::LoadArguments;
use crate::run_cargo::{cargo, run, target_directory, workspace_root};

/// A worker that can be measured.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum WorkerKind {
    Null,
    Durably,
    Official,
}

impl WorkerKind {
    pub(super) const ALL: [Self; 3] = [Self::Null, Self::Durably, Self::Official];

    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Null => "null",
            Self::Durably => "durably",
            Self::Official => "official",
        }
    }

    /// Whether it knows `--eager`; the official SDK always asks for eager activities.
    pub(super) fn has_eager_option(self) -> bool {
        !matches!(self, Self::Official)
    }
}

/// Where the programs are.
#[derive(Debug)]
pub(super) struct Programs {
    pub(super) workers: Vec<WorkerKind>,
    binaries: PathBuf,
    pub(super) temporal: PathBuf,
}

impl Programs {
    /// Builds what is to be built and finds the rest.
    pub(super) fn locate(arguments: &LoadArguments) -> Result<Self, LoadError> {
        let official = official_binary("official-worker");
        let workers = match &arguments.workers {
            Some(workers) => workers.clone(),
            None if official.exists() => WorkerKind::ALL.to_vec(),
            None => {
                eprintln!(
                    "without the official SDK's worker; to build it: {}",
                    build_official()
                );
                vec![WorkerKind::Null, WorkerKind::Durably]
            }
        };
        let programs = Self {
            workers,
            binaries: target_directory().join("release"),
            temporal: temporal()?,
        };
        if arguments.build {
            let mut command = cargo();
            command.args([
                "build",
                "--release",
                "--package",
                "durably-load",
                "--bin",
                "starter",
            ]);
            for worker in programs
                .workers
                .iter()
                .filter(|&&worker| worker != WorkerKind::Official)
            {
                command.args(["--bin", &format!("{}-worker", worker.name())]);
            }
            run(&mut command)?;
        }
        for worker in &programs.workers {
            let remedy = match worker {
                WorkerKind::Official => format!("build it with {}", build_official()),
                _ => "leave out --no-build".to_owned(),
            };
            check(&programs.worker(*worker), remedy)?;
        }
        check(&programs.starter(), "leave out --no-build".to_owned())?;
        Ok(programs)
    }

    pub(super) fn worker(&self, kind: WorkerKind) -> PathBuf {
        match kind {
            WorkerKind::Official => official_binary("official-worker"),
            _ => self.binaries.join(format!("{}-worker", kind.name())),
        }
    }

    pub(super) fn starter(&self) -> PathBuf {
        self.binaries.join("starter")
    }
}

/// A release binary of the peer, which is a workspace of its own.
pub(crate) fn official_binary(name: &str) -> PathBuf {
    workspace_root()
        .join("load/official/target/release")
        .join(name)
}

/// How the peer is built.
pub(crate) fn build_official() -> String {
    "`cargo build --release --manifest-path load/official/Cargo.toml --target-dir load/official/target`"
        .to_owned()
}

fn check(path: &Path, remedy: String) -> Result<(), LoadError> {
    if path.exists() {
        return Ok(());
    }
    Err(LoadError::Missing {
        path: path.to_owned(),
        remedy,
    })
}

/// The `temporal` command line: where TEMPORAL_CLI says, or on the PATH.
fn temporal() -> Result<PathBuf, LoadError> {
    const REMEDY: &str =
        "install it (https://docs.temporal.io/cli), or set TEMPORAL_CLI to where it is";
    if let Some(path) = std::env::var_os("TEMPORAL_CLI") {
        let path = PathBuf::from(path);
        check(&path, format!("TEMPORAL_CLI names it; {REMEDY}"))?;
        return Ok(path);
    }
    let path = std::env::var_os("PATH").unwrap_or_default();
    let found = std::env::split_paths(&path).map(|folder| folder.join("temporal"));
    found
        .into_iter()
        .find(|file| file.is_file())
        .ok_or_else(|| LoadError::Missing {
            path: PathBuf::from("the `temporal` command line"),
            remedy: REMEDY.to_owned(),
        })
}
