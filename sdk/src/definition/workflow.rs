//! Workflows: what a caller must know, and what a worker runs.

use std::future::Future;
use std::panic::Location;
use std::rc::Rc;

use super::{
    DynamicQueryHandler, DynamicSignalHandler, DynamicUpdateHandler, QueryHandler, SignalHandler,
    UpdateHandler,
};
use crate::failure::WorkflowResult;
use crate::workflow::WorkflowContext;

/// A workflow that can be started, as an execution of its own or as a child.
///
/// Made by [`#[workflow]`](macro@crate::workflow); write it by hand for a workflow that another program runs.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not a workflow definition",
    label = "expected a function marked `#[workflow]`, or the `#[run]` method of a type whose impl is",
    note = "name the definition without calling it: `greet` for a function, `OrderSaga::run` for a type"
)]
pub trait WorkflowDefinition: 'static {
    /// The type that the workflow's signals, queries and updates name as theirs: the type with the `#[run]` method; for
    /// a function the definition itself.
    type Owner: 'static;
    /// The parameters as a tuple, one payload for each element. A single parameter is a tuple of one.
    type Parameters: 'static;
    /// What the workflow returns when it succeeds.
    type Output: 'static;
    /// The workflow type on the wire.
    const NAME: &'static str;
}

/// A workflow that a worker of this program can run.
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be run by a worker of this program",
    note = "only a workflow written with `#[workflow]` has a body to run"
)]
pub trait WorkflowImplementation: WorkflowDefinition {
    /// What `run` and the message handlers share. One value for each run of the workflow, made again on replay.
    type State: 'static;

    /// Where the workflow's function stands: reports of a replay name this line for what is at no call of
    /// its code, an input that cannot be read any more, say.
    const PLACE: Option<&'static Location<'static>> = None;

    /// The body of the workflow.
    fn run(
        state: Rc<Self::State>,
        context: WorkflowContext,
        parameters: Self::Parameters,
    ) -> impl Future<Output = WorkflowResult<Self::Output>> + 'static;

    /// The signals that have a handler.
    const SIGNALS: &'static [SignalHandler<Self::State>] = &[];
    /// The queries that have a handler.
    const QUERIES: &'static [QueryHandler<Self::State>] = &[];
    /// The updates that have a handler.
    const UPDATES: &'static [UpdateHandler<Self::State>] = &[];
    /// The handler of all signals that are not among [`SIGNALS`](Self::SIGNALS).
    const DYNAMIC_SIGNAL: Option<DynamicSignalHandler<Self::State>> = None;
    /// The handler of all queries that are not among [`QUERIES`](Self::QUERIES).
    const DYNAMIC_QUERY: Option<DynamicQueryHandler<Self::State>> = None;
    /// The handler of all updates that are not among [`UPDATES`](Self::UPDATES).
    const DYNAMIC_UPDATE: Option<DynamicUpdateHandler<Self::State>> = None;
}

/// A workflow that makes its state by itself: by its `#[init]` method, or by `Default`. One that
/// does not is registered together with what makes it:
/// [`WorkerBuilder::workflow_with`](crate::worker::WorkerBuilder::workflow_with).
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot make its state by itself",
    note = "only a workflow written with `#[workflow]` can; one whose type has neither `#[init]` nor `Default` is registered by `workflow_with`"
)]
pub trait WorkflowInit: WorkflowImplementation {
    /// Makes the state, before any message is handled. The parameters are those that
    /// [`run`](WorkflowImplementation::run) will get.
    ///
    /// # Errors
    /// The state cannot be made; the workflow task fails and is retried.
    fn init(
        context: &WorkflowContext,
        parameters: &Self::Parameters,
    ) -> WorkflowResult<Self::State>;
}
