//! Where histories come from, one after the other.

use std::path::PathBuf;

use durably_history::RecordedHistory;

use crate::summary::{Problem, ReplayedHistory};

/// Something that has histories.
pub(crate) enum Source {
    /// A file, which is opened where it is replayed.
    File(PathBuf),
    /// A history in memory.
    History(Box<RecordedHistory>),
}

impl From<RecordedHistory> for Source {
    fn from(recorded: RecordedHistory) -> Self {
        Self::History(Box::new(recorded))
    }
}

/// The entry of a history of which nothing is known but its place.
pub(crate) fn unread(place: durably_history::Place, problem: Problem) -> ReplayedHistory {
    ReplayedHistory {
        place,
        workflow_id: String::new(),
        run_id: String::new(),
        workflow_type: String::new(),
        events: 0,
        outcome: crate::Outcome::Failed(problem),
        duration: std::time::Duration::ZERO,
        finding: None,
        history: None,
    }
}
