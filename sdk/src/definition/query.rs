//! Queries: questions about a workflow's state, answered without a trace in its history.

use std::fmt;
use std::rc::Rc;

use crate::failure::WorkflowError;
use crate::payload::Payload;
use crate::workflow::WorkflowContext;

/// A query that a workflow answers. Made by `#[query]` inside a [`#[workflow]`](macro@crate::workflow) impl.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not a query",
    label = "expected a method marked `#[query]`, named without calling it: `OrderSaga::status`"
)]
pub trait QueryDefinition: 'static {
    /// The workflow's type, which its [`WorkflowDefinition::Owner`](super::WorkflowDefinition::Owner) names.
    type Workflow: 'static;
    /// The parameters as a tuple, one payload for each element.
    type Parameters: 'static;
    /// The answer.
    type Output: 'static;
    /// The query's name on the wire.
    const NAME: &'static str;
}

/// One row of a workflow's table of queries.
pub struct QueryHandler<S> {
    /// The query's name on the wire.
    pub name: &'static str,
    /// What people read about it in the workflow's metadata. May be empty.
    pub description: &'static str,
    /// Decodes the payloads, calls the handler and encodes its answer. An error fails the query, not the workflow.
    #[expect(clippy::type_complexity, reason = "a signature reads best whole")]
    pub call: fn(&Rc<S>, &WorkflowContext, &[Payload]) -> Result<Payload, WorkflowError>,
}

impl<S> fmt::Debug for QueryHandler<S> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("QueryHandler")
            .field("name", &self.name)
            .finish_non_exhaustive()
    }
}
