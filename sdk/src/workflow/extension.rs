//! What this layer keeps for a run, in the engine's table of what few runs need.

use std::cell::OnceCell;

use super::dynamic_handlers::DynamicHandlers;
use super::event_group::EventGroups;
use super::headers::CurrentHeaders;
use super::interceptor::Interceptors;
use super::patch_activation::Decider;
use crate::payload::{Headers, Payload};

#[derive(Default)]
pub(super) struct Extension {
    /// The handlers that were registered while the run went on.
    pub(super) handlers: DynamicHandlers,
    /// The groups of events.
    pub(super) groups: EventGroups,
    /// The headers of the code that is being polled.
    pub(super) headers: CurrentHeaders,
    /// What a workflow that runs under any name was started with.
    pub(super) arguments: OnceCell<Vec<Payload>>,
    /// Who decides which runs take the new side of a patch.
    pub(super) patches: OnceCell<Decider>,
    /// What is around the run's code.
    pub(super) interceptors: OnceCell<Interceptors>,
    /// The run's headers as interceptors left them; those of the event if there are none.
    pub(super) run_headers: OnceCell<Headers>,
}
