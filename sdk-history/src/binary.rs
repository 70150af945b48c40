//! Histories in protobuf's binary form, read event by event.

use bytes::Bytes;
use durably_protos::temporal::api::export::v1::WorkflowExecution;
use durably_protos::temporal::api::history::v1::{History, HistoryEvent};
use durably_protos::temporal::api::workflowservice::v1::GetWorkflowExecutionHistoryResponse;
use prost::Message;

use crate::form::Form;
use crate::input::Input;
use crate::wire::{Elements, count_events};
use crate::{Place, ReadError, RecordedHistory};

/// How much is asked for at a time: a length in a damaged file may be anything.
/// Fuzzing looks at what happens where parts meet.
const CHUNK: usize = if cfg!(fuzzing) { 64 } else { 64 << 10 };

pub(crate) struct BinaryHistories<'a> {
    input: Input<'a>,
    place: Place,
    /// What was read and not yet used.
    buffer: Vec<u8>,
    used: usize,
    /// The bytes of this history so far.
    taken: u64,
    /// What it holds so far.
    elements: Elements,
    last_event_id: Option<i64>,
    finished: bool,
}

impl<'a> BinaryHistories<'a> {
    pub(crate) fn new(input: Input<'a>) -> Self {
        Self {
            place: Place::named(input.name.clone()),
            input,
            buffer: Vec::new(),
            used: 0,
            taken: 0,
            elements: Elements::default(),
            last_event_id: None,
            finished: false,
        }
    }

    pub(crate) fn next(&mut self) -> Result<Option<RecordedHistory>, ReadError> {
        if self.finished {
            return Ok(None);
        }
        match self.input.form {
            Form::Export => self.exported(),
            Form::Response => self.response().map(Some),
            _ => self.history().map(Some),
        }
    }

    /// A `History` that is the whole input.
    fn history(&mut self) -> Result<RecordedHistory, ReadError> {
        let mut history = History::default();
        while let Some(message) = self.message_of_field_1()? {
            let event = self.decode::<HistoryEvent>(message)?;
            if event.event_id == 0 {
                return Err(ReadError::NoEventId {
                    place: self.place.clone(),
                    after_event_id: self.last_event_id.unwrap_or_default(),
                });
            }
            self.last_event_id = Some(event.event_id);
            history.events.push(event);
            self.input.check_events(&self.place, history.events.len())?;
        }
        self.finished = true;
        history.events.shrink_to_fit();
        Ok(RecordedHistory::new(self.place.clone(), history))
    }

    /// An answer of the server that is the whole input.
    fn response(&mut self) -> Result<RecordedHistory, ReadError> {
        let mut content = Vec::new();
        while self.fill(1)? {
            self.count(self.buffer.len() as u64)?;
            content.append(&mut self.buffer);
        }
        self.finished = true;
        self.input
            .check_events(&self.place, count_events(&content))?;
        let response = self.decode::<GetWorkflowExecutionHistoryResponse>(content)?;
        if !response.next_page_token.is_empty() {
            return Err(ReadError::OnePage {
                place: self.place.clone(),
            });
        }
        let history = response.history.unwrap_or_default();
        Ok(RecordedHistory::new(self.place.clone(), history))
    }

    /// The next history of an export.
    fn exported(&mut self) -> Result<Option<RecordedHistory>, ReadError> {
        self.taken = 0;
        self.elements = Elements::default();
        let Some(message) = self.message_of_field_1()? else {
            self.finished = true;
            return Ok(None);
        };
        self.input
            .check_events(&self.place, count_events(&message))?;
        let history = self.decode::<WorkflowExecution>(message)?.history;
        let history = history.unwrap_or_default();
        let recorded = RecordedHistory::new(self.place.clone(), history);
        self.place.number += 1;
        Ok(Some(recorded))
    }

    fn decode<M: Message + Default>(&mut self, message: Vec<u8>) -> Result<M, ReadError> {
        self.elements.add(Elements::of(&message));
        self.input.check_elements(&self.place, self.elements)?;
        // Payloads share these bytes.
        M::decode(Bytes::from(message)).map_err(|error| self.error(error.to_string()))
    }

    /// The bytes of the next field 1; other fields are passed over.
    fn message_of_field_1(&mut self) -> Result<Option<Vec<u8>>, ReadError> {
        loop {
            if !self.fill(1)? {
                return Ok(None);
            }
            let tag = self.varint()?;
            match (tag >> 3, tag & 7) {
                (0, _) => {
                    return Err(
                        self.error("no protobuf message: a field has the number 0".to_owned())
                    );
                }
                (1, 2) => {
                    let length = self.varint()?;
                    return self.take(length).map(Some);
                }
                (_, 0) => drop(self.varint()?),
                (_, 1) => drop(self.take(8)?),
                (_, 2) => {
                    let length = self.varint()?;
                    self.take(length)?;
                }
                (_, 5) => drop(self.take(4)?),
                (field, wire) => {
                    return Err(self.error(format!(
                        "no protobuf message: field {field} has the wire type {wire}"
                    )));
                }
            }
        }
    }

    fn varint(&mut self) -> Result<u64, ReadError> {
        let mut value = 0;
        for shift in (0..64).step_by(7) {
            let [byte] = self.take(1)?[..] else {
                break;
            };
            value |= u64::from(byte & 0x7f) << shift;
            if byte & 0x80 == 0 {
                return Ok(value);
            }
        }
        Err(self.error("no protobuf message: a number has more than ten bytes".to_owned()))
    }

    /// The next bytes.
    fn take(&mut self, length: u64) -> Result<Vec<u8>, ReadError> {
        self.count(length)?;
        let length = usize::try_from(length).map_err(|_| self.cut_off())?;
        if !self.fill(length)? {
            return Err(self.cut_off());
        }
        let end = self.used + length;
        let taken = self.buffer[self.used..end].to_vec();
        self.used = end;
        Ok(taken)
    }

    /// Counts bytes of this history.
    fn count(&mut self, bytes: u64) -> Result<(), ReadError> {
        self.taken = self.taken.saturating_add(bytes);
        match self.taken > self.input.limits.history_bytes {
            true => Err(self.input.too_many_bytes(self.place.clone())),
            false => Ok(()),
        }
    }

    /// Reads until so many bytes are there; false if the input ends before.
    fn fill(&mut self, length: usize) -> Result<bool, ReadError> {
        if self.buffer.len() - self.used >= length {
            return Ok(true);
        }
        self.buffer.drain(..self.used);
        self.used = 0;
        while self.buffer.len() < length {
            if self.input.read(&mut self.buffer, CHUNK)? == 0 {
                return Ok(false);
            }
        }
        Ok(true)
    }

    fn cut_off(&self) -> ReadError {
        self.error("the file ends within an event".to_owned())
    }

    fn error(&self, problem: String) -> ReadError {
        ReadError::Binary {
            place: self.place.clone(),
            after_event_id: self.last_event_id,
            problem,
        }
    }
}
