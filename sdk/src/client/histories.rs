//! The histories of all workflows that a query finds.

use std::collections::VecDeque;

use durably_protos::temporal::api::common::v1::WorkflowExecution;
use durably_protos::temporal::api::history::v1::History;
use durably_protos::temporal::api::workflow::v1::WorkflowExecutionInfo;
use durably_protos::temporal::api::workflowservice::v1::ListWorkflowExecutionsRequest;
use tokio::task::JoinSet;

use super::{Call, Client, HistoryError, HistoryStream, RpcError};

/// Histories could not be fetched.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum HistoriesError {
    /// The server did not say which workflows there are: the query is wrong, say.
    #[error("cannot list workflows: {0}")]
    List(RpcError),
    /// The history of one workflow could not be fetched; that of the next ones may be.
    #[error("cannot fetch the history of workflow \"{workflow_id}\" (run {run_id}): {error}")]
    Fetch {
        /// The workflow's id.
        workflow_id: String,
        /// The run's id.
        run_id: String,
        /// Why not.
        error: HistoryError,
    },
}

/// The history of a run that a query found.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct WorkflowHistory {
    /// The workflow's id.
    pub workflow_id: String,
    /// The run's id.
    pub run_id: String,
    /// The workflow's type.
    pub workflow_type: String,
    /// The events so far: of a run that is open, as many as there were.
    pub history: History,
}

/// The histories of all runs that a visibility query finds, fetched as they are asked for; see
/// [`Client::histories`].
#[derive(Debug)]
pub struct Histories {
    client: Client,
    request: ListWorkflowExecutionsRequest,
    listed: VecDeque<WorkflowExecutionInfo>,
    /// All pages were listed.
    finished: bool,
    concurrency: usize,
    fetches: JoinSet<Result<WorkflowHistory, HistoriesError>>,
}

impl Client {
    /// The histories of all runs that a visibility query finds, open and closed ones. An empty query
    /// finds all of the namespace.
    ///
    /// ```no_run
    /// # use durably::client::{Client, HistoriesError};
    /// # async fn count(client: Client) -> Result<(), HistoriesError> {
    /// let mut histories = client.histories("WorkflowType = 'OrderSaga'");
    /// while let Some(found) = histories.next_history().await? {
    ///     println!("{}: {} events", found.workflow_id, found.history.events.len());
    /// }
    /// # Ok(())
    /// # }
    /// ```
    pub fn histories(&self, query: impl Into<String>) -> Histories {
        Histories {
            client: self.clone(),
            request: ListWorkflowExecutionsRequest {
                namespace: self.namespace().to_owned(),
                query: query.into(),
                ..ListWorkflowExecutionsRequest::default()
            },
            listed: VecDeque::new(),
            finished: false,
            concurrency: 4,
            fetches: JoinSet::new(),
        }
    }
}

impl Histories {
    /// Sets how many histories are fetched at a time, and so how many are in memory; 4 by default.
    #[must_use]
    pub fn concurrency(mut self, histories: usize) -> Self {
        self.concurrency = histories.max(1);
        self
    }

    /// The next history; `None` after the last one. They come as they are fetched, not in an order.
    ///
    /// # Errors
    /// The workflows cannot be listed; the same page can be asked for again. Or one of the histories
    /// cannot be fetched; the next call goes on with the others.
    pub async fn next_history(&mut self) -> Result<Option<WorkflowHistory>, HistoriesError> {
        while self.listed.is_empty() && !self.finished && self.fetches.len() < self.concurrency {
            self.list_page().await?;
        }
        self.start_fetches();
        match self.fetches.join_next().await {
            None => Ok(None),
            Some(Ok(fetched)) => {
                self.start_fetches();
                fetched.map(Some)
            }
            Some(Err(error)) => match error.try_into_panic() {
                Ok(panic) => std::panic::resume_unwind(panic),
                // The runtime shuts down, and drops this call too.
                Err(_) => Ok(None),
            },
        }
    }

    fn start_fetches(&mut self) {
        while self.fetches.len() < self.concurrency {
            let Some(info) = self.listed.pop_front() else {
                return;
            };
            self.fetches.spawn(fetch(self.client.clone(), info));
        }
    }

    async fn list_page(&mut self) -> Result<(), HistoriesError> {
        let call = self
            .client
            .intercepted(self.request.clone(), Call::ORDINARY);
        let page = call.await.map_err(HistoriesError::List)?;
        self.finished = page.next_page_token.is_empty();
        self.request.next_page_token = page.next_page_token;
        self.listed = page.executions.into();
        Ok(())
    }
}

async fn fetch(
    client: Client,
    info: WorkflowExecutionInfo,
) -> Result<WorkflowHistory, HistoriesError> {
    let WorkflowExecution {
        workflow_id,
        run_id,
    } = info.execution.unwrap_or_default();
    let stream = HistoryStream::new(&client, &workflow_id, &run_id);
    match stream.into_history().await {
        Ok(history) => Ok(WorkflowHistory {
            workflow_id,
            run_id,
            workflow_type: info.r#type.unwrap_or_default().name,
            history,
        }),
        Err(error) => Err(HistoriesError::Fetch {
            workflow_id,
            run_id,
            error,
        }),
    }
}
