//! Replaying what a test recorded.

use std::sync::{Mutex, PoisonError};

use durably::replay::Replayer;

use crate::Timeline;
use crate::server::RecordedRun;

/// The replayers of an environment's workers.
#[derive(Debug, Default)]
pub(super) struct Replays {
    replayers: Mutex<Vec<Replayer>>,
}

impl Replays {
    pub(super) fn add(&self, replayer: Replayer) {
        let mut replayers = self
            .replayers
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        replayers.push(replayer);
    }

    /// Replays a run with the code of the workers that know its workflow; that of one of them must
    /// follow the history. What is wrong, if it does not.
    pub(super) fn check(&self, run: &RecordedRun) -> Option<String> {
        let replayers = self
            .replayers
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        let knows = |replayer: &&Replayer| {
            let mut types = replayer.workflow_types();
            types.any(|name| name == run.workflow_type)
        };
        let mut errors: Vec<String> = Vec::new();
        for replayer in replayers.iter().filter(knows) {
            match replayer.replay(run.history.clone()) {
                Ok(_) => return None,
                Err(error) => errors.push(error.to_string()),
            }
        }
        errors.dedup();
        (!errors.is_empty()).then(|| {
            format!(
                "the history of workflow \"{}\" (type {}) does not replay: {}\n{}",
                run.workflow_id,
                run.workflow_type,
                errors.join("; "),
                Timeline::of(&run.history)
            )
        })
    }
}
