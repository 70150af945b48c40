//! What a worker or a replayer gives to every run whose code it starts.

use durably_engine::Context;

use super::WorkflowContext;
use super::extension::Extension;
use super::interceptor::{Factory, Interceptors};
use super::patch_activation::Decider;

#[derive(Debug, Clone, Default)]
pub(super) struct SetUp {
    /// Who decides about patches.
    pub(super) patches: Option<Decider>,
    /// What makes the interceptors, the outermost first.
    pub(super) interceptors: Vec<Factory>,
}

impl SetUp {
    /// Keeps it for a run. Once for each run: code is started once.
    pub(super) fn keep(&self, context: &Context) {
        if let Some(patches) = &self.patches {
            let _ = context
                .extension::<Extension>()
                .patches
                .set(patches.clone());
        }
        if !self.interceptors.is_empty() {
            let workflow = WorkflowContext::new(context.clone());
            let interceptors = Interceptors::make(&workflow, &self.interceptors);
            let _ = context
                .extension::<Extension>()
                .interceptors
                .set(interceptors);
        }
    }
}
