//! Reading the messages of a history from JSON text, at the speed that large histories need.
//!
//! The `serde::Deserialize` implementations of this crate read from any serde format; this reads
//! text alone, several times faster, and more forms of it: what the `temporal` command, the web
//! UI and other SDKs have written in the course of time.
//!
//! * Names of fields in `lowerCamelCase` and `snake_case`; the last of equal names counts.
//! * Enums as `EVENT_TYPE_TIMER_STARTED`, as `TimerStarted` and as numbers; an unknown name is the
//!   enum's zero, see [`JsonReader::unknown_event_type`].
//! * Integers as numbers and as text; `null` as the default of every field.
//! * Timestamps and durations as text, and as objects of `seconds` and `nanos`.
//! * Payloads in protobuf's form, in the shorthand of Temporal's HTTP API (the value itself), and
//!   in the decoded form of the web UI's download.

mod enumeration;
mod error;
mod payload;
mod reader;
mod scalar;
mod text;
mod time;
mod value;

pub use error::{JsonError, JsonErrorKind};
pub use reader::JsonReader;

/// A message or a field that can be read from JSON text.
///
/// Implemented for `History` and all that it holds.
pub trait ReadJson: Default {
    /// Reads the value at which the reader stands into `self`, which is a default value.
    ///
    /// # Errors
    /// The text is not JSON, ends early, or holds what the field cannot.
    fn read_json(&mut self, json: &mut JsonReader<'_>) -> Result<(), JsonError>;
}
