//! Queries: asked after the task's events, changing nothing (protocol 5.2).

use super::Run;
use crate::completion::QueryResult;
use crate::error::application_failure;
use crate::executor::catch;
use crate::input::Query;
use crate::step::{Mode, StepGuard, take_violation};

impl Run {
    pub(super) fn answer(&self, query: Query) -> QueryResult {
        let context = self.new_context();
        let Query {
            id,
            name,
            arguments,
        } = query;
        let Some(instance) = &self.instance else {
            let message =
                format!("query \"{name}\" came before the workflow's first task was completed");
            let result = Err(application_failure("QueryError", message));
            return QueryResult { id, result };
        };
        let _asking = StepGuard::enter(self.executor.key(), Mode::ReadOnly);
        let answer = catch(|| {
            let answer = instance.query(&context, &name, &arguments);
            answer.map_err(Box::new)
        });
        let result = match (take_violation(), answer) {
            (Some(what), _) => Err(application_failure(
                "ReadOnlyError",
                format!(
                    "query \"{name}\" tried to change the workflow ({what}); queries may only read"
                ),
            )),
            (None, Ok(answer)) => answer.map_err(|failure| *failure),
            (None, Err(panic)) => Err(panic.to_failure()),
        };
        QueryResult { id, result }
    }
}
