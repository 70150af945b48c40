//! The bytes of an input: unzipped, counted, and with their first ones looked at.

use std::io::{self, BufReader, Cursor, Read};

use flate2::bufread::MultiGzDecoder;

use crate::form::{Form, GZIP, LOOKED_AT, form};
use crate::wire::Elements;
use crate::{Place, ReadError, ReadLimits};

/// So many bytes of a history may bring one element of an array or a map, and so many one message of the
/// binary form; with fewer for each, there may be `FEW_ELEMENTS`.
const BYTES_OF_ELEMENT: u64 = 64;
const BYTES_OF_MESSAGE: u64 = 16;
const FEW_ELEMENTS: u64 = 10_000;

/// Content in its own form.
pub(crate) struct Input<'a> {
    pub(crate) name: String,
    pub(crate) form: Form,
    pub(crate) limits: ReadLimits,
    begins: Vec<u8>,
    content: Box<dyn Read + Send + 'a>,
    is_gzip: bool,
    bytes: u64,
}

impl<'a> Input<'a> {
    pub(crate) fn new(
        name: String,
        content: impl Read + Send + 'a,
        limits: ReadLimits,
    ) -> Result<Self, ReadError> {
        let mut input = Self {
            name,
            form: Form::Unknown,
            limits,
            begins: Vec::new(),
            content: Box::new(content),
            is_gzip: false,
            bytes: 0,
        };
        input.look()?;
        if input.begins.starts_with(&GZIP) {
            let unzipped = MultiGzDecoder::new(BufReader::with_capacity(32 << 10, input.content));
            input.content = Box::new(unzipped);
            input.is_gzip = true;
            input.look()?;
        }
        input.form = form(&input.begins);
        Ok(input)
    }

    /// Looks at the first bytes, which are read again after.
    fn look(&mut self) -> Result<(), ReadError> {
        let mut begins = Vec::with_capacity(LOOKED_AT);
        let content = std::mem::replace(&mut self.content, Box::new(io::empty()));
        let mut content = content.take(LOOKED_AT as u64);
        content
            .read_to_end(&mut begins)
            .map_err(|error| self.error(error))?;
        self.begins.clone_from(&begins);
        self.content = Box::new(Cursor::new(begins).chain(content.into_inner()));
        Ok(())
    }

    /// Adds bytes to the buffer: so many, or fewer at the end. Gives how many.
    pub(crate) fn read(&mut self, buffer: &mut Vec<u8>, bytes: usize) -> Result<usize, ReadError> {
        let read = (&mut self.content).take(bytes as u64).read_to_end(buffer);
        let count = read.map_err(|error| self.error(error))?;
        self.bytes += count as u64;
        self.check().map(|()| count)
    }

    fn check(&self) -> Result<(), ReadError> {
        match self.bytes > self.limits.input_bytes {
            false => Ok(()),
            true => Err(ReadError::TooLarge {
                place: Place::named(self.name.clone()),
                limit: self.limits.input_bytes,
                unit: "bytes",
                setting: "input_bytes",
            }),
        }
    }

    fn error(&self, error: io::Error) -> ReadError {
        let input = self.name.clone();
        let damaged = matches!(
            error.kind(),
            io::ErrorKind::InvalidInput | io::ErrorKind::InvalidData | io::ErrorKind::UnexpectedEof
        );
        match self.is_gzip && damaged {
            true => ReadError::Gzip {
                input,
                problem: error.to_string(),
            },
            false => ReadError::Io { input, error },
        }
    }

    /// The error of a content that is of no known form.
    pub(crate) fn unrecognized(&self) -> ReadError {
        let input = self.name.clone();
        match self.form {
            Form::Utf16 => ReadError::Utf16 { input },
            Form::Empty => ReadError::Empty { input },
            _ => ReadError::Unrecognized {
                input,
                begins: self.begins[..self.begins.len().min(16)]
                    .escape_ascii()
                    .to_string(),
            },
        }
    }

    /// The error of a history that has too many bytes.
    pub(crate) fn too_many_bytes(&self, place: Place) -> ReadError {
        ReadError::TooLarge {
            place,
            limit: self.limits.history_bytes,
            unit: "bytes",
            setting: "history_bytes",
        }
    }

    /// How many elements of arrays and maps a history may have.
    pub(crate) fn most_elements(&self) -> u64 {
        (self.limits.history_bytes / BYTES_OF_ELEMENT).max(FEW_ELEMENTS)
    }

    /// The error of a history that has more of them.
    pub(crate) fn too_many_elements(&self, place: Place) -> ReadError {
        ReadError::TooLarge {
            place,
            limit: self.most_elements(),
            unit: "payloads, links and other elements",
            setting: "history_bytes",
        }
    }

    /// Fails if a binary history holds more than its memory may take.
    pub(crate) fn check_elements(&self, place: &Place, found: Elements) -> Result<(), ReadError> {
        if found.repeated > self.most_elements() {
            return Err(self.too_many_elements(place.clone()));
        }
        let limit = (self.limits.history_bytes / BYTES_OF_MESSAGE).max(FEW_ELEMENTS);
        match found.messages > limit {
            false => Ok(()),
            true => Err(ReadError::TooLarge {
                place: place.clone(),
                limit,
                unit: "messages within messages",
                setting: "history_bytes",
            }),
        }
    }

    /// Fails if a history has too many events.
    pub(crate) fn check_events(&self, place: &Place, events: usize) -> Result<(), ReadError> {
        match events > self.limits.history_events {
            false => Ok(()),
            true => Err(ReadError::TooLarge {
                place: place.clone(),
                limit: self.limits.history_events as u64,
                unit: "events",
                setting: "history_events",
            }),
        }
    }
}
