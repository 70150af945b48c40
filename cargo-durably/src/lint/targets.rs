//! Which crates are read: those of packages, as Cargo knows them, or single files.

use std::collections::BTreeSet;
use std::io;
use std::path::{Path, PathBuf};
use std::process::Command;

use serde::Deserialize;

/// A crate.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Target {
    /// Its name in paths, if others can name it: that of a library.
    pub(super) library: Option<String>,
    pub(super) root: PathBuf,
}

/// It is unknown which crates to read.
#[derive(Debug, thiserror::Error)]
pub(crate) enum TargetError {
    #[error("cannot run cargo: {0}")]
    Cargo(io::Error),
    #[error("cargo does not know the packages here: {0}")]
    Metadata(String),
    #[error("what cargo says of the packages cannot be read: {0}")]
    Json(#[from] serde_json::Error),
    #[error("\"{what}\" is no package of this workspace and no path; packages are {packages}")]
    NoPackage { what: String, packages: String },
    #[error("{}: this is no Rust file and no folder of a package", .0.display())]
    NoTarget(PathBuf),
}

#[derive(Debug, Deserialize)]
struct Metadata {
    packages: Vec<Package>,
    #[serde(default)]
    workspace_default_members: Vec<String>,
}

#[derive(Debug, Deserialize)]
struct Package {
    id: String,
    name: String,
    manifest_path: PathBuf,
    targets: Vec<MetadataTarget>,
}

#[derive(Debug, Deserialize)]
struct MetadataTarget {
    name: String,
    kind: Vec<String>,
    src_path: PathBuf,
}

/// The crates of packages and files, libraries first: others may use them.
pub(super) fn targets(what: &[String]) -> Result<Vec<Target>, TargetError> {
    let mut found = BTreeSet::new();
    if what.is_empty() {
        let metadata = metadata(None)?;
        let members = &metadata.workspace_default_members;
        let is_meant = |package: &&Package| members.is_empty() || members.contains(&package.id);
        found.extend(
            metadata
                .packages
                .iter()
                .filter(is_meant)
                .flat_map(Package::crates),
        );
    }
    for what in what {
        let path = Path::new(what);
        let manifest = path.join("Cargo.toml");
        if path.is_file() && path.extension().is_some_and(|extension| extension == "rs") {
            let (library, root) = (None, path.to_owned());
            found.insert(Target { library, root });
        } else if path.file_name().is_some_and(|name| name == "Cargo.toml") && path.is_file() {
            found.extend(of_manifest(path)?);
        } else if manifest.is_file() {
            found.extend(of_manifest(&manifest)?);
        } else if path.exists() {
            return Err(TargetError::NoTarget(path.to_owned()));
        } else {
            found.extend(of_name(what)?);
        }
    }
    let (libraries, others): (Vec<_>, Vec<_>) = found
        .into_iter()
        .partition(|target| target.library.is_some());
    Ok([libraries, others].concat())
}

/// The package of a manifest; all of a workspace that has no package of its own.
fn of_manifest(manifest: &Path) -> Result<Vec<Target>, TargetError> {
    let metadata = metadata(Some(manifest))?;
    let absolute = manifest.canonicalize().map_err(TargetError::Cargo)?;
    let packages = metadata.packages.iter();
    let its_own = packages
        .clone()
        .find(|package| package.manifest_path == absolute);
    Ok(match its_own {
        Some(package) => package.crates().collect(),
        None => packages.flat_map(Package::crates).collect(),
    })
}

fn of_name(name: &str) -> Result<Vec<Target>, TargetError> {
    let metadata = metadata(None)?;
    let found = metadata
        .packages
        .iter()
        .find(|package| package.name == name);
    match found {
        Some(package) => Ok(package.crates().collect()),
        None => {
            let names: Vec<_> = metadata
                .packages
                .iter()
                .map(|it| it.name.as_str())
                .collect();
            Err(TargetError::NoPackage {
                what: name.to_owned(),
                packages: names.join(", "),
            })
        }
    }
}

fn metadata(manifest: Option<&Path>) -> Result<Metadata, TargetError> {
    let program = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let mut command = Command::new(program);
    command.args(["metadata", "--no-deps", "--format-version", "1"]);
    if let Some(manifest) = manifest {
        command.arg("--manifest-path").arg(manifest);
    }
    let output = command.output().map_err(TargetError::Cargo)?;
    if !output.status.success() {
        let problem = String::from_utf8_lossy(&output.stderr);
        let problem = problem.trim().trim_start_matches("error: ");
        return Err(TargetError::Metadata(problem.to_owned()));
    }
    Ok(serde_json::from_slice(&output.stdout)?)
}

impl Package {
    /// The crates that may hold workflows: not tests, whose code is not deployed, and not build
    /// scripts.
    fn crates(&self) -> impl Iterator<Item = Target> {
        let targets = self.targets.iter();
        targets.filter_map(|target| {
            let is = |kinds: &[&str]| {
                target
                    .kind
                    .iter()
                    .any(|kind| kinds.contains(&kind.as_str()))
            };
            let is_library = is(&["lib", "rlib", "dylib", "cdylib", "staticlib"]);
            (is_library || is(&["bin", "example"])).then(|| Target {
                library: is_library.then(|| target.name.replace('-', "_")),
                root: target.src_path.clone(),
            })
        })
    }
}
