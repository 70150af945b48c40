//! Letting the owner of a worker decide which runs take the new side of a patch.

use std::fmt;
use std::sync::Arc;

use super::{WorkflowContext, WorkflowInfo};
use crate::workflow::extension::Extension;

/// A run that asks for a patch for the first time, see
/// [`WorkerBuilder::patch_activation`](crate::worker::WorkerBuilder::patch_activation).
#[derive(Debug, Clone, Copy)]
pub struct PatchActivation<'a> {
    id: &'a str,
    info: WorkflowInfo<'a>,
}

impl<'a> PatchActivation<'a> {
    /// The patch's id.
    pub fn id(&self) -> &'a str {
        self.id
    }

    /// The run that asks.
    pub fn info(&self) -> WorkflowInfo<'a> {
        self.info
    }
}

/// Who decides.
#[derive(Clone)]
pub(super) struct Decider(Arc<dyn Fn(&PatchActivation<'_>) -> bool + Send + Sync>);

impl Decider {
    pub(super) fn new(
        decide: impl Fn(&PatchActivation<'_>) -> bool + Send + Sync + 'static,
    ) -> Self {
        Self(Arc::new(decide))
    }
}

impl fmt::Debug for Decider {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("Decider")
    }
}

impl WorkflowContext {
    /// Lets the worker's owner decide about a patch that nothing has decided so far.
    pub(super) fn decide_patch(&self, id: &str) {
        let Some(extension) = self.engine.known_extension::<Extension>() else {
            return;
        };
        let Some(decider) = extension.patches.get() else {
            return;
        };
        if self.engine.is_patch_open(id) {
            let info = self.info();
            if !(decider.0)(&PatchActivation { id, info }) {
                self.engine.decline_patch(id);
            }
        }
    }
}
