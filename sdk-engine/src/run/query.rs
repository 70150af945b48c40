//! Queries: asked after the task's events, changing nothing (protocol 5.2).

use super::Run;
use crate::completion::QueryResult;
use crate::error::application_failure;
use crate::executor::catch;
use crate::input::Query;
use crate::step::{Mode, StepGuard, Violation, take_violation};

impl Run {
    pub(super) fn answer(&mut self, query: Query) -> QueryResult {
        let context = self.new_context();
        let name = &query.name;
        let Some(instance) = &self.instance else {
            let message =
                format!("query \"{name}\" came before the workflow's first task was completed");
            let result = Err(application_failure("QueryError", message));
            return QueryResult {
                id: query.id,
                result,
            };
        };
        let _asking = StepGuard::enter(self.executor.key(), Mode::ReadOnly);
        // Whatever a query does, it is not the run's own doing (protocol 5.2).
        let replaying = self.shared.replaying.replace(true);
        let answer = catch(|| {
            let answer = instance.query(&context, &query);
            answer.map_err(Box::new)
        });
        self.shared.replaying.set(replaying);
        let violation = take_violation();
        self.spoiled |= violation.as_ref().is_some_and(|found| found.spoiled);
        let result = match (violation, answer) {
            (Some(Violation { what, .. }), _) => Err(application_failure(
                "ReadOnlyError",
                format!(
                    "query \"{name}\" tried to change the workflow ({what}); queries may only read"
                ),
            )),
            (None, Ok(answer)) => answer.map_err(|failure| *failure),
            (None, Err(panic)) => Err(panic.to_failure()),
        };
        QueryResult {
            id: query.id,
            result,
        }
    }
}
