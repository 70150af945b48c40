//! `cargo durably history diff`.
//!
//! ```text
//! key ──> align ──> compare ──> print
//! what an event is   which belong together   which fields differ
//! ```

mod align;
mod compare;
mod key;
mod print;

use std::io::{self, Write};

use clap::Args;
use durably_history::RecordedHistory;

use self::align::Pair;
use self::compare::Comparison;
use self::key::Event;
use self::print::{Compared, Step};
use super::codec::CodecArguments;
use super::source::{Server, SourceError, load};
use crate::connection::ConnectionArguments;
use crate::{Outcome, terminal_text};

/// The arguments of `cargo durably history diff`.
#[derive(Debug, Args)]
#[command(
    after_help = "Ids, times, identities and names of sticky queues are not compared. \
Exit code 0: no difference; 1: there are differences."
)]
pub(crate) struct DiffArguments {
    /// A file with a history, or the id of a workflow on the server.
    #[arg(value_name = "FILE|WORKFLOW ID")]
    left: String,
    /// Another one.
    #[arg(value_name = "FILE|WORKFLOW ID")]
    right: String,
    /// The run of the first workflow; the current one unless given.
    #[arg(long, value_name = "ID")]
    left_run_id: Option<String>,
    /// The run of the second workflow; the current one unless given.
    #[arg(long, value_name = "ID")]
    right_run_id: Option<String>,
    /// How many equal events are shown before and after a difference.
    #[arg(long, short = 'U', default_value_t = 3, value_name = "EVENTS")]
    context: usize,
    /// Does not compare what is in payloads.
    #[arg(long)]
    ignore_payloads: bool,
    /// Prints JSON: an array with an object for each difference.
    #[arg(long, conflicts_with = "context")]
    json: bool,
    #[command(flatten)]
    codec: CodecArguments,
    #[command(flatten)]
    connection: ConnectionArguments,
}

/// The histories could not be compared.
#[derive(Debug, thiserror::Error)]
pub(crate) enum DiffError {
    #[error(transparent)]
    Source(#[from] SourceError),
    #[error("{place} cannot be compared: {error}")]
    Event {
        place: String,
        error: serde_json::Error,
    },
    #[error("cannot write: {0}")]
    Write(#[from] io::Error),
}

pub(crate) async fn run(arguments: DiffArguments) -> Result<Outcome, DiffError> {
    let server = Server {
        connection: &arguments.connection,
        codec: &arguments.codec,
    };
    let left = load(&arguments.left, arguments.left_run_id.as_deref(), server).await?;
    let right = load(&arguments.right, arguments.right_run_id.as_deref(), server).await?;
    let compared = compare(events(&left)?, events(&right)?, !arguments.ignore_payloads);
    let differ = compared.steps.iter().any(Step::is_difference);
    let mut output = io::BufWriter::new(io::stdout().lock());
    if arguments.json {
        writeln!(output, "{:#}", compared.to_json())?;
    } else {
        for (mark, recorded) in [("---", &left), ("+++", &right)] {
            let place = recorded.place.to_string();
            let events = recorded.history.events.len();
            writeln!(
                output,
                "{mark} {} ({events} events)",
                terminal_text::line(&place)
            )?;
        }
        if differ {
            compared.write_text(arguments.context, &mut output)?;
            let (removed, added, changed) = compared.counts();
            writeln!(
                output,
                "{removed} removed, {added} added, {changed} changed"
            )?;
        } else {
            writeln!(output, "no difference")?;
        }
    }
    output.flush()?;
    Ok(match differ {
        true => Outcome::Negative,
        false => Outcome::Success,
    })
}

fn events(recorded: &RecordedHistory) -> Result<Vec<Event>, DiffError> {
    key::events(&recorded.history).map_err(|error| DiffError::Event {
        place: recorded.place.to_string(),
        error,
    })
}

fn compare(left: Vec<Event>, right: Vec<Event>, payloads: bool) -> Compared {
    let pairs = align::align(&left, &right);
    let counterparts = align::counterparts(&pairs, &left, &right);
    let comparison = Comparison {
        counterparts: &counterparts,
        payloads,
    };
    let steps = pairs.into_iter().map(|pair| Step {
        pair,
        differences: match pair {
            Pair::Both(a, b) => comparison.differences(&left[a], &right[b]),
            Pair::Left(_) | Pair::Right(_) => Vec::new(),
        },
    });
    Compared {
        steps: steps.collect(),
        left,
        right,
    }
}

#[cfg(test)]
mod tests {
    use durably_protos::temporal::api::history::v1::History;
    use expect_test::expect;

    use super::*;

    fn history(activities: &[(&str, &str)]) -> Vec<Event> {
        let mut events = vec![
            serde_json::json!({"eventType": "EVENT_TYPE_WORKFLOW_EXECUTION_STARTED",
            "workflowExecutionStartedEventAttributes": {"workflowType": {"name": "buy"}, "identity": "x"}}),
        ];
        for (name, input) in activities {
            let data = super::super::redact::encode(input.as_bytes());
            events.push(
                serde_json::json!({"eventType": "EVENT_TYPE_ACTIVITY_TASK_SCHEDULED",
                "activityTaskScheduledEventAttributes": {"activityType": {"name": name},
                    "input": {"payloads": [{"data": data}]}}}),
            );
            let scheduled = events.len().to_string();
            events.push(
                serde_json::json!({"eventType": "EVENT_TYPE_ACTIVITY_TASK_COMPLETED",
                "activityTaskCompletedEventAttributes": {"scheduledEventId": scheduled}}),
            );
        }
        let events = events.into_iter().zip(1..).map(|(mut event, id)| {
            event["eventId"] = id.to_string().into();
            serde_json::from_value(event).unwrap()
        });
        let events = events.collect();
        key::events(&History { events }).unwrap()
    }

    fn text(left: &[(&str, &str)], right: &[(&str, &str)]) -> String {
        let mut output = Vec::new();
        let compared = compare(history(left), history(right), true);
        compared.write_text(1, &mut output).unwrap();
        String::from_utf8(output).unwrap()
    }

    #[test]
    fn an_activity_more_and_another_input() {
        let left = [("reserve", "1"), ("charge", "2"), ("ship", "3")];
        let right = [
            ("reserve", "1"),
            ("check", "0"),
            ("charge", "7"),
            ("ship", "3"),
        ];
        expect![[r#"
              ... 2 equal events
                  3     3  ActivityTaskCompleted reserve
            +           4  ActivityTaskScheduled check
            +           5  ActivityTaskCompleted check
            ~     4     6  ActivityTaskScheduled charge
                             input.payloads[0].data: 2 -> 7
                  5     7  ActivityTaskCompleted charge
              ... 2 equal events
        "#]]
        .assert_eq(&text(&left, &right));
    }

    #[test]
    fn equal_histories() {
        let events = [("reserve", "1")];
        assert_eq!(text(&events, &events), "  ... 3 equal events\n");
    }
}
