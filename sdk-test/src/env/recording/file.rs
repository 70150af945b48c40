//! The file that histories are kept in.

use std::fs::{self, File};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use durably_history::{HistoryReader, RecordedHistory, to_json};
use durably_protos::temporal::api::history::v1::History;
use flate2::Compression;
use flate2::write::GzEncoder;

use super::error::RecordingError;

/// The file that histories are kept in.
#[derive(Debug)]
pub(super) struct HistoryFile {
    /// As the test has it, for messages.
    name: String,
    path: PathBuf,
    has_lines: bool,
    is_zipped: bool,
}

impl HistoryFile {
    pub(super) fn new(given: &Path) -> Result<Self, RecordingError> {
        let name = given.display().to_string();
        let plain = name.strip_suffix(".gz").unwrap_or(&name);
        let has_lines = plain.ends_with(".jsonl");
        if !has_lines && !plain.ends_with(".json") {
            return Err(RecordingError::Form { path: name });
        }
        Ok(Self {
            is_zipped: plain.len() < name.len(),
            has_lines,
            path: in_package(given),
            name,
        })
    }

    pub(super) fn name(&self) -> &str {
        &self.name
    }

    pub(super) fn exists(&self) -> bool {
        self.path.exists()
    }

    pub(super) fn read(&self) -> Result<Vec<RecordedHistory>, RecordingError> {
        let file = File::open(&self.path).map_err(|error| self.io(error))?;
        let histories = HistoryReader::new(&*self.name, file)?;
        Ok(histories.collect::<Result<_, _>>()?)
    }

    /// Replaces the file at once, so that no other test reads half of it.
    pub(super) fn write(&self, histories: &[History]) -> Result<(), RecordingError> {
        self.try_write(histories).map_err(|error| self.io(error))
    }

    fn try_write(&self, histories: &[History]) -> io::Result<()> {
        let bytes = self.bytes(histories)?;
        if let Some(folder) = self.path.parent() {
            fs::create_dir_all(folder)?;
        }
        let mut name = self.path.clone().into_os_string();
        name.push(format!(".{}", uuid::Uuid::new_v4()));
        let unfinished = PathBuf::from(name);
        let written = fs::write(&unfinished, bytes);
        let written = written.and_then(|()| fs::rename(&unfinished, &self.path));
        if written.is_err() {
            // The first error says more than that there is nothing to remove.
            drop(fs::remove_file(&unfinished));
        }
        written
    }

    fn bytes(&self, histories: &[History]) -> io::Result<Vec<u8>> {
        let text = if self.has_lines {
            lines(histories)?
        } else {
            document(histories)?
        };
        if !self.is_zipped {
            return Ok(text.into_bytes());
        }
        // Without a time in it: the same histories give the same bytes.
        let mut zipped = GzEncoder::new(Vec::new(), Compression::best());
        zipped.write_all(text.as_bytes())?;
        zipped.finish()
    }

    pub(super) fn io(&self, error: io::Error) -> RecordingError {
        let path = self.name.clone();
        RecordingError::Io { path, error }
    }
}

/// A relative path is that of the package whose test runs.
fn in_package(given: &Path) -> PathBuf {
    match std::env::var_os("CARGO_MANIFEST_DIR") {
        Some(package) => Path::new(&package).join(given),
        None => given.to_owned(),
    }
}

/// One history as `temporal workflow show --output json` prints it, several as an array of such.
fn document(histories: &[History]) -> io::Result<String> {
    if let [history] = histories {
        return to_json(history);
    }
    let texts: io::Result<Vec<_>> = histories.iter().map(to_json).collect();
    let texts = texts?;
    let texts: Vec<_> = texts.iter().map(|text| text.trim_end()).collect();
    Ok(format!("[\n{}\n]\n", texts.join(",\n")))
}

/// A history in each line.
fn lines(histories: &[History]) -> io::Result<String> {
    let mut text = String::new();
    for history in histories {
        text.push_str(&serde_json::to_string(history)?);
        text.push('\n');
    }
    Ok(text)
}
