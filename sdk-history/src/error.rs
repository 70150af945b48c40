//! Why a history cannot be read.

use durably_protos::JsonErrorKind;

use crate::Place;

/// A history cannot be read.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ReadError {
    /// The file cannot be opened or read.
    #[error("{input}: {error}")]
    Io {
        /// The file.
        input: String,
        /// What the operating system says.
        error: std::io::Error,
    },
    /// The file is in gzip, but damaged.
    #[error("{input}: damaged gzip ({problem}): the file was cut off or changed, get it again")]
    Gzip {
        /// The file.
        input: String,
        /// What is wrong with it.
        problem: String,
    },
    /// The file has nothing in it.
    #[error("{input} is empty: a history has one event at least")]
    Empty {
        /// The file.
        input: String,
    },
    /// The content is of no known form.
    #[error(
        "{input} is no history: it begins with `{begins}`; what is read is JSON as `temporal workflow show --output json` prints it, and binary `temporal.api.history.v1.History`, both also in gzip"
    )]
    Unrecognized {
        /// The file.
        input: String,
        /// Its first bytes.
        begins: String,
    },
    /// The text is in UTF-16, as some Windows shells write it.
    #[error(
        "{input} is text in UTF-16; write it as UTF-8: in PowerShell `temporal workflow show .. | Out-File -Encoding utf8 FILE`"
    )]
    Utf16 {
        /// The file.
        input: String,
    },
    /// The text is not in UTF-8.
    #[error("{input}: the text is not UTF-8 at byte {offset}: the file is damaged, get it again")]
    NotUtf8 {
        /// The file.
        input: String,
        /// The byte at which it is noticed, from 0.
        offset: u64,
    },
    /// The file, or a history in it, is larger than [`ReadLimits`](crate::ReadLimits) allow.
    #[error(
        "{place}: it has more than {limit} {unit}, which is the limit; set another by `ReadLimits::{setting}` if the file is to be trusted"
    )]
    TooLarge {
        /// The history.
        place: Place,
        /// The limit that is exceeded.
        limit: u64,
        /// What the limit counts.
        unit: &'static str,
        /// The name of the limit.
        setting: &'static str,
    },
    /// The text is not JSON, or a field holds what it cannot.
    #[error("{place}, line {line}{}: {problem}", in_event(*.event_id, field))]
    Json {
        /// The history.
        place: Place,
        /// The line, from 1.
        line: usize,
        /// The event, if it is in one whose id can be read.
        event_id: Option<i64>,
        /// The field, as named in the file:
        /// `activityTaskFailedEventAttributes.failure.cause`; empty outside of fields.
        field: String,
        /// What is wrong.
        problem: Box<JsonErrorKind>,
    },
    /// The bytes are not a message of protobuf.
    #[error("{place}{}: {problem}; the file is damaged, get it again", after_event(*.after_event_id))]
    Binary {
        /// The history.
        place: Place,
        /// The last event that could be read.
        after_event_id: Option<i64>,
        /// What is wrong, with the names of message and field.
        problem: String,
    },
    /// An event has no id.
    #[error(
        "{place}: the event after event {after_event_id} has no eventId: it is no event, or the file was changed"
    )]
    NoEventId {
        /// The history.
        place: Place,
        /// The last event that has one; 0 for none.
        after_event_id: i64,
    },
    /// An event of a type unknown to this version, which must not be skipped.
    #[error(
        "{place}: event {event_id} has the type {event_type}, which this version of durably does not know, and may not be ignored; upgrade durably"
    )]
    UnknownEvent {
        /// The history.
        place: Place,
        /// The event.
        event_id: i64,
        /// Its type, as named in the file.
        event_type: String,
    },
    /// A JSON object that is no history and no event.
    #[error(
        "{place}, line {line}: an object without `events` ({}); a history is {{\"events\":[..]}}",
        members(fields)
    )]
    NoEvents {
        /// The history.
        place: Place,
        /// The line on which the object begins, from 1.
        line: usize,
        /// The fields that it has; the first ones if there are many.
        fields: Vec<String>,
    },
    /// The history is only a page of one: the server had more.
    #[error(
        "{place}: this is one page of a history (`nextPageToken` is set); fetch all pages, as `temporal workflow show --output json` does"
    )]
    OnePage {
        /// The history.
        place: Place,
    },
    /// The events are in the form in which a server stores them.
    #[error(
        "{place}: the events are in `rawHistory`, as the server stores them; fetch the history by `temporal workflow show --output json`"
    )]
    RawHistory {
        /// The history.
        place: Place,
    },
    /// One history was asked for.
    #[error("{input} holds more than one history; read them with `HistoryReader`")]
    NotOne {
        /// The file.
        input: String,
    },
}

fn in_event(event_id: Option<i64>, field: &str) -> String {
    let event = event_id.map_or_else(String::new, |id| format!(", event {id}"));
    match field {
        "" => event,
        field => format!("{event}, field {field}"),
    }
}

fn after_event(event_id: Option<i64>) -> String {
    event_id.map_or_else(String::new, |id| format!(", after event {id}"))
}

/// How many fields an error names.
pub(crate) const MOST_NAMED: usize = 12;

fn members(fields: &[String]) -> String {
    match fields.is_empty() {
        true => "it has no fields".to_owned(),
        false if fields.len() > MOST_NAMED => {
            format!("it has {} and more", fields[..MOST_NAMED].join(", "))
        }
        false => format!("it has {}", fields.join(", ")),
    }
}
