//! Queries: handed out with a workflow task, or as a task of their own while there is none.
//!
//! | state | left by |
//! |---|---|
//! | waiting | the start of a workflow task (attached), or the lack of one (direct) |
//! | attached | the completion of that task; if it brings no answer, or fails, the query waits again |
//! | direct | the worker's answer |

use durably_protos::temporal::api::common::v1::Payloads;
use durably_protos::temporal::api::enums::v1::QueryResultType;
use durably_protos::temporal::api::query::v1::{WorkflowQuery, WorkflowQueryResult};

use super::Run;
use crate::server::refusal::{Answer, closed_before_first_task, query_failed};
use crate::server::waiters::Waiter;
use crate::server::world::{Effect, Tx};

/// What the caller is told: the workflow's answer.
pub(crate) type QueryAnswer = Answer<Option<Payloads>>;

/// A query without an answer.
#[derive(Debug)]
pub(crate) struct PendingQuery {
    pub(crate) query: WorkflowQuery,
    pub(crate) state: QueryState,
    waiter: Waiter<QueryAnswer>,
}

/// Where a query stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum QueryState {
    Waiting,
    Attached,
    Direct,
}

impl Run {
    /// Asks the workflow. What happens next is decided at the end of the transaction.
    pub(crate) fn ask(&mut self, query: WorkflowQuery, waiter: Waiter<QueryAnswer>) -> u64 {
        self.next_query += 1;
        let pending = PendingQuery {
            query,
            state: QueryState::Waiting,
            waiter,
        };
        self.queries.insert(self.next_query, pending);
        self.next_query
    }

    /// Sends the waiting queries to a queue if there is no workflow task to take them along.
    pub(crate) fn dispatch_waiting_queries(&mut self, tx: &mut Tx<'_>) {
        if self.queries.is_empty() || self.workflow_task.is_some() {
            return;
        }
        if self.last_completed_id == 0 {
            if !self.is_open() {
                self.refuse_queries();
            }
            return;
        }
        for (&id, query) in &mut self.queries {
            if query.state == QueryState::Waiting {
                query.state = QueryState::Direct;
                tx.effects.push_back(Effect::Query(self.index, id));
            }
        }
    }

    /// The run has closed before its code was ever run: nobody can answer.
    fn refuse_queries(&mut self) {
        for (_, pending) in std::mem::take(&mut self.queries) {
            pending.waiter.tell(Err(closed_before_first_task()));
        }
    }

    /// The waiting queries, which go out with the workflow task that is being started.
    pub(crate) fn attach_queries(
        &mut self,
    ) -> impl Iterator<Item = (String, WorkflowQuery)> + use<'_> {
        let waiting = self.queries.iter_mut();
        let waiting = waiting.filter(|(_, query)| query.state == QueryState::Waiting);
        waiting.map(|(id, query)| {
            query.state = QueryState::Attached;
            (id.to_string(), query.query.clone())
        })
    }

    /// Answers what the completion of a workflow task answers; the others wait again.
    pub(crate) fn answer_attached(
        &mut self,
        results: impl IntoIterator<Item = (String, WorkflowQueryResult)>,
    ) {
        for (id, result) in results {
            let Ok(id) = id.parse() else { continue };
            let is_attached = |query: &PendingQuery| query.state == QueryState::Attached;
            if self.queries.get(&id).is_some_and(is_attached) {
                self.answer_query(id, answer(result));
            }
        }
        self.detach_queries();
    }

    /// The workflow task came to nothing: its queries wait for another.
    pub(crate) fn detach_queries(&mut self) {
        for query in self.queries.values_mut() {
            if query.state == QueryState::Attached {
                query.state = QueryState::Waiting;
            }
        }
    }

    /// Tells the caller; whether there still was one to tell.
    pub(crate) fn answer_query(&mut self, id: u64, answer: QueryAnswer) -> bool {
        let pending = self.queries.remove(&id);
        let known = pending.is_some();
        if let Some(pending) = pending {
            pending.waiter.tell(answer);
        }
        known
    }
}

fn answer(result: WorkflowQueryResult) -> QueryAnswer {
    match result.result_type() {
        QueryResultType::Answered => Ok(result.answer),
        QueryResultType::Failed | QueryResultType::Unspecified => {
            Err(query_failed(result.error_message, result.failure))
        }
    }
}
