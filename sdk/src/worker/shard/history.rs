//! Bringing a run up to a task: the events that came with it, and the pages that did not
//! (protocol 2.3, 2.4).

use bytes::Bytes;
use durably_engine::{Run, RunError};
use durably_protos::temporal::api::common::v1::WorkflowExecution;
use durably_protos::temporal::api::history::v1::HistoryEvent;
use durably_protos::temporal::api::workflowservice::v1::GetWorkflowExecutionHistoryRequest;
use tracing::dispatcher::{self, Dispatch};

use super::Shard;
use super::task::TaskHeader;
use crate::client::{Call, RpcError};

/// Why a run could not be brought up to its task.
#[derive(Debug)]
pub(super) enum ReplayError {
    /// Code and history do not fit, or the code panicked.
    Run(RunError),
    /// A page could not be fetched.
    Fetch(RpcError),
}

impl From<RunError> for ReplayError {
    fn from(error: RunError) -> Self {
        Self::Run(error)
    }
}

/// The history of one task, as far as it came with the task.
pub(super) struct TaskHistory {
    pub(super) execution: WorkflowExecution,
    pub(super) events: Vec<HistoryEvent>,
    /// The rest of the history, if any.
    pub(super) next_page_token: Bytes,
    /// The run is not in memory and `events` does not begin with event 1: everything is fetched,
    /// and `events` comes last. What was fetched may lack the task's own Scheduled and Started.
    pub(super) from_start: bool,
}

impl Shard {
    /// Gives a run all events of its task, and replays those before the task. Code that logs while
    /// it is replayed is not heard.
    pub(super) async fn replay(
        &self,
        run: &mut Run,
        header: &TaskHeader,
        history: TaskHistory,
        replay: bool,
    ) -> Result<(), ReplayError> {
        let TaskHistory {
            execution,
            events,
            mut next_page_token,
            from_start,
        } = history;
        let (first, last) = if from_start {
            (None, events)
        } else {
            (Some(events), Vec::new())
        };
        let mut page = match first {
            Some(events) => events,
            None => self.page(&execution, &mut next_page_token).await?,
        };
        while !next_page_token.is_empty() {
            self.stepping(header, || silently(|| run.push_events(page)))?;
            page = self.page(&execution, &mut next_page_token).await?;
        }
        run.push_last_events(page);
        run.push_last_events(last);
        if replay {
            self.stepping(header, || silently(|| run.replay()))?;
        }
        Ok(())
    }

    /// The next page; the token becomes that of the page after it.
    async fn page(
        &self,
        execution: &WorkflowExecution,
        token: &mut Bytes,
    ) -> Result<Vec<HistoryEvent>, ReplayError> {
        let request = GetWorkflowExecutionHistoryRequest {
            namespace: self.config.namespace.clone(),
            execution: Some(execution.clone()),
            next_page_token: std::mem::take(token),
            ..GetWorkflowExecutionHistoryRequest::default()
        };
        let response = self.rpc.call(request, Call::ORDINARY).await;
        let response = response.map_err(ReplayError::Fetch)?;
        *token = response.next_page_token;
        Ok(response.history.unwrap_or_default().events)
    }
}

/// Runs code whose log lines were written when it ran for the first time.
fn silently<T>(replay: impl FnOnce() -> T) -> T {
    dispatcher::with_default(&Dispatch::none(), replay)
}
