//! Which objects and arrays of a text are histories, and which are events.

use durably_protos::temporal::api::history::v1::{History, HistoryEvent};
use durably_protos::{JsonError, JsonErrorKind, JsonReader, ReadJson};

use super::window::Window;
use crate::error::MOST_NAMED;
use crate::input::Input;
use crate::{Place, ReadError, RecordedHistory};

/// How deep arrays and objects may lie around a history.
const DEEPEST: usize = 16;

/// How much of a name an error has.
const LONGEST_NAME: usize = 80;

/// The histories of a text, which may be a history, an array of them, or one after the other; and
/// in place of a history its events.
pub(crate) struct JsonHistories<'a> {
    window: Window<'a>,
    place: Place,
    /// The arrays and objects around the next history.
    around: Vec<Around>,
    /// The history of events that stand alone, as far as it was read.
    events: Vec<HistoryEvent>,
    last_event_id: i64,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Around {
    Array,
    Object,
}

/// What an object says of a history besides its events.
#[derive(Default)]
struct Found {
    /// The first of them, and one more.
    fields: Vec<String>,
    has_events: bool,
    workflow_id: String,
    run_id: String,
    events: Vec<HistoryEvent>,
}

impl<'a> JsonHistories<'a> {
    pub(crate) fn new(input: Input<'a>) -> Self {
        Self {
            place: Place::named(input.name.clone()),
            window: Window::new(input),
            around: Vec::new(),
            events: Vec::new(),
            last_event_id: 0,
        }
    }

    pub(crate) fn next(&mut self) -> Result<Option<RecordedHistory>, ReadError> {
        if self.events.is_empty() {
            self.begin();
        }
        loop {
            let next = self.window.peek(&self.place)?;
            match (next, self.around.last()) {
                (None, None) => return Ok(self.finish_events()),
                (Some(b','), Some(_)) => self.window.pass(),
                (Some(b']'), Some(Around::Array)) | (Some(b'}'), Some(Around::Object)) => {
                    self.window.pass();
                    self.around.pop();
                    if let Some(recorded) = self.finish_events() {
                        return Ok(Some(recorded));
                    }
                }
                (Some(b'"'), Some(Around::Object)) => {
                    self.name()?;
                    let skipped = self.window.value(&self.place, skip)?;
                    skipped.map_err(|error| self.error(error, None))?;
                }
                (Some(b'['), None | Some(Around::Array)) => self.enter(Around::Array)?,
                (Some(b'{'), None | Some(Around::Array)) => {
                    if let Some(recorded) = self.object()? {
                        return Ok(Some(recorded));
                    }
                }
                _ => return Err(self.unexpected("a history or an event")),
            }
        }
    }

    fn enter(&mut self, around: Around) -> Result<(), ReadError> {
        if self.around.len() == DEEPEST {
            let limit = DEEPEST as u32;
            return Err(self.problem(JsonErrorKind::TooDeep { limit }));
        }
        self.window.pass();
        self.around.push(around);
        Ok(())
    }

    /// A history begins at the next value.
    fn begin(&mut self) {
        self.window.begin_history();
        self.place.line = self.window.line();
        self.last_event_id = 0;
    }

    /// The history of the events so far, if there are any.
    fn finish_events(&mut self) -> Option<RecordedHistory> {
        if self.events.is_empty() {
            return None;
        }
        let events = std::mem::take(&mut self.events);
        Some(self.recorded(events))
    }

    fn recorded(&mut self, mut events: Vec<HistoryEvent>) -> RecordedHistory {
        events.shrink_to_fit();
        let recorded = RecordedHistory::new(self.place.clone(), History { events });
        self.place.number += 1;
        self.begin();
        recorded
    }

