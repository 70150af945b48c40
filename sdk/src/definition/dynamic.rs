//! Handlers of whatever no other handler is there for.
//!
//! They get the name and the payloads as they came: nothing can be decoded without knowing the types.

use std::fmt;
use std::rc::Rc;

use super::{SignalExecution, UpdateExecution};
use crate::failure::{WorkflowError, WorkflowResult};
use crate::payload::Payload;
use crate::workflow::WorkflowContext;

/// The handler of a workflow's signals that have no row in its table. Made by `#[signal(dynamic)]`.
pub struct DynamicSignalHandler<S> {
    /// What people read about it in the workflow's metadata. May be empty.
    pub description: &'static str,
    /// Whether the end of the run may cut the handler off without a warning.
    pub abandon_unfinished: bool,
    /// Calls the handler with the signal's name and arguments.
    pub call: fn(Rc<S>, WorkflowContext, String, Vec<Payload>) -> SignalExecution,
}

/// The handler of a workflow's queries that have no row in its table. Made by `#[query(dynamic)]`.
pub struct DynamicQueryHandler<S> {
    /// What people read about it in the workflow's metadata. May be empty.
    pub description: &'static str,
    /// Calls the handler with the query's name and arguments, and encodes its answer. An error fails the query, not
    /// the workflow.
    #[expect(clippy::type_complexity, reason = "a signature reads best whole")]
    pub call: fn(&Rc<S>, &WorkflowContext, String, Vec<Payload>) -> Result<Payload, WorkflowError>,
}

/// Looks at an update, by its name and arguments, before it is accepted. An error refuses the update.
pub type DynamicUpdateValidator<S> =
    fn(&Rc<S>, &WorkflowContext, &str, &[Payload]) -> WorkflowResult<()>;

/// The handler of a workflow's updates that have no row in its table. Made by `#[update(dynamic)]`.
pub struct DynamicUpdateHandler<S> {
    /// What people read about it in the workflow's metadata. May be empty.
    pub description: &'static str,
    /// Whether the end of the run may cut the handler off without a warning.
    pub abandon_unfinished: bool,
    /// Calls the validator. Not called on replay: an accepted update stays accepted.
    pub validate: Option<DynamicUpdateValidator<S>>,
    /// Calls the handler with the update's name and arguments.
    pub call: fn(Rc<S>, WorkflowContext, String, Vec<Payload>) -> UpdateExecution,
}

impl<S> fmt::Debug for DynamicSignalHandler<S> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("DynamicSignalHandler")
            .field("abandon_unfinished", &self.abandon_unfinished)
            .finish_non_exhaustive()
    }
}

impl<S> fmt::Debug for DynamicQueryHandler<S> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("DynamicQueryHandler")
            .finish_non_exhaustive()
    }
}

impl<S> fmt::Debug for DynamicUpdateHandler<S> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("DynamicUpdateHandler")
            .field("abandon_unfinished", &self.abandon_unfinished)
            .field("validated", &self.validate.is_some())
            .finish_non_exhaustive()
    }
}
