//! The differences as text, and as JSON.

use std::io::{self, Write};

use serde_json::{Value, json};

use super::super::redact::decode;
use super::align::Pair;
use super::compare::Difference;
use super::key::Event;
use crate::terminal_text;

/// How much of a value is shown.
const LONGEST_VALUE: usize = 200;

/// What was found at a step through both histories.
#[derive(Debug)]
pub(super) struct Step {
    pub(super) pair: Pair,
    /// Of an event that both have.
    pub(super) differences: Vec<Difference>,
}

impl Step {
    pub(super) fn is_difference(&self) -> bool {
        !matches!(self.pair, Pair::Both(..)) || !self.differences.is_empty()
    }
}

/// Two histories with all that was found.
pub(super) struct Compared {
    pub(super) left: Vec<Event>,
    pub(super) right: Vec<Event>,
    pub(super) steps: Vec<Step>,
}

impl Compared {
    /// How many events are in the left one only, in the right one only, and differ.
    pub(super) fn counts(&self) -> (usize, usize, usize) {
        let mut counts = (0, 0, 0);
        for step in self.steps.iter().filter(|step| step.is_difference()) {
            match step.pair {
                Pair::Left(_) => counts.0 += 1,
                Pair::Right(_) => counts.1 += 1,
                Pair::Both(..) => counts.2 += 1,
            }
        }
        counts
    }

    /// Lines with `-` are of the left history, those with `+` of the right one; `~` are events of both
    /// that differ. Events that are equal are shown `context` lines around differences.
    pub(super) fn write_text(&self, context: usize, mut output: impl Write) -> io::Result<()> {
        let shown = self.shown(context);
        let mut hidden = 0;
        for (step, is_shown) in self.steps.iter().zip(shown) {
            if !is_shown {
                hidden += 1;
                continue;
            }
            write_hidden(&mut hidden, &mut output)?;
            match step.pair {
                Pair::Both(a, b) => {
                    let (left, right) = (&self.left[a], &self.right[b]);
                    let mark = if step.differences.is_empty() {
                        ' '
                    } else {
                        '~'
                    };
                    let key = terminal_text::line(&left.key);
                    writeln!(
                        output,
                        "{mark} {:>5} {:>5}  {key}",
                        left.event_id, right.event_id
                    )?;
                    for difference in &step.differences {
                        write_difference(difference, &mut output)?;
                    }
                }
                Pair::Left(at) => {
                    let Event { event_id, key, .. } = &self.left[at];
                    writeln!(
                        output,
                        "- {event_id:>5}        {}",
                        terminal_text::line(key)
                    )?;
                }
                Pair::Right(at) => {
                    let Event { event_id, key, .. } = &self.right[at];
                    writeln!(
                        output,
                        "+       {event_id:>5}  {}",
                        terminal_text::line(key)
                    )?;
                }
            }
        }
        write_hidden(&mut hidden, &mut output)
    }

    /// For each step whether it is a difference or near one.
    fn shown(&self, context: usize) -> Vec<bool> {
        let mut shown = vec![false; self.steps.len()];
        let differences = self.steps.iter().enumerate();
        for (at, _) in differences.filter(|(_, step)| step.is_difference()) {
            let end = at.saturating_add(context).min(shown.len() - 1);
            shown[at.saturating_sub(context)..=end].fill(true);
        }
        shown
    }

    /// An array with an object for each difference.
    pub(super) fn to_json(&self) -> Value {
        let steps = self.steps.iter().filter(|step| step.is_difference());
        let differences = steps.map(|step| match step.pair {
            Pair::Left(at) => {
                let event = &self.left[at];
                json!({"kind": "removed", "leftEventId": event.event_id, "event": event.key})
            }
            Pair::Right(at) => {
                let event = &self.right[at];
                json!({"kind": "added", "rightEventId": event.event_id, "event": event.key})
            }
            Pair::Both(a, b) => {
                let fields = step.differences.iter().map(|Difference { field, left, right }| {
                    json!({"field": field, "left": left, "right": right})
                });
                json!({
                    "kind": "changed",
                    "leftEventId": self.left[a].event_id,
                    "rightEventId": self.right[b].event_id,
                    "event": self.left[a].key,
                    "fields": fields.collect::<Vec<_>>(),
                })
            }
        });
        Value::Array(differences.collect())
    }
}

fn write_hidden(hidden: &mut usize, output: &mut impl Write) -> io::Result<()> {
    match std::mem::take(hidden) {
        0 => Ok(()),
        1 => writeln!(output, "  ... 1 equal event"),
        hidden => writeln!(output, "  ... {hidden} equal events"),
    }
}

fn write_difference(difference: &Difference, output: &mut impl Write) -> io::Result<()> {
    let Difference { field, left, right } = difference;
    let is_data = field.ends_with(".data") || field == "data";
    let field = terminal_text::line(field);
    let (left, right) = (text(left.as_ref(), is_data), text(right.as_ref(), is_data));
    writeln!(output, "                 {field}: {left} -> {right}")
}

/// A value on one line; the data of a payload as the text that it is.
fn text(value: Option<&Value>, is_data: bool) -> String {
    let Some(value) = value else {
        return "not set".to_owned();
    };
    let data = is_data
        .then(|| String::from_utf8(decode(value)).ok())
        .flatten();
    let text = data.unwrap_or_else(|| value.to_string());
    let text = terminal_text::line(&text);
    match text.char_indices().nth(LONGEST_VALUE) {
        Some((end, _)) => format!("{}...", &text[..end]),
        None => text.into_owned(),
    }
}