    /// An object that is a history, an event or what holds histories. Gives a history if one is
    /// complete.
    fn object(&mut self) -> Result<Option<RecordedHistory>, ReadError> {
        if self.events.is_empty() {
            self.begin();
        }
        self.window.set_mark();
        self.window.pass();
        if let Some(b'"') = self.window.peek(&self.place)? {
            let name = self.name()?;
            self.window.go_back();
            if is_event_field(&name) {
                return self.lone_event();
            }
        }
        self.window.go_back();
        // A history ends the events before it, which stand alone.
        if let Some(recorded) = self.finish_events() {
            return Ok(Some(recorded));
        }
        let line = self.window.line();
        let mut found = Found::default();
        if self.members(&mut found, 0)? {
            return Ok(None);
        }
        if !found.has_events {
            return Err(ReadError::NoEvents {
                place: self.place.clone(),
                line,
                fields: found.fields,
            });
        }
        let recorded = self.recorded(found.events);
        Ok(Some(recorded.of_execution(found.workflow_id, found.run_id)))
    }

    /// An event outside of a history. The first event of another history ends the one before.
    fn lone_event(&mut self) -> Result<Option<RecordedHistory>, ReadError> {
        let event = self.event()?;
        let mut complete = None;
        if event.event_id == 1 && !self.events.is_empty() {
            complete = self.finish_events();
        }
        self.last_event_id = event.event_id;
        self.events.push(event);
        self.window
            .input
            .check_events(&self.place, self.events.len())?;
        Ok(complete)
    }

    /// Goes through the members of a history. True if it is not one, but holds several.
    fn members(&mut self, found: &mut Found, depth: usize) -> Result<bool, ReadError> {
        self.window.pass();
        let mut separated = true;
        loop {
            match self.window.peek(&self.place)? {
                Some(b'}') => {
                    self.window.pass();
                    return Ok(false);
                }
                Some(b',') if !separated => {
                    self.window.pass();
                    separated = true;
                }
                Some(b'"') if separated => {
                    separated = false;
                    let name = self.name()?;
                    let next = self.window.peek(&self.place)?;
                    match (name.as_str(), next) {
                        ("events", Some(b'[')) => self.events_of(found)?,
                        ("history", Some(b'{')) if depth < DEEPEST => {
                            if self.members(found, depth + 1)? {
                                return Ok(true);
                            }
                        }
                        ("items" | "histories", Some(b'[')) if !found.has_events && depth == 0 => {
                            self.around.push(Around::Object);
                            self.enter(Around::Array)?;
                            return Ok(true);
                        }
                        _ => self.other_member(found, &name)?,
                    }
                    if found.fields.len() <= MOST_NAMED {
                        found.fields.push(name.chars().take(LONGEST_NAME).collect());
                    }
                }
                _ => return Err(self.unexpected("a field, `,` or `}`")),
            }
        }
    }

    fn events_of(&mut self, found: &mut Found) -> Result<(), ReadError> {
        found.has_events = true;
        self.window.pass();
        let mut separated = true;
        loop {
            match self.window.peek(&self.place)? {
                Some(b']') => {
                    self.window.pass();
                    return Ok(());
                }
                Some(b',') if !separated => {
                    self.window.pass();
                    separated = true;
                }
                Some(b'{') if separated => {
                    separated = false;
                    let event = self.event()?;
                    self.last_event_id = event.event_id;
                    found.events.push(event);
                    self.window
                        .input
                        .check_events(&self.place, found.events.len())?;
                }
                _ => return Err(self.unexpected("an event, `,` or `]`")),
            }
        }
    }

    /// A member that says which execution it is, or that there is more.
    fn other_member(&mut self, found: &mut Found, name: &str) -> Result<(), ReadError> {
        let mut texts = Vec::new();
        let is_set = self.window.value(&self.place, |json| {
            texts.clear();
            text_members(json, name, &mut texts)
        })?;
        let is_set = is_set.map_err(|error| self.error(error.within(name), None))?;
        let place = || self.place.clone();
        match name {
            "nextPageToken" | "next_page_token" if is_set => {
                return Err(ReadError::OnePage { place: place() });
            }
            "rawHistory" | "raw_history" if is_set => {
                return Err(ReadError::RawHistory { place: place() });
            }
            _ => {}
        }
        for (field, text) in texts {
            match field.as_str() {
                "workflowId" | "workflow_id" => found.workflow_id = text,
                "runId" | "run_id" => found.run_id = text,
                _ => {}
            }
        }
        Ok(())
    }

