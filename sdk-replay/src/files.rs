//! Files with histories: of folders, and of patterns.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use crate::ReplayFailure;

/// The extensions of files in folders that are read, each also with `.gz` after it.
const EXTENSIONS: [&str; 6] = ["json", "jsonl", "ndjson", "pb", "binpb", "bin"];

/// The histories in a folder and in the folders in it, in the order of their names.
pub(crate) fn of_directory(directory: &Path) -> Result<Vec<PathBuf>, ReplayFailure> {
    let mut files = Vec::new();
    let mut pending = vec![directory.to_owned()];
    while let Some(directory) = pending.pop() {
        let failed = |error| ReplayFailure::Io {
            path: directory.clone(),
            error,
        };
        for entry in fs::read_dir(&directory).map_err(failed)? {
            let entry = entry.map_err(failed)?;
            let path = entry.path();
            // A link to a folder is not followed: it may lead back here.
            let kind = entry.file_type().map_err(failed)?;
            if kind.is_dir() {
                pending.push(path);
            } else if has_known_extension(&path) {
                files.push(path);
            }
        }
    }
    files.sort();
    Ok(files)
}

fn has_known_extension(path: &Path) -> bool {
    let Some(name) = path.file_name().and_then(|name| name.to_str()) else {
        return false;
    };
    let name = name.strip_suffix(".gz").unwrap_or(name);
    let extension = name.rsplit_once('.').map(|(_, extension)| extension);
    !name.starts_with('.') && extension.is_some_and(|it| EXTENSIONS.contains(&it))
}

/// The files that a pattern names, in the order of their names.
pub(crate) fn of_pattern(pattern: &str) -> Result<Vec<PathBuf>, ReplayFailure> {
    let paths = glob::glob(pattern).map_err(|error| ReplayFailure::Pattern {
        pattern: pattern.to_owned(),
        problem: error.to_string(),
    })?;
    let mut files = Vec::new();
    for path in paths {
        let path = path.map_err(|error| ReplayFailure::Io {
            path: error.path().to_owned(),
            error: io::Error::new(error.error().kind(), error.to_string()),
        })?;
        if path.is_file() {
            files.push(path);
        }
    }
    Ok(files)
}
