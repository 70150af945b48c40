//! Updates: messages that a workflow may refuse, and whose result the caller waits for.

use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::rc::Rc;

use crate::failure::WorkflowResult;
use crate::payload::{Payload, PayloadError};
use crate::workflow::WorkflowContext;

/// An update that a workflow accepts. Made by `#[update]` inside a [`#[workflow]`](macro@crate::workflow) impl.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not an update",
    label = "expected a method marked `#[update]`, named without calling it: `OrderSaga::change_address`"
)]
pub trait UpdateDefinition: 'static {
    /// The workflow's type, which its [`WorkflowDefinition::Owner`](super::WorkflowDefinition::Owner) names.
    type Workflow: 'static;
    /// The parameters as a tuple, one payload for each element.
    type Parameters: 'static;
    /// What the update returns when it succeeds.
    type Output: 'static;
    /// The update's name on the wire.
    const NAME: &'static str;
}

/// Looks at an update before it is accepted. An error refuses the update, which then leaves no trace in the history.
pub type UpdateValidator<S> = fn(&Rc<S>, &WorkflowContext, &[Payload]) -> WorkflowResult<()>;

/// One row of a workflow's table of updates.
pub struct UpdateHandler<S> {
    /// The update's name on the wire.
    pub name: &'static str,
    /// What people read about it in the workflow's metadata. May be empty.
    pub description: &'static str,
    /// Whether the end of the run may cut the handler off without a warning.
    pub abandon_unfinished: bool,
    /// Decodes the payloads, and nothing else. An error refuses the update before its validator is asked. Not called
    /// on replay.
    pub check: fn(&[Payload]) -> Result<(), PayloadError>,
    /// Decodes the payloads and calls the validator. Not called on replay: an accepted update stays accepted.
    pub validate: Option<UpdateValidator<S>>,
    /// Decodes the payloads and calls the handler.
    ///
    /// An error says that the payloads do not fit; the handler was not called.
    #[expect(clippy::type_complexity, reason = "a signature reads best whole")]
    pub call: fn(Rc<S>, WorkflowContext, &[Payload]) -> Result<UpdateExecution, PayloadError>,
}

impl<S> fmt::Debug for UpdateHandler<S> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("UpdateHandler")
            .field("name", &self.name)
            .field("abandon_unfinished", &self.abandon_unfinished)
            .field("validated", &self.validate.is_some())
            .finish_non_exhaustive()
    }
}

/// An update handler that was called. The result is encoded already; an update that returns `()` has no payload.
pub enum UpdateExecution {
    /// A plain `fn`: it has run to its end.
    Done(WorkflowResult<Option<Payload>>),
    /// An `async fn`: to be polled as a task of the run. Nothing of the body has run yet.
    Running(Pin<Box<dyn Future<Output = WorkflowResult<Option<Payload>>>>>),
}

impl fmt::Debug for UpdateExecution {
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
