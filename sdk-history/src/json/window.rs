//! The part of the text that is in memory.

use durably_protos::{JsonError, JsonErrorKind, JsonReader};

use crate::form::UTF8_MARK;
use crate::input::Input;
use crate::{Place, ReadError};

/// How much text is asked for at a time.
/// Fuzzing looks at what happens where parts meet.
const CHUNK: usize = if cfg!(fuzzing) { 64 } else { 128 << 10 };

/// Text that is read in parts: what is behind is forgotten, what is too short is added to.
pub(super) struct Window<'a> {
    pub(super) input: Input<'a>,
    text: String,
    /// The next byte to read.
    at: usize,
    /// What is kept besides: a place to go back to.
    mark: Option<usize>,
    /// Bytes and lines before `text`.
    bytes_before: u64,
    lines_before: usize,
    /// A byte of `text`, and the lines before it.
    counted: (usize, usize),
    /// The byte of the whole text at which the current history begins.
    history_begins: u64,
    /// How many more elements of arrays and maps the current history may have.
    elements_left: u64,
    /// The first bytes of a character whose others were not read yet.
    cut: Vec<u8>,
    ended: bool,
    /// Whether the text began with a mark of UTF-8, which is left out.
    has_mark: bool,
}

impl<'a> Window<'a> {
    pub(super) fn new(input: Input<'a>) -> Self {
        Self {
            elements_left: input.most_elements(),
            input,
            text: String::new(),
            at: 0,
            mark: None,
            bytes_before: 0,
            lines_before: 0,
            counted: (0, 0),
            history_begins: 0,
            cut: Vec::new(),
            ended: false,
            has_mark: false,
        }
    }

    /// Reads a value: again from its beginning, with more text, while it is not complete.
    pub(super) fn value<T>(
        &mut self,
        place: &Place,
        mut read: impl FnMut(&mut JsonReader<'_>) -> Result<T, JsonError>,
    ) -> Result<Result<T, JsonError>, ReadError> {
        loop {
            let mut json = JsonReader::at(&self.text, self.at).with_elements(self.elements_left);
            json.skip_whitespace();
            match read(&mut json) {
                Ok(value) => {
                    self.at = json.offset();
                    self.elements_left = json.elements_left();
                    return Ok(Ok(value));
                }
                Err(error) if error.is_incomplete() && self.fill(place)? => {}
                Err(error) if matches!(error.kind(), JsonErrorKind::TooMany) => {
                    return Err(self.input.too_many_elements(place.clone()));
                }
                Err(error) => return Ok(Err(error)),
            }
        }
    }

    /// The next byte that is not white space; none at the end of the text.
    pub(super) fn peek(&mut self, place: &Place) -> Result<Option<u8>, ReadError> {
        loop {
            let mut json = JsonReader::at(&self.text, self.at);
            json.skip_whitespace();
            self.at = json.offset();
            if let Some(byte) = self.text.as_bytes().get(self.at) {
                return Ok(Some(*byte));
            }
            if !self.fill(place)? {
                return Ok(None);
            }
        }
    }

    /// Passes the byte that was peeked.
    pub(super) fn pass(&mut self) {
        self.at += 1;
    }

    /// Keeps this place, to go back to it.
    pub(super) fn set_mark(&mut self) {
        self.mark = Some(self.at);
    }

    /// Goes back to the place that was kept, and forgets it.
    pub(super) fn go_back(&mut self) {
        if let Some(mark) = self.mark.take() {
            self.at = mark;
        }
    }

    /// From here on, bytes count for another history.
    pub(super) fn begin_history(&mut self) {
        self.history_begins = self.bytes_before + self.at as u64;
        self.elements_left = self.input.most_elements();
    }

    /// The line of the next byte, from 1.
    pub(super) fn line(&mut self) -> usize {
        let (counted, lines_before) = self.counted;
        if self.at >= counted {
            self.counted = (self.at, lines_before + lines(&self.text[counted..self.at]));
        }
        1 + self.lines_before + self.counted.1
    }

    /// The line of a byte of the window, from 1.
    pub(super) fn line_at(&self, offset: usize) -> usize {
        1 + self.lines_before + lines(&self.text[..floor_char(&self.text, offset)])
    }

    /// The error of a text that goes on in another way than it must.
    pub(super) fn unexpected(&self, expected: &'static str) -> JsonErrorKind {
        match self.text[self.at..].chars().next() {
            Some(_) => JsonErrorKind::Syntax {
                expected,
                found: self.text[self.at..].chars().take(20).collect(),
            },
            None => JsonErrorKind::Incomplete,
        }
    }

    /// Adds text to the window; false at the end.
    fn fill(&mut self, place: &Place) -> Result<bool, ReadError> {
        self.forget();
        if self.ended {
            return Ok(false);
        }
        let end = self.bytes_before + self.text.len() as u64;
        if end.saturating_sub(self.history_begins) > self.input.limits.history_bytes {
            return Err(self.input.too_many_bytes(place.clone()));
        }
        // As much again as there is: the work for a value of any length stays in proportion.
        let wanted = CHUNK.max(self.text.len());
        // What is left of the text, and what of a character was read: checked once more with the rest.
        let mut bytes = std::mem::take(&mut self.text).into_bytes();
        bytes.append(&mut self.cut);
        bytes.reserve(wanted);
        // Nobody reads on after an error.
        let count = self.input.read(&mut bytes, wanted)?;
        self.ended = count < wanted;
        let is_first = self.bytes_before == 0 && end == 0;
        if is_first && bytes.starts_with(&UTF8_MARK) {
            bytes.drain(..UTF8_MARK.len());
            self.has_mark = true;
        }
        self.text = self.checked(bytes)?;
        Ok(self.bytes_before + self.text.len() as u64 > end)
    }

    /// The bytes as text, but for the first bytes of a character that is cut.
    fn checked(&mut self, bytes: Vec<u8>) -> Result<String, ReadError> {
        let error = match String::from_utf8(bytes) {
            Ok(text) => return Ok(text),
            Err(error) => error,
        };
        let valid = error.utf8_error().valid_up_to();
        let mark = if self.has_mark { UTF8_MARK.len() } else { 0 };
        let is_cut = error.utf8_error().error_len().is_none();
        let mut bytes = error.into_bytes();
        self.cut = bytes.split_off(valid);
        match String::from_utf8(bytes) {
            Ok(text) if is_cut && !self.ended => Ok(text),
            _ => Err(ReadError::NotUtf8 {
                input: self.input.name.clone(),
                offset: self.bytes_before + (mark + valid) as u64,
            }),
        }
    }

    /// Drops what nobody goes back to.
    fn forget(&mut self) {
        let end = self.mark.unwrap_or(self.at).min(self.at);
        self.lines_before += lines(&self.text[..end]);
        self.bytes_before += end as u64;
        self.counted = (0, 0);
        self.text.drain(..end);
        self.at -= end;
        self.mark = self.mark.map(|mark| mark - end);
    }
}

/// Counted in bytes, no more at a time than a byte can count: that is done 16 at once.
fn lines(text: &str) -> usize {
    let of_chunk = |chunk: &[u8]| {
        let ends = chunk.iter().map(|byte| u8::from(*byte == b'\n'));
        usize::from(ends.sum::<u8>())
    };
    text.as_bytes().chunks(128).map(of_chunk).sum()
}

/// The last place up to `offset` at which a character begins.
fn floor_char(text: &str, offset: usize) -> usize {
    let offset = offset.min(text.len());
    (0..=offset)
        .rev()
        .find(|place| text.is_char_boundary(*place))
        .unwrap_or(0)
}
