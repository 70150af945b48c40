//! Files with histories: complete or not there at all, and marked with what is in them.

use std::fmt;
use std::fs::{self, File};
use std::io::{self, BufReader, BufWriter, Read, Write};
use std::path::{Path, PathBuf};

use durably_protos::temporal::api::enums::v1::EventType;
use durably_protos::temporal::api::history::v1::{History, HistoryEvent};
use flate2::read::MultiGzDecoder;
use flate2::{Compression, GzBuilder};

use crate::history::redact::{Redact, Redaction};

/// What was done to the payloads of a file. A file of another form is written anew: what was to be
/// redacted must not stay because it was there before.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct StoredForm {
    pub(super) is_decoded: bool,
    pub(super) redact: Option<Redact>,
}

/// A place for the history of one run.
#[derive(Debug, Clone)]
pub(super) struct StoredFile {
    path: PathBuf,
    form: StoredForm,
}

impl StoredFile {
    pub(super) fn new(folder: &Path, name: &str, form: StoredForm) -> Self {
        Self {
            path: folder.join(name),
            form,
        }
    }

    pub(super) fn path(&self) -> &Path {
        &self.path
    }

    /// Whether the history is there, undamaged, in this form, and can have no further events.
    ///
    /// # Errors
    /// There is a file, but it cannot be read.
    pub(super) fn is_final(&self) -> io::Result<bool> {
        let file = match File::open(&self.path) {
            Ok(file) => file,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(false),
            Err(error) => return Err(error),
        };
        let mut content = MultiGzDecoder::new(BufReader::new(file));
        let expected = self.mark(true);
        let comment = content.header().and_then(|header| header.comment());
        if comment != Some(expected.as_bytes()) {
            return Ok(false);
        }
        // Its checksum comes last.
        match io::copy(&mut content.by_ref(), &mut io::sink()) {
            Ok(_) => Ok(true),
            Err(error) if is_damage(&error) => Ok(false),
            Err(error) => Err(error),
        }
    }

    /// Writes the history: the file appears when it is complete. Gives the bytes that it has.
    pub(super) fn write(&self, history: &History) -> io::Result<u64> {
        let name = self.path.file_name().unwrap_or_default().to_string_lossy();
        // Hidden, and the same each time: what a killed process left is written over.
        let unfinished = self.path.with_file_name(format!(".{name}.part"));
        let written = self.write_to(&unfinished, history);
        let renamed = written.and_then(|bytes| {
            fs::rename(&unfinished, &self.path)?;
            Ok(bytes)
        });
        if renamed.is_err() {
            // The error that matters is the first one.
            let _ = fs::remove_file(&unfinished);
        }
        renamed
    }

    fn write_to(&self, path: &Path, history: &History) -> io::Result<u64> {
        let file = BufWriter::new(File::create(path)?);
        let builder = GzBuilder::new().comment(self.mark(is_closed(history)));
        let mut gzip = builder.write(file, Compression::default());
        durably_history::write_json(history, BufWriter::new(&mut gzip))?;
        let mut file = gzip.finish()?;
        file.flush()?;
        let file = file.into_inner().map_err(io::IntoInnerError::into_error)?;
        file.sync_all()?;
        Ok(file.metadata()?.len())
    }

    /// The comment in the file's head, which readers of gzip pass over.
    fn mark(&self, is_closed: bool) -> String {
        let run = if is_closed { "closed" } else { "open" };
        format!("cargo-durably 1; run {run}; {}", self.form)
    }
}

impl fmt::Display for StoredForm {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(match self.is_decoded {
            true => "payloads decoded",
            false => "payloads as recorded",
        })?;
        if let Some(Redact { payloads, failures }) = self.redact {
            formatter.write_str(match payloads {
                Redaction::Shape => ", redacted to their shape",
                Redaction::Null => ", redacted to null",
            })?;
            if failures {
                formatter.write_str(", failures redacted")?;
            }
        }
        Ok(())
    }
}

/// Whether the run is over: its last event says so.
pub(super) fn is_closed(history: &History) -> bool {
    let last = history.events.last().map(HistoryEvent::event_type);
    matches!(
        last,
        Some(
            EventType::WorkflowExecutionCompleted
                | EventType::WorkflowExecutionFailed
                | EventType::WorkflowExecutionTimedOut
                | EventType::WorkflowExecutionCanceled
                | EventType::WorkflowExecutionTerminated
                | EventType::WorkflowExecutionContinuedAsNew
        )
    )
}

fn is_damage(error: &io::Error) -> bool {
    use io::ErrorKind::{InvalidData, InvalidInput, UnexpectedEof};
    matches!(error.kind(), InvalidData | InvalidInput | UnexpectedEof)
}

#[cfg(test)]
mod tests {
    use super::*;

    const RECORDED: StoredForm = StoredForm {
        is_decoded: false,
        redact: None,
    };

    fn history(last: EventType) -> History {
        let event = |event_id, event_type: EventType| HistoryEvent {
            event_id,
            event_type: event_type.into(),
            ..HistoryEvent::default()
        };
        let started = event(1, EventType::WorkflowExecutionStarted);
        History {
            events: vec![started, event(2, last)],
        }
    }

    #[test]
    fn only_what_is_complete_and_closed_is_final() {
        let folder = tempfile::tempdir().unwrap();
        let file = StoredFile::new(folder.path(), "a.r.json.gz", RECORDED);
        assert!(!file.is_final().unwrap());
        file.write(&history(EventType::WorkflowTaskScheduled))
            .unwrap();
        assert!(!file.is_final().unwrap());
        let closed = history(EventType::WorkflowExecutionCompleted);
        file.write(&closed).unwrap();
        assert!(file.is_final().unwrap());
        assert_eq!(durably_history::read(file.path()).unwrap().history, closed);
        let names = fs::read_dir(folder.path()).unwrap().count();
        assert_eq!(names, 1, "nothing else is left");

        let whole = fs::read(file.path()).unwrap();
        fs::write(file.path(), &whole[..whole.len() - 9]).unwrap();
        assert!(!file.is_final().unwrap(), "cut off");
    }

    #[test]
    fn another_form_is_not_final() {
        let folder = tempfile::tempdir().unwrap();
        let file = StoredFile::new(folder.path(), "a.r.json.gz", RECORDED);
        file.write(&history(EventType::WorkflowExecutionCompleted))
            .unwrap();
        let redact = Redact {
            payloads: Redaction::Shape,
            failures: false,
        };
        let form = StoredForm {
            redact: Some(redact),
            ..RECORDED
        };
        assert!(
            !StoredFile::new(folder.path(), "a.r.json.gz", form)
                .is_final()
                .unwrap()
        );
    }
}
