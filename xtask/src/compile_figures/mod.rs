//! `cargo xtask compile-figures`: what a user waits for, and what they ship.
//!
//! Builds the program in `load/hello` (one workflow, one activity, a main) from nothing into a
//! temporary folder, in debug and in release mode, then again after a touch of the workflow's
//! file. The sources of its dependencies, the newest that fit as for a user's first build, are
//! fetched before. Also counts the crates, and tells the
//! size of the stripped release program.

mod build;

use std::collections::BTreeSet;
use std::io;
use std::path::{Path, PathBuf};

use crate::run_cargo::{CargoError, cargo, output, run as run_cargo, workspace_root};
use build::{Built, TemporaryTarget, build, touch};

/// Why there are no figures.
#[derive(Debug, thiserror::Error)]
pub(crate) enum CompileFiguresError {
    #[error(transparent)]
    Cargo(#[from] CargoError),
    #[error("{}: {source}", path.display())]
    File { path: PathBuf, source: io::Error },
    #[error("cannot read the processor time of finished builds: {0}")]
    ProcessorTime(nix::Error),
}

/// Measures and prints.
pub(crate) fn run() -> Result<(), CompileFiguresError> {
    let manifest = workspace_root().join("load/hello/Cargo.toml");
    let workflow = workspace_root().join("load/hello/src/workflow.rs");
    run_cargo(cargo().args(["fetch", "--manifest-path"]).arg(&manifest))?;

    println!("{:44}{} crates", "hello", crates(&manifest)?);
    for (mode, flags) in [("debug", &[][..]), ("release", &["--release"][..])] {
        let target = TemporaryTarget::create(mode)?;
        print(
            "clean build",
            mode,
            &build(&manifest, target.path(), flags)?,
        );
        for (change, path) in [
            ("workflow file touched", &workflow),
            ("nothing touched", &manifest),
        ] {
            if path == &workflow {
                touch(path)?;
            }
            print(change, mode, &build(&manifest, target.path(), flags)?);
        }
        let program = target.path().join(mode).join("hello");
        let size = std::fs::metadata(&program).map_err(|source| CompileFiguresError::File {
            path: program,
            source,
        })?;
        let label = format!("size of the program, {mode}");
        println!("{label:44}{:.2} MB", size.len() as f64 / (1024.0 * 1024.0));
    }
    Ok(())
}

fn print(change: &str, mode: &str, built: &Built) {
    let label = format!("{change}, {mode}");
    println!(
        "{label:44}{:.1} s, {:.1} s of processor time",
        built.wall.as_secs_f64(),
        built.processor.as_secs_f64()
    );
}

/// How many crates are compiled, the program itself and proc macros included.
fn crates(manifest: &Path) -> Result<usize, CargoError> {
    let mut tree = cargo();
    tree.args(["tree", "--edges", "normal,build", "--prefix", "none"]);
    tree.args(["--no-dedupe", "--format", "{p}", "--manifest-path"])
        .arg(manifest);
    let tree = output(&mut tree)?;
    Ok(tree.lines().collect::<BTreeSet<_>>().len())
}
