//! Compiles the .proto files and keeps the packages that `durably-protos` publishes.

use std::path::{Path, PathBuf};

use prost_types::{FileDescriptorProto, FileDescriptorSet};
use protox::Compiler;

/// Folders of the source package that .proto files are named from.
const INCLUDES: [&str; 4] = ["api_upstream", "testsrv_upstream", "grpc", "."];

/// Files that are published whatever imports them; the files they import come along.
const OTHER_ROOTS: [&str; 2] = ["google/rpc/status.proto", "health/v1/health.proto"];

/// Folders whose every .proto file is published.
const ROOT_FOLDERS: [&str; 2] = ["api_upstream", "testsrv_upstream"];

/// Packages that get Rust code. What else is imported (HTTP annotations, descriptor options) only
/// annotates the .proto files themselves and has no use at run time.
const PUBLISHED_PACKAGES: [&str; 4] = [
    "temporal.api",
    "google.protobuf",
    "google.rpc",
    "grpc.health",
];

/// google/protobuf/descriptor.proto describes .proto files; it shares its package with the well-known types.
const DESCRIPTOR_FILE: &str = "google/protobuf/descriptor.proto";

/// Why the .proto files could not be compiled.
#[derive(Debug, thiserror::Error)]
pub(crate) enum DefinitionsError {
    #[error("cannot read {path}: {error}")]
    Read {
        path: PathBuf,
        error: std::io::Error,
    },
    #[error("protox cannot compile the .proto files: {0:?}")]
    Compile(#[from] protox::Error),
    #[error(
        "no .proto file of the package {0} was found: did the layout of the source package change?"
    )]
    MissingPackage(&'static str),
}

/// Compiles everything under `protos`, and gives the file descriptors to generate code for, imports first.
pub(crate) fn compile(protos: &Path) -> Result<FileDescriptorSet, DefinitionsError> {
    let mut compiler = Compiler::new(INCLUDES.map(|folder| protos.join(folder)))?;
    compiler.include_imports(true).include_source_info(false);
    for folder in ROOT_FOLDERS {
        let folder = protos.join(folder);
        let mut files = Vec::new();
        collect_proto_files(&folder.join("temporal"), &mut files)?;
        files.sort();
        compiler.open_files(files)?;
    }
    compiler.open_files(OTHER_ROOTS)?;

    let mut set = compiler.file_descriptor_set();
    set.file.retain(is_published);
    for package in PUBLISHED_PACKAGES {
        if !set
            .file
            .iter()
            .any(|file| is_in_package(file.package(), package))
        {
            return Err(DefinitionsError::MissingPackage(package));
        }
    }
    Ok(set)
}

fn is_published(file: &FileDescriptorProto) -> bool {
    file.name() != DESCRIPTOR_FILE
        && PUBLISHED_PACKAGES
            .iter()
            .any(|package| is_in_package(file.package(), package))
}

fn is_in_package(package: &str, parent: &str) -> bool {
    package
        .strip_prefix(parent)
        .is_some_and(|rest| rest.is_empty() || rest.starts_with('.'))
}

fn collect_proto_files(folder: &Path, files: &mut Vec<PathBuf>) -> Result<(), DefinitionsError> {
    let read_error = |error| DefinitionsError::Read {
        path: folder.to_owned(),
        error,
    };
    for entry in std::fs::read_dir(folder).map_err(read_error)? {
        let path = entry.map_err(read_error)?.path();
        if path.is_dir() {
            collect_proto_files(&path, files)?;
        } else if path
            .extension()
            .is_some_and(|extension| extension == "proto")
        {
            files.push(path);
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_package_is_not_its_longer_named_sibling() {
        assert!(is_in_package("google.rpc", "google.rpc"));
        assert!(is_in_package("temporal.api.common.v1", "temporal.api"));
        assert!(!is_in_package("temporal.apiary", "temporal.api"));
    }
}
