//! The generated files: written to disk, or compared with what is there.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

/// Text by path under the generated folder, with `/` between the parts.
pub(crate) type GeneratedFiles = BTreeMap<String, String>;

/// Why the files could not be written, or are not what they should be.
#[derive(Debug, thiserror::Error)]
pub(crate) enum OutputError {
    #[error("cannot {action} {path}: {error}")]
    File {
        action: &'static str,
        path: PathBuf,
        error: io::Error,
    },
    #[error(
        "the checked-in files under {folder} are not what the generator writes: {drift}\n\
         Remedy: run `cargo xtask protos`, and commit what it changes."
    )]
    Drift { folder: PathBuf, drift: Drift },
}

/// How a folder differs from the generator's output, by path.
#[derive(Debug, Default, PartialEq)]
pub(crate) struct Drift {
    pub(crate) missing: BTreeSet<String>,
    pub(crate) different: BTreeSet<String>,
    pub(crate) surplus: BTreeSet<String>,
}

/// Makes the folder hold exactly `files`; those that are right already are not touched, so that a build
/// after it has no more to do than needed.
pub(crate) fn write(files: &GeneratedFiles, folder: &Path) -> Result<Drift, OutputError> {
    let drift = drift(files, folder)?;
    for path in drift.missing.iter().chain(&drift.different) {
        let file = folder.join(path);
        if let Some(parent) = file.parent() {
            fs::create_dir_all(parent).map_err(file_error("create", parent))?;
        }
        fs::write(&file, &files[path]).map_err(file_error("write", &file))?;
    }
    for path in &drift.surplus {
        let file = folder.join(path);
        fs::remove_file(&file).map_err(file_error("remove", &file))?;
    }
    Ok(drift)
}

/// Fails unless the folder holds exactly `files`.
pub(crate) fn compare(files: &GeneratedFiles, folder: &Path) -> Result<(), OutputError> {
    let drift = drift(files, folder)?;
    if drift == Drift::default() {
        return Ok(());
    }
    Err(OutputError::Drift {
        folder: folder.to_owned(),
        drift,
    })
}

fn drift(files: &GeneratedFiles, folder: &Path) -> Result<Drift, OutputError> {
    let mut present = GeneratedFiles::new();
    if folder.exists() {
        read_folder(folder, "", &mut present)?;
    }
    let mut drift = Drift::default();
    for (path, text) in files {
        match present.remove(path) {
            None => drift.missing.insert(path.clone()),
            Some(there) if there != *text => drift.different.insert(path.clone()),
            Some(_) => continue,
        };
    }
    drift.surplus = present.into_keys().collect();
    Ok(drift)
}

fn read_folder(folder: &Path, prefix: &str, files: &mut GeneratedFiles) -> Result<(), OutputError> {
    for entry in fs::read_dir(folder).map_err(file_error("read", folder))? {
        let entry = entry.map_err(file_error("read", folder))?;
        let path = entry.path();
        let name = format!("{prefix}{}", entry.file_name().to_string_lossy());
        if path.is_dir() {
            read_folder(&path, &format!("{name}/"), files)?;
        } else {
            let bytes = fs::read(&path).map_err(file_error("read", &path))?;
            // A file that is not UTF-8 is not the generator's: it compares as different.
            files.insert(name, String::from_utf8_lossy(&bytes).into_owned());
        }
    }
    Ok(())
}

fn file_error(action: &'static str, path: &Path) -> impl FnOnce(io::Error) -> OutputError {
    move |error| OutputError::File {
        action,
        path: path.to_owned(),
        error,
    }
}

impl fmt::Display for Drift {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let kinds = [
            ("new", &self.missing),
            ("changed", &self.different),
            ("to be removed", &self.surplus),
        ];
        let mut none = true;
        for (kind, paths) in kinds {
            for path in paths {
                write!(f, "\n  {kind}: {path}")?;
                none = false;
            }
        }
        if none {
            f.write_str("nothing changed")
        } else {
            Ok(())
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_written_folder_does_not_drift_and_an_edited_one_does() {
        let folder =
            std::env::temp_dir().join(format!("durably-xtask-output-{}", std::process::id()));
        let files = GeneratedFiles::from([
            ("mod.rs".to_owned(), "mod a;".to_owned()),
            ("messages/a.rs".to_owned(), "struct A;".to_owned()),
        ]);
        write(&files, &folder).unwrap();
        compare(&files, &folder).unwrap();
        assert_eq!(write(&files, &folder).unwrap(), Drift::default());

        fs::write(folder.join("mod.rs"), "mod b;").unwrap();
        fs::rename(folder.join("messages/a.rs"), folder.join("messages/b.rs")).unwrap();
        let message = compare(&files, &folder).unwrap_err().to_string();
        for part in [
            "new: messages/a.rs",
            "changed: mod.rs",
            "to be removed: messages/b.rs",
            "run `cargo xtask protos`",
        ] {
            assert!(message.contains(part), "{message}");
        }

        write(&files, &folder).unwrap();
        compare(&files, &folder).unwrap();
        fs::remove_dir_all(&folder).unwrap();
    }
}