    fn event(&mut self) -> Result<HistoryEvent, ReadError> {
        let mut event = HistoryEvent::default();
        let read = self.window.value(&self.place, |json| {
            event = HistoryEvent::default();
            event.read_json(json)?;
            Ok(json.unknown_event_type())
        })?;
        let unknown = match read {
            Ok(unknown) => unknown,
            Err(error) => {
                let id = self.event_id()?;
                return Err(self.error(error, id));
            }
        };
        if event.event_id == 0 {
            return Err(ReadError::NoEventId {
                place: self.place.clone(),
                after_event_id: self.last_event_id,
            });
        }
        match unknown {
            Some(event_type) if !event.worker_may_ignore => Err(ReadError::UnknownEvent {
                place: self.place.clone(),
                event_id: event.event_id,
                event_type,
            }),
            _ => Ok(event),
        }
    }

    /// The id of the event at which the window stands, which cannot be read as a whole.
    fn event_id(&mut self) -> Result<Option<i64>, ReadError> {
        let mut id = 0_i64;
        let read = self.window.value(&self.place, |json| {
            json.members(|name, json| match name {
                "eventId" | "event_id" => id.read_json(json),
                _ => json.skip(),
            })
        })?;
        // The text may be damaged behind the id.
        drop(read);
        Ok(Some(id).filter(|id| *id != 0))
    }

    /// The name of a member, and the `:` behind it.
    fn name(&mut self) -> Result<String, ReadError> {
        let name = self.window.value(&self.place, |json| {
            let name = json.string("the name of a field in quotes")?;
            json.peek()?;
            Ok(name.into_owned())
        })?;
        let name = name.map_err(|error| self.error(error, None))?;
        match self.window.peek(&self.place)? {
            Some(b':') => self.window.pass(),
            _ => return Err(self.unexpected("`:`")),
        }
        Ok(name)
    }

    fn unexpected(&mut self, expected: &'static str) -> ReadError {
        let problem = self.window.unexpected(expected);
        self.problem(problem)
    }

    fn problem(&mut self, problem: JsonErrorKind) -> ReadError {
        ReadError::Json {
            place: self.place.clone(),
            line: self.window.line(),
            event_id: Some(self.last_event_id).filter(|id| *id != 0),
            field: String::new(),
            problem: Box::new(problem),
        }
    }

    fn error(&self, error: JsonError, event_id: Option<i64>) -> ReadError {
        ReadError::Json {
            place: self.place.clone(),
            line: self.window.line_at(error.offset()),
            event_id,
            field: error.path(),
            problem: Box::new(error.kind().clone()),
        }
    }
}

/// Passes over a value.
fn skip(json: &mut JsonReader<'_>) -> Result<(), JsonError> {
    json.skip()
}

/// Whether an object that begins with this field is an event.
fn is_event_field(name: &str) -> bool {
    matches!(
        name,
        "eventId"
            | "event_id"
            | "eventTime"
            | "event_time"
            | "eventType"
            | "event_type"
            | "taskId"
            | "task_id"
            | "version"
            | "workerMayIgnore"
            | "userMetadata"
            | "links"
    ) || name.ends_with("EventAttributes")
        || name.ends_with("_event_attributes")
}

/// The texts in a value, by name: of an object its members, of a text itself. True if there is
/// anything in the value.
fn text_members(
    json: &mut JsonReader<'_>,
    name: &str,
    texts: &mut Vec<(String, String)>,
) -> Result<bool, JsonError> {
    match json.peek()? {
        b'"' => {
            let text = json.string("text")?;
            let is_set = !text.is_empty();
            texts.push((name.to_owned(), text.into_owned()));
            Ok(is_set)
        }
        b'{' => {
            let mut is_set = false;
            json.members(|name, json| {
                is_set = true;
                match json.peek()? {
                    b'"' => {
                        let text = json.string("text")?.into_owned();
                        texts.push((name.to_owned(), text));
                        Ok(())
                    }
                    _ => json.skip(),
                }
            })?;
            Ok(is_set)
        }
        b'[' => {
            let mut is_set = false;
            json.elements(|_, json| {
                is_set = true;
                json.skip()
            })?;
            Ok(is_set)
        }
        _ => json.skip().map(|()| false),
    }
}
