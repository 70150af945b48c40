//! `cargo xtask protos`: Temporal's .proto files into `protos/src/generated/`.
//!
//! ```text
//! source      where the .proto files are: the source archive of a crates.io package
//! definitions .proto files -> file descriptors of the packages we publish
//! messages    descriptors  -> messages/*.rs            (prost)
//! services    descriptors  -> client/*.rs, server/*.rs (tonic)
//! json        descriptors  -> json/*.rs                (pbjson, only what `json_reach` finds)
//! json_read   descriptors  -> json_read/*.rs           (likewise: reading text, fast and lenient)
//! payloads    descriptors  -> payloads/*.rs            (going through a message's payloads)
//! module_tree all of these -> mod.rs, which includes each file where its package and features say
//! output      the files as a map in memory; write them, or compare them with the checked-in ones
//! ```

mod definitions;
mod format;
mod json;
mod json_reach;
mod json_read;
mod messages;
mod module_tree;
mod output;
mod payloads;
mod services;
mod source;

use std::path::{Path, PathBuf};

use output::GeneratedFiles;

/// Why the generated code could not be made, written or confirmed.
#[derive(Debug, thiserror::Error)]
pub(crate) enum ProtosError {
    #[error(transparent)]
    Source(#[from] source::SourceError),
    #[error(transparent)]
    Definitions(#[from] definitions::DefinitionsError),
    #[error("prost-build cannot generate the messages: {0}")]
    Messages(std::io::Error),
    #[error("pbjson-build cannot generate the JSON mapping: {0}")]
    Json(std::io::Error),
    #[error(transparent)]
    Format(#[from] format::FormatError),
    #[error(transparent)]
    Output(#[from] output::OutputError),
}

/// Writes `protos/src/generated/` anew.
pub(crate) fn write() -> Result<(), ProtosError> {
    let files = generate()?;
    let changes = output::write(&files, &generated_directory())?;
    println!(
        "{} files, {} lines in protos/src/generated: {changes}",
        files.len(),
        files
            .values()
            .map(|text| text.lines().count())
            .sum::<usize>(),
    );
    Ok(())
}

/// Fails where the checked-in files are not what the generator writes.
pub(crate) fn check() -> Result<(), ProtosError> {
    let files = generate()?;
    output::compare(&files, &generated_directory())?;
    println!(
        "protos/src/generated is what the generator writes ({} files)",
        files.len()
    );
    Ok(())
}

/// Runs the whole generator in memory.
fn generate() -> Result<GeneratedFiles, ProtosError> {
    let source = source::locate()?;
    println!(
        "{} {}: {}",
        source::PACKAGE,
        source.version,
        source.protos.display()
    );

    let definitions = definitions::compile(&source.protos)?;
    let messages = messages::generate(&definitions)?;
    let services = services::generate(&definitions)?;
    let json = json::generate(&definitions)?;
    let json_read = json_read::generate(&definitions)?;
    let payloads = payloads::generate(&definitions);

    let mut files = GeneratedFiles::new();
    files.insert(
        "mod.rs".into(),
        module_tree::generate(
            &messages,
            &services,
            &json,
            &json_read,
            &payloads,
            &source.version,
        )?,
    );
    for (folder, packages) in [
        ("messages", messages),
        ("client", services.clients),
        ("server", services.servers),
        ("json", json),
        ("json_read", json_read),
        ("payloads", payloads),
    ] {
        for (package, code) in packages {
            files.insert(
                format!("{folder}/{package}.rs"),
                format::format(&package, &code)?,
            );
        }
    }
    Ok(files)
}

fn workspace_root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .parent()
        .expect("xtask is a folder of the workspace")
}

fn generated_directory() -> PathBuf {
    workspace_root().join("protos/src/generated")
}

#[cfg(test)]
mod tests;
