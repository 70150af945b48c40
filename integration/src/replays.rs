//! Replaying what a test recorded on the server.

use std::sync::{Mutex, PoisonError};

use durably::replay::Replayer;

use crate::Events;

/// The replayers of a test's workers.
#[derive(Debug, Default)]
pub(crate) struct Replays {
    replayers: Mutex<Vec<Replayer>>,
}

impl Replays {
    pub(crate) fn add(&self, replayer: Replayer) {
        self.replayers
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .push(replayer);
    }

    /// Replays a history. Where workers have different code under one name, the code of one of
    /// them must follow it.
    ///
    /// # Panics
    /// None does, though some know the workflow.
    pub(crate) fn check(&self, events: &Events) {
        let kind = events.started().workflow_type.clone().unwrap_or_default();
        let replayers = self
            .replayers
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        let knows = |replayer: &&Replayer| replayer.workflow_types().any(|name| name == kind.name);
        let mut errors = Vec::new();
        for replayer in replayers.iter().filter(knows) {
            match replayer.replay(events.history().clone()) {
                Ok(_) => return,
                Err(error) => errors.push(error.to_string()),
            }
        }
        assert!(
            errors.is_empty(),
            "the history of workflow type {} does not replay: {}\n{events:?}",
            kind.name,
            errors.join("; ")
        );
    }
}
