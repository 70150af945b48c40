//! Why a replay is no success.

use std::path::PathBuf;

use durably::client::HistoriesError;
use durably::workflow::DuplicateWorkflow;

use crate::ReplaySummary;

/// Histories did not replay, or there was nothing to replay.
#[derive(thiserror::Error)]
#[non_exhaustive]
pub enum ReplayFailure {
    /// Some histories cannot be read, or the code does not follow them.
    #[error("{0}")]
    Failed(Box<ReplaySummary>),
    /// No history was replayed, so nothing is known.
    #[error("no history was found in {searched}{}", found(.summary))]
    NoHistory {
        /// Where histories were looked for.
        searched: String,
        /// The histories that were passed over.
        summary: Box<ReplaySummary>,
    },
    /// Two workflows were registered under one name.
    #[error(transparent)]
    DuplicateWorkflow(#[from] DuplicateWorkflow),
    /// A folder cannot be read.
    #[error("{}: {error}", path.display())]
    Io {
        /// The folder, or a file in it.
        path: PathBuf,
        /// What the operating system says.
        error: std::io::Error,
    },
    /// The pattern is no glob pattern.
    #[error("\"{pattern}\" is no pattern: {problem}; a pattern is \"tests/histories/**/*.json\"")]
    Pattern {
        /// The pattern.
        pattern: String,
        /// What is wrong with it.
        problem: String,
    },
    /// The server did not say which workflows there are.
    #[error(transparent)]
    List(HistoriesError),
}

impl ReplayFailure {
    /// What became of each history, if the replay got that far.
    pub fn summary(&self) -> Option<&ReplaySummary> {
        match self {
            Self::Failed(summary) | Self::NoHistory { summary, .. } => Some(summary),
            _ => None,
        }
    }
}

/// What `unwrap` shows: the report, or the text, as they are for people.
impl std::fmt::Debug for ReplayFailure {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Failed(summary) => write!(formatter, "\n\n{}", summary.report().to_text()),
            other => write!(formatter, "{other}"),
        }
    }
}

fn found(summary: &ReplaySummary) -> String {
    match summary.skipped() {
        0 => String::new(),
        skipped => format!(
            ": {skipped} of other workflow types were passed over; register their workflows, or ask for other types"
        ),
    }
}
