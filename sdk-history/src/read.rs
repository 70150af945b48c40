//! Reading histories, one at a time.

use std::fmt;
use std::fs::File;
use std::io::Read;
use std::path::Path;

use crate::binary::BinaryHistories;
use crate::form::Form;
use crate::input::Input;
use crate::json::JsonHistories;
use crate::{ReadError, ReadLimits, RecordedHistory};

/// Reads a file that holds one history.
///
/// # Errors
/// The file cannot be read, is no history, or holds several.
pub fn read(path: impl AsRef<Path>) -> Result<RecordedHistory, ReadError> {
    let path = path.as_ref();
    one(HistoryReader::open(path)?, &path.display().to_string())
}

/// Reads one history from bytes. Errors call them `bytes`.
///
/// # Errors
/// The bytes are no history, or hold several.
pub fn read_bytes(bytes: &[u8]) -> Result<RecordedHistory, ReadError> {
    one(HistoryReader::new("bytes", bytes)?, "bytes")
}

fn one(mut histories: HistoryReader<'_>, input: &str) -> Result<RecordedHistory, ReadError> {
    let input = || input.to_owned();
    let Some(first) = histories.next() else {
        return Err(ReadError::Empty { input: input() });
    };
    let first = first?;
    match histories.next() {
        None => Ok(first),
        Some(Ok(_)) => Err(ReadError::NotOne { input: input() }),
        Some(Err(error)) => Err(error),
    }
}

/// The histories of a file, or of other bytes, as they are read. Ends after the first error.
pub struct HistoryReader<'a> {
    histories: Histories<'a>,
    failed: bool,
}

enum Histories<'a> {
    Json(Box<JsonHistories<'a>>),
    Binary(Box<BinaryHistories<'a>>),
}

impl HistoryReader<'static> {
    /// Opens a file.
    ///
    /// # Errors
    /// The file cannot be read, or is of no known form.
    pub fn open(path: impl AsRef<Path>) -> Result<Self, ReadError> {
        Self::open_with_limits(path, ReadLimits::default())
    }

    /// Opens a file that may be larger, or must be smaller, than others.
    ///
    /// # Errors
    /// The file cannot be read, or is of no known form.
    pub fn open_with_limits(path: impl AsRef<Path>, limits: ReadLimits) -> Result<Self, ReadError> {
        let path = path.as_ref();
        let input = path.display().to_string();
        match File::open(path) {
            Ok(file) => Self::with_limits(input, file, limits),
            Err(error) => Err(ReadError::Io { input, error }),
        }
    }
}

impl<'a> HistoryReader<'a> {
    /// Reads from bytes of any origin; errors call them `input`.
    ///
    /// # Errors
    /// They cannot be read, or are of no known form.
    pub fn new(
        input: impl Into<String>,
        content: impl Read + Send + 'a,
    ) -> Result<Self, ReadError> {
        Self::with_limits(input, content, ReadLimits::default())
    }

    /// Reads from bytes of any origin, with limits of their own.
    ///
    /// # Errors
    /// They cannot be read, or are of no known form.
    pub fn with_limits(
        input: impl Into<String>,
        content: impl Read + Send + 'a,
        limits: ReadLimits,
    ) -> Result<Self, ReadError> {
        let input = Input::new(input.into(), content, limits)?;
        let histories = match input.form {
            Form::Json => Histories::Json(Box::new(JsonHistories::new(input))),
            Form::History | Form::Response | Form::Export => {
                Histories::Binary(Box::new(BinaryHistories::new(input)))
            }
            Form::Utf16 | Form::Empty | Form::Unknown => return Err(input.unrecognized()),
        };
        Ok(Self {
            histories,
            failed: false,
        })
    }
}

impl Iterator for HistoryReader<'_> {
    type Item = Result<RecordedHistory, ReadError>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.failed {
            return None;
        }
        let next = match &mut self.histories {
            Histories::Json(histories) => histories.next(),
            Histories::Binary(histories) => histories.next(),
        };
        self.failed = next.is_err();
        next.transpose()
    }
}

impl fmt::Debug for HistoryReader<'_> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("HistoryReader")
            .field("failed", &self.failed)
            .finish_non_exhaustive()
    }
}
