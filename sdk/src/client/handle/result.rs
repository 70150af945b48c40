//! Waiting for a workflow's result.

use std::fmt;
use std::future::{Future, IntoFuture};
use std::pin::Pin;

use durably_protos::temporal::api::common::v1::Payload;
use durably_protos::temporal::api::enums::v1::HistoryEventFilterType;
use tonic::Code;

use super::super::rpc::RpcError;
use super::close::Close;
use super::{HistoryError, HistoryStream, WorkflowHandle};
use crate::definition::WorkflowDefinition;
use crate::failure::Failure;
use crate::payload::{FromPayload, PayloadError, value_from_result};

/// A workflow gave no result.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ResultError {
    /// It failed; the failure says how.
    #[error("the workflow failed: {0}")]
    Failed(#[source] Failure),
    /// It was canceled.
    #[error("the workflow was canceled")]
    Canceled {
        /// What it left behind.
        details: Vec<Payload>,
    },
    /// It was terminated.
    #[error("the workflow was terminated by `{identity}`: {reason}")]
    Terminated {
        /// Why.
        reason: String,
        /// Further details.
        details: Vec<Payload>,
        /// By whom.
        identity: String,
    },
    /// It took longer than its timeouts allow.
    #[error("the workflow timed out")]
    TimedOut,
    /// It goes on in another run, which was not to be followed.
    #[error("the workflow continued as new in run `{new_run_id}`")]
    ContinuedAsNew {
        /// The run it goes on in.
        new_run_id: String,
    },
    /// There is no such workflow, or no such run of it.
    #[error("there is no workflow `{workflow_id}` with the run asked for")]
    NotFound {
        /// The workflow's id.
        workflow_id: String,
    },
    /// Its result cannot be read as the type it should have.
    #[error("cannot read the workflow's result: {0}")]
    Payload(#[from] PayloadError),
    /// Its history does not end with an event that this SDK knows.
    #[error(
        "the workflow's history ends with {last_event}, which this version does not know as an end"
    )]
    UnknownEnd {
        /// The last event's type.
        last_event: String,
    },
    /// A call failed.
    #[error(transparent)]
    Rpc(RpcError),
}

impl ResultError {
    fn from_history(error: HistoryError, workflow_id: &str) -> Self {
        match error {
            HistoryError::NotFound { .. } => Self::NotFound {
                workflow_id: workflow_id.to_owned(),
            },
            HistoryError::Rpc(error) => Self::Rpc(error),
            HistoryError::Undecodable { .. } => Self::UnknownEnd {
                last_event: "events that cannot be read".to_owned(),
            },
        }
    }
}

/// Whether a poll merely had no answer in its time.
fn is_end_of_poll(error: &RpcError) -> bool {
    error.code() == Code::DeadlineExceeded && !error.is_refused()
}

/// The wait for a workflow's result; see [`WorkflowHandle::result`].
#[must_use = "nothing is asked until this is awaited"]
pub struct GetResult<'a, W: WorkflowDefinition> {
    handle: &'a WorkflowHandle<W>,
    follow_runs: bool,
}

impl<W: WorkflowDefinition> WorkflowHandle<W> {
    /// Waits for the workflow's result, however long that takes.
    ///
    /// Where the workflow goes on in another run (continued as new, retried, next run of a cron
    /// schedule) that run's result is waited for, and so on. A workflow with a cron schedule that
    /// nobody stops therefore has no result.
    ///
    /// ```no_run
    /// # use durably::client::WorkflowHandle;
    /// # async fn wait(handle: WorkflowHandle) -> Result<(), durably::client::ResultError> {
    /// let result = handle.result().await?;
    /// let first_run = handle.result().follow_runs(false).await?;
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    /// See [`ResultError`]. A server that cannot be reached is asked again for 5 minutes.
    pub fn result(&self) -> GetResult<'_, W> {
        GetResult {
            handle: self,
            follow_runs: true,
        }
    }
}

impl<W: WorkflowDefinition> GetResult<'_, W> {
    /// Sets whether the runs that follow are waited for; they are otherwise.
    pub fn follow_runs(mut self, follow: bool) -> Self {
        self.follow_runs = follow;
        self
    }

    async fn run(self) -> Result<W::Output, ResultError>
    where
        W::Output: FromPayload,
    {
        let payload = self.payload().await?;
        Ok(value_from_result(payload.as_ref())?)
    }

    async fn payload(&self) -> Result<Option<Payload>, ResultError> {
        let mut run_id = self.handle.result_run_id.clone();
        loop {
            let close = self.close_of(&run_id).await?;
            match close.next_run_id {
                Some(next) if self.follow_runs => run_id = next,
                _ => return close.outcome,
            }
        }
    }

    /// Waits for the end of one run.
    async fn close_of(&self, run_id: &str) -> Result<Close, ResultError> {
        let workflow_id = &self.handle.workflow_id;
        let mut history = HistoryStream::new(&self.handle.client, workflow_id, run_id)
            .wait_new_events()
            .filter(HistoryEventFilterType::CloseEvent);
        let mut last = None;
        loop {
            match history.next_event().await {
                Ok(Some(event)) => last = Some(event),
                Ok(None) => break,
                // A poll without an answer in its time is no more than that.
                Err(HistoryError::Rpc(error)) if is_end_of_poll(&error) => {}
                Err(error) => return Err(ResultError::from_history(error, workflow_id)),
            }
        }
        let Some(event) = last else {
            return Err(ResultError::UnknownEnd {
                last_event: "no event at all".to_owned(),
            });
        };
        let last_event = event.event_type().as_str_name().to_owned();
        Close::from_event(event).ok_or(ResultError::UnknownEnd { last_event })
    }
}

impl<'a, W: WorkflowDefinition> IntoFuture for GetResult<'a, W>
where
    W::Output: FromPayload,
{
    type Output = Result<W::Output, ResultError>;
    type IntoFuture = Pin<Box<dyn Future<Output = Self::Output> + Send + 'a>>;

    fn into_future(self) -> Self::IntoFuture {
        Box::pin(self.run())
    }
}

impl<W: WorkflowDefinition> fmt::Debug for GetResult<'_, W> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("GetResult")
            .field("handle", self.handle)
            .field("follow_runs", &self.follow_runs)
            .finish()
    }
}
