//! `cargo durably history show`.

mod events;

use std::fs;
use std::io::{self, Write};
use std::path::PathBuf;

use clap::Args;
use durably_history::{RecordedHistory, Timeline};
use durably_replay::report::HistoryPage;

use self::events::EventRange;
use super::codec::CodecArguments;
use super::source::{Server, SourceError, load};
use crate::connection::ConnectionArguments;
use crate::{Outcome, terminal_text};

/// The arguments of `cargo durably history show`.
#[derive(Debug, Args)]
pub(crate) struct ShowArguments {
    /// A file with a history, or the id of a workflow on the server.
    #[arg(value_name = "FILE|WORKFLOW ID")]
    source: String,
    /// The run of the workflow; the current one unless given.
    #[arg(long, short, value_name = "ID")]
    run_id: Option<String>,
    /// Shows these events alone: 5..20, 5.., ..20.
    #[arg(long, value_name = "FIRST..LAST")]
    events: Option<EventRange>,
    /// Leaves out workflow tasks that went as they should.
    #[arg(long)]
    no_workflow_tasks: bool,
    /// Prints JSON, as `temporal workflow show --output json` does.
    #[arg(long, conflicts_with_all = ["html", "no_workflow_tasks"])]
    json: bool,
    /// Writes a page for browsers to this file.
    #[arg(long, value_name = "FILE")]
    html: Option<PathBuf>,
    #[command(flatten)]
    codec: CodecArguments,
    #[command(flatten)]
    connection: ConnectionArguments,
}

/// The history could not be shown.
#[derive(Debug, thiserror::Error)]
pub(crate) enum ShowError {
    #[error(transparent)]
    Source(#[from] SourceError),
    #[error("{}: {error}", path.display())]
    Page { path: PathBuf, error: io::Error },
    #[error("cannot write: {0}")]
    Write(#[from] io::Error),
    #[error("{place} has no events from {first} on: its last one is {last}")]
    NoEvents {
        place: String,
        first: i64,
        last: i64,
    },
}

pub(crate) async fn run(arguments: ShowArguments) -> Result<Outcome, ShowError> {
    let server = Server {
        connection: &arguments.connection,
        codec: &arguments.codec,
    };
    let recorded = load(&arguments.source, arguments.run_id.as_deref(), server).await?;
    let range = arguments.events.unwrap_or_default();
    let last = recorded.history.events.last();
    let last = last.map_or(0, |event| event.event_id);
    if range.first > last {
        return Err(ShowError::NoEvents {
            place: recorded.place.to_string(),
            first: range.first,
            last,
        });
    }
    if arguments.json {
        durably_history::write_json(&range.of(recorded.history), io::stdout().lock())?;
        return Ok(Outcome::Success);
    }
    let timeline = Timeline::of(&recorded.history).between(range.first, range.last);
    let timeline = match arguments.no_workflow_tasks {
        true => timeline.without_workflow_tasks(),
        false => timeline,
    };
    let title = title(&recorded);
    if let Some(path) = arguments.html {
        let place = recorded.place.to_string();
        let page = HistoryPage::new(&title, &recorded.history)
            .facts(&place)
            .showing(timeline);
        fs::write(&path, page.to_html()).map_err(|error| ShowError::Page { path, error })?;
        return Ok(Outcome::Success);
    }
    let mut output = io::stdout().lock();
    writeln!(output, "{}", terminal_text::line(&title))?;
    write!(output, "{}", terminal_text::block(&timeline.to_string()))?;
    output.flush()?;
    Ok(Outcome::Success)
}

/// `OrderSaga "order-1" (run 0190..), 24 events`
fn title(recorded: &RecordedHistory) -> String {
    let events = recorded.history.events.len();
    let mut title = recorded.workflow_type().to_owned();
    if !recorded.workflow_id().is_empty() {
        title += &format!(" \"{}\"", recorded.workflow_id());
    }
    if !recorded.run_id().is_empty() {
        title += &format!(" (run {})", recorded.run_id());
    }
    format!(
        "{title}, {events} {}",
        if events == 1 { "event" } else { "events" }
    )
}
