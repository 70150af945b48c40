//! Finds the .proto files: the crates.io package `temporalio-protos` ships them in its source archive.
//!
//! `cargo metadata` over `xtask/protos-source` downloads and locates the package. Nothing of it is compiled or
//! linked, and the manifest's own lock file fixes its version and checksum.

use std::path::PathBuf;
use std::process::Command;

use super::workspace_root;

/// The package whose source archive holds the .proto files.
pub(crate) const PACKAGE: &str = "temporalio-protos";

/// The located package.
pub(crate) struct Source {
    pub(crate) version: String,
    /// Its folder `protos`.
    pub(crate) protos: PathBuf,
}

/// Why the package could not be located.
#[derive(Debug, thiserror::Error)]
pub(crate) enum SourceError {
    #[error("cannot run `{command}`: {error}")]
    Spawn {
        command: String,
        error: std::io::Error,
    },
    /// Cargo could not resolve the package: mostly, no registry is reached and no copy is in cargo's cache.
    #[error(
        "cargo cannot resolve {PACKAGE} from {manifest}: is crates.io reached?\n{}",
        stderr.trim_end()
    )]
    Unresolved { manifest: PathBuf, stderr: String },
    #[error("`cargo metadata` for {manifest} printed no {PACKAGE} package: {reason}")]
    Metadata { manifest: PathBuf, reason: String },
}

/// Locates the package, downloading it where cargo does not have it yet.
pub(crate) fn locate() -> Result<Source, SourceError> {
    let manifest = workspace_root().join("xtask/protos-source/Cargo.toml");
    let cargo = std::env::var("CARGO").unwrap_or_else(|_| "cargo".to_owned());
    let output = Command::new(&cargo)
        .args([
            "metadata",
            "--format-version",
            "1",
            "--locked",
            "--manifest-path",
        ])
        .arg(&manifest)
        .output()
        .map_err(|error| SourceError::Spawn {
            command: format!("{cargo} metadata"),
            error,
        })?;
    if !output.status.success() {
        let stderr = String::from_utf8_lossy(&output.stderr).into_owned();
        return Err(SourceError::Unresolved { manifest, stderr });
    }
    read_metadata(&output.stdout).map_err(|reason| SourceError::Metadata { manifest, reason })
}

fn read_metadata(json: &[u8]) -> Result<Source, String> {
    let metadata: serde_json::Value =
        serde_json::from_slice(json).map_err(|error| error.to_string())?;
    let package = metadata["packages"]
        .as_array()
        .into_iter()
        .flatten()
        .find(|package| package["name"] == PACKAGE)
        .ok_or("it is not among the packages")?;
    let text = |field: &str| {
        package[field]
            .as_str()
            .ok_or_else(|| format!("its `{field}` is not a text"))
    };
    let manifest = PathBuf::from(text("manifest_path")?);
    let protos = manifest.with_file_name("protos");
    if !protos.is_dir() {
        return Err(format!("its archive has no folder {}", protos.display()));
    }
    Ok(Source {
        version: text("version")?.to_owned(),
        protos,
    })
}
