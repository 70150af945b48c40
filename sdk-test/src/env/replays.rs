//! Replaying what a test recorded.

use std::sync::{Mutex, MutexGuard, PoisonError};

use durably::replay::{Divergence, ReplayError, Replayer};
use durably_protos::temporal::api::history::v1::History;
use durably_protos::temporal::api::history::v1::history_event::Attributes;
use durably_replay::report::{Examination, Outcome};

use super::recording::DrawnId;
use crate::Timeline;
use crate::server::RecordedRun;

/// The replayers of an environment's workers.
#[derive(Debug, Default)]
pub(super) struct Replays {
    replayers: Mutex<Vec<Replayer>>,
}

impl Replays {
    pub(super) fn add(&self, replayer: Replayer) {
        self.replayers().push(replayer);
    }

    /// Whether a worker has such workflows.
    pub(super) fn knows(&self, workflow_type: &str) -> bool {
        let replayers = self.replayers();
        replayers
            .iter()
            .any(|replayer| knows(replayer, workflow_type))
    }

    /// Replays a history that was kept with the code of the workers that know its workflow; that of one
    /// of them must follow it. What the first of them has to say, if none does.
    pub(super) fn examine(&self, source: &str, history: &History) -> Outcome {
        let replayers = self.replayers();
        let mut types: Vec<_> = replayers
            .iter()
            .flat_map(Replayer::workflow_types)
            .collect();
        types.sort_unstable();
        types.dedup();
        let examine = |replayer: &Replayer| {
            let traced = replayer.replay_traced(history.clone());
            Examination::new(source, history, &traced)
                .known_workflow_types(&types)
                .outcome()
        };
        let workflow_type = workflow_type(history);
        let able = replayers
            .iter()
            .filter(|replayer| knows(replayer, workflow_type));
        let mut first = None;
        for replayer in able {
            match examine(replayer) {
                passed @ Outcome::Passed(_) => return passed,
                failed @ Outcome::Failed(_) => first = first.or(Some(failed)),
            }
        }
        // A replayer that does not know the workflow says so.
        first.unwrap_or_else(|| examine(&Replayer::new()))
    }

    /// Replays a run with the code of the workers that know its workflow; that of one of them must
    /// follow the history. What is wrong, if it does not.
    pub(super) fn check(&self, run: &RecordedRun) -> Option<String> {
        let replayers = self.replayers();
        let able = replayers
            .iter()
            .filter(|replayer| knows(replayer, &run.workflow_type));
        let mut errors: Vec<String> = Vec::new();
        for replayer in able {
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

    /// The first id in which a history and the code of the workers differ, if that is how they differ.
    pub(super) fn drawn_id(&self, history: &History) -> Option<DrawnId> {
        let replayers = self.replayers();
        let workflow_type = workflow_type(history);
        let able = replayers
            .iter()
            .filter(|replayer| knows(replayer, workflow_type));
        let mut drawn = None;
        for replayer in able {
            let error = replayer.replay(history.clone()).err()?;
            drawn = drawn.or_else(|| other_id(&error));
        }
        drawn
    }

    fn replayers(&self) -> MutexGuard<'_, Vec<Replayer>> {
        self.replayers
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
    }
}

fn other_id(error: &ReplayError) -> Option<DrawnId> {
    match &error.nondeterminism()?.divergence {
        Divergence::OtherIdentity { history, code, .. } => Some(DrawnId {
            history: history.clone(),
            code: code.clone(),
        }),
        _ => None,
    }
}

fn knows(replayer: &Replayer, workflow_type: &str) -> bool {
    replayer.workflow_types().any(|name| name == workflow_type)
}

/// Empty if the history does not say it.
fn workflow_type(history: &History) -> &str {
    let first = history.events.first();
    let Some(Attributes::WorkflowExecutionStartedEventAttributes(started)) =
        first.and_then(|event| event.attributes.as_ref())
    else {
        return "";
    };
    let workflow_type = started.workflow_type.as_ref();
    workflow_type.map_or("", |workflow_type| &workflow_type.name)
}
