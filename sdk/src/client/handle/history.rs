//! The history of a run, page by page.

use std::collections::VecDeque;

use durably_protos::temporal::api::common::v1::{DataBlob, WorkflowExecution};
use durably_protos::temporal::api::enums::v1::{EncodingType, HistoryEventFilterType};
use durably_protos::temporal::api::history::v1::{History, HistoryEvent};
use durably_protos::temporal::api::workflowservice::v1::GetWorkflowExecutionHistoryRequest;
use prost::Message;

use super::super::Client;
use super::super::rpc::{Call, RpcError};
use super::WorkflowHandle;
use crate::definition::WorkflowDefinition;

/// A workflow's history could not be fetched.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum HistoryError {
    /// There is no such workflow, or no such run of it.
    #[error("there is no workflow `{workflow_id}` with the run asked for")]
    NotFound {
        /// The workflow's id.
        workflow_id: String,
    },
    /// The server sent events in a form that this SDK cannot read.
    #[error("cannot read the history's events: {problem}")]
    Undecodable {
        /// What is wrong with them.
        problem: String,
    },
    /// A call failed.
    #[error(transparent)]
    Rpc(RpcError),
}

/// The events of one run, fetched as they are asked for.
///
/// ```no_run
/// # use durably::client::{HistoryError, WorkflowHandle};
/// # async fn print(handle: WorkflowHandle) -> Result<(), HistoryError> {
/// let mut history = handle.fetch_history();
/// while let Some(event) = history.next_event().await? {
///     println!("{} {}", event.event_id, event.event_type().as_str_name());
/// }
/// # Ok(())
/// # }
/// ```
///
/// After an error the same page can be asked for again. A call that is dropped loses no events.
#[derive(Debug)]
pub struct HistoryStream {
    client: Client,
    request: GetWorkflowExecutionHistoryRequest,
    buffered: VecDeque<HistoryEvent>,
    finished: bool,
}

impl<W: WorkflowDefinition> WorkflowHandle<W> {
    /// The events of this handle's run (of the current one, for a handle by workflow id).
    pub fn fetch_history(&self) -> HistoryStream {
        HistoryStream::new(&self.client, &self.workflow_id, &self.result_run_id)
    }
}

impl HistoryStream {
    pub(in crate::client) fn new(client: &Client, workflow_id: &str, run_id: &str) -> Self {
        let request = GetWorkflowExecutionHistoryRequest {
            namespace: client.namespace().to_owned(),
            execution: Some(WorkflowExecution {
                workflow_id: workflow_id.to_owned(),
                run_id: run_id.to_owned(),
            }),
            history_event_filter_type: HistoryEventFilterType::AllEvent.into(),
            ..GetWorkflowExecutionHistoryRequest::default()
        };
        Self {
            client: client.clone(),
            request,
            buffered: VecDeque::new(),
            finished: false,
        }
    }

    /// Waits for further events of a workflow that is running, until it closes.
    #[must_use]
    pub fn wait_new_events(mut self) -> Self {
        self.request.wait_new_event = true;
        // Only what still happens is waited for; archives hold what is long past.
        self.request.skip_archival = true;
        self
    }

    /// Fetches only the event that closed the run, if it is closed.
    #[must_use]
    pub fn only_close_event(self) -> Self {
        self.filter(HistoryEventFilterType::CloseEvent)
    }

    /// Sets the most events of a page; the server's default otherwise.
    #[must_use]
    pub fn page_size(mut self, events: u16) -> Self {
        self.request.maximum_page_size = events.into();
        self
    }

    pub(super) fn filter(mut self, filter: HistoryEventFilterType) -> Self {
        self.request.history_event_filter_type = filter.into();
        self
    }

    /// The next event; `None` after the last one.
    ///
    /// # Errors
    /// A page could not be fetched.
    pub async fn next_event(&mut self) -> Result<Option<HistoryEvent>, HistoryError> {
        while self.buffered.is_empty() {
            match self.next_page().await? {
                Some(events) => self.buffered = events.into(),
                None => return Ok(None),
            }
        }
        Ok(self.buffered.pop_front())
    }

    /// The events left of the current page, or else those of the next page that has any; `None`
    /// after the last one.
    ///
    /// # Errors
    /// The page could not be fetched.
    pub async fn next_page(&mut self) -> Result<Option<Vec<HistoryEvent>>, HistoryError> {
        if !self.buffered.is_empty() {
            return Ok(Some(std::mem::take(&mut self.buffered).into()));
        }
        // A page without events is no end: a long poll without news looks like that.
        while !self.finished {
            let events = self.fetch_page().await?;
            if !events.is_empty() {
                return Ok(Some(events));
            }
        }
        Ok(None)
    }

    /// All events that are left.
    ///
    /// # Errors
    /// A page could not be fetched.
    pub async fn into_history(mut self) -> Result<History, HistoryError> {
        let mut history = History::default();
        while let Some(events) = self.next_page().await? {
            history.events.extend(events);
        }
        Ok(history)
    }

    async fn fetch_page(&mut self) -> Result<Vec<HistoryEvent>, HistoryError> {
        let call = match self.request.wait_new_event {
            true => Call::LONG_POLL,
            false => Call::ORDINARY,
        };
        let response = self.client.intercepted(self.request.clone(), call).await;
        let response = response.map_err(|error| self.error(error))?;
        self.finished = response.next_page_token.is_empty();
        self.request.next_page_token = response.next_page_token;
        let mut events = response.history.unwrap_or_default().events;
        for blob in &response.raw_history {
            events.extend(raw_events(blob)?);
        }
        Ok(events)
    }

    fn error(&self, error: RpcError) -> HistoryError {
        if !error.is_not_found() {
            return HistoryError::Rpc(error);
        }
        let execution = self.request.execution.clone().unwrap_or_default();
        HistoryError::NotFound {
            workflow_id: execution.workflow_id,
        }
    }
}

/// Some servers are set up to send events as they are stored.
fn raw_events(blob: &DataBlob) -> Result<Vec<HistoryEvent>, HistoryError> {
    if blob.encoding_type() != EncodingType::Proto3 {
        return Err(HistoryError::Undecodable {
            problem: format!("their encoding is {}", blob.encoding_type().as_str_name()),
        });
    }
    match History::decode(blob.data.clone()) {
        Ok(history) => Ok(history.events),
        Err(error) => Err(HistoryError::Undecodable {
            problem: error.to_string(),
        }),
    }
}
