//! A replay with all that a report of it needs.

use std::panic::Location;

use durably_engine::{TracedTask, Wait};

use super::{ReplayError, Replayed};

/// What a replay went through, and what the code did: [`Replayer::replay_traced`](super::Replayer::replay_traced).
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct TracedReplay {
    /// How it ended.
    pub result: Result<Replayed, ReplayError>,
    /// What the code did, one workflow task after the other.
    pub tasks: Vec<TracedTask>,
    /// For what the code waits at the end.
    pub waits: Vec<Wait>,
    /// Where the workflow's function stands; none if there is no workflow of the history's type, or if
    /// it is a closure.
    pub workflow_place: Option<&'static Location<'static>>,
}

impl TracedReplay {
    /// A history that could not be begun.
    pub(super) fn of_error(error: ReplayError) -> Self {
        Self {
            result: Err(error),
            tasks: Vec::new(),
            waits: Vec::new(),
            workflow_place: None,
        }
    }
}
