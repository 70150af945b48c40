//! Signals: messages that a workflow takes note of, without an answer.

use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::rc::Rc;

use crate::failure::WorkflowResult;
use crate::payload::{Payload, PayloadError};
use crate::workflow::WorkflowContext;

/// A signal that can be sent to a workflow. Made by `#[signal]` inside a [`#[workflow]`](macro@crate::workflow) impl.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not a signal",
    label = "expected a method marked `#[signal]`, named without calling it: `OrderSaga::cancel`"
)]
pub trait SignalDefinition: 'static {
    /// The workflow's type, which its [`WorkflowDefinition::Owner`](super::WorkflowDefinition::Owner) names.
    type Workflow: 'static;
    /// The parameters as a tuple, one payload for each element.
    type Parameters: 'static;
    /// The signal's name on the wire.
    const NAME: &'static str;
}

/// One row of a workflow's table of signals.
pub struct SignalHandler<S> {
    /// The signal's name on the wire.
    pub name: &'static str,
    /// What people read about it in the workflow's metadata. May be empty.
    pub description: &'static str,
    /// Whether the end of the run may cut the handler off without a warning.
    pub abandon_unfinished: bool,
    /// Decodes the payloads and calls the handler.
    ///
    /// An error says that the payloads do not fit; the handler was not called.
    #[expect(clippy::type_complexity, reason = "a signature reads best whole")]
    pub call: fn(Rc<S>, WorkflowContext, &[Payload]) -> Result<SignalExecution, PayloadError>,
}

impl<S> fmt::Debug for SignalHandler<S> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("SignalHandler")
            .field("name", &self.name)
            .field("abandon_unfinished", &self.abandon_unfinished)
            .finish_non_exhaustive()
    }
}

/// A signal handler that was called.
pub enum SignalExecution {
    /// A plain `fn`: it has run to its end.
    Done(WorkflowResult<()>),
    /// An `async fn`: to be polled as a task of the run. Nothing of the body has run yet.
    Running(Pin<Box<dyn Future<Output = WorkflowResult<()>>>>),
}

impl fmt::Debug for SignalExecution {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Done(result) => formatter
                .debug_tuple("Done")
                .field(&result.is_ok())
                .finish(),
            Self::Running(_) => formatter.write_str("Running(..)"),
        }
    }
}
