//! Histories as JSON, in the form of the `temporal` command.

use std::io::{self, Write};

use durably_protos::temporal::api::history::v1::{History, HistoryEvent};
use serde::Serialize;
use serde_json::Serializer;
use serde_json::ser::{Formatter, PrettyFormatter};

/// Writes a history as `temporal workflow show --output json` prints it.
///
/// # Errors
/// Writing fails, or a time in the history is out of the range that its text form has.
pub fn write_json(history: &History, output: impl Write) -> io::Result<()> {
    let mut output = output;
    let mut serializer = Serializer::with_formatter(&mut output, CommandFormat::default());
    let events = &history.events;
    Written { events }.serialize(&mut serializer)?;
    output.write_all(b"\n")
}

/// A history as text, as `temporal workflow show --output json` prints it.
///
/// # Errors
/// A time in the history is out of the range that its text form has.
pub fn to_json(history: &History) -> io::Result<String> {
    let mut text = Vec::new();
    write_json(history, &mut text)?;
    String::from_utf8(text).map_err(io::Error::other)
}

/// A history whose events are named even if there are none: `{}` is not known for a history.
#[derive(Serialize)]
struct Written<'a> {
    events: &'a [HistoryEvent],
}

/// Two spaces of indentation, and floating-point numbers without a fraction as Go writes them: `2`.
#[derive(Default)]
struct CommandFormat(PrettyFormatter<'static>);

impl Formatter for CommandFormat {
    fn write_f64<W: ?Sized + Write>(&mut self, writer: &mut W, value: f64) -> io::Result<()> {
        write!(writer, "{value}")
    }

    fn write_f32<W: ?Sized + Write>(&mut self, writer: &mut W, value: f32) -> io::Result<()> {
        write!(writer, "{value}")
    }

    fn begin_array<W: ?Sized + Write>(&mut self, writer: &mut W) -> io::Result<()> {
        self.0.begin_array(writer)
    }

    fn end_array<W: ?Sized + Write>(&mut self, writer: &mut W) -> io::Result<()> {
        self.0.end_array(writer)
    }

    fn begin_array_value<W: ?Sized + Write>(
        &mut self,
        writer: &mut W,
        first: bool,
    ) -> io::Result<()> {
        self.0.begin_array_value(writer, first)
    }

    fn end_array_value<W: ?Sized + Write>(&mut self, writer: &mut W) -> io::Result<()> {
        self.0.end_array_value(writer)
    }

    fn begin_object<W: ?Sized + Write>(&mut self, writer: &mut W) -> io::Result<()> {
        self.0.begin_object(writer)
    }

    fn end_object<W: ?Sized + Write>(&mut self, writer: &mut W) -> io::Result<()> {
        self.0.end_object(writer)
    }

    fn begin_object_key<W: ?Sized + Write>(
        &mut self,
        writer: &mut W,
        first: bool,
    ) -> io::Result<()> {
        self.0.begin_object_key(writer, first)
    }

    fn begin_object_value<W: ?Sized + Write>(&mut self, writer: &mut W) -> io::Result<()> {
        self.0.begin_object_value(writer)
    }

    fn end_object_value<W: ?Sized + Write>(&mut self, writer: &mut W) -> io::Result<()> {
        self.0.end_object_value(writer)
    }
}
