//! What can be done with a workflow from outside.

mod cancel;
mod close;
mod describe;
mod fast_forward;
mod history;
mod options;
mod query;
mod result;
mod signal;
mod update;

use std::fmt;
use std::marker::PhantomData;

use durably_protos::temporal::api::common::v1::WorkflowExecution;

pub use cancel::{CancelError, TerminateError, TerminateWorkflow};
pub use describe::{DescribeError, WorkflowDescription};
pub use fast_forward::FastForwardError;
pub use history::{HistoryError, HistoryStream};
pub use options::{UpdateWorkflowOptions, UpdateWorkflowOptionsError, WorkflowOptions};
pub use query::{QueryError, QueryWorkflow};
pub use result::{GetResult, ResultError};
pub use signal::SignalError;
pub use update::{UpdateError, UpdateHandle, UpdateStage, UpdateWorkflow};

pub(super) use update::{UpdateMessage, Wait, ids, reached, send};

use super::Client;
use super::start::Untyped;
use crate::definition::WorkflowDefinition;
use crate::payload::Headers;

/// A workflow: one that was started, or one that is known by its id.
///
/// | handle | messages and queries go to | the result is of |
/// |---|---|---|
/// | from a start | the workflow's current run | the run that was started, and those that follow it |
/// | by workflow id | the current run | the current run, and those that follow it |
/// | [`with_run_id`](Self::with_run_id) | that run | that run, and those that follow it |
///
/// Updates, cancelling and terminating go to the current run as well. With a handle from a start, they
/// go to no other workflow than the one that was started, even if its id is used again.
pub struct WorkflowHandle<W: WorkflowDefinition = Untyped> {
    client: Client,
    workflow_id: String,
    /// The run that messages go to; empty for the current one.
    run_id: String,
    /// The run whose result is asked for; empty for the current one.
    result_run_id: String,
    /// The first run of the chain that this handle is about; empty if unknown.
    first_execution_run_id: String,
    workflow: PhantomData<fn() -> W>,
}

impl<W: WorkflowDefinition> WorkflowHandle<W> {
    pub(super) fn existing(client: Client, workflow_id: String) -> Self {
        Self {
            client,
            workflow_id,
            run_id: String::new(),
            result_run_id: String::new(),
            first_execution_run_id: String::new(),
            workflow: PhantomData,
        }
    }

    pub(super) fn started(
        client: Client,
        workflow_id: String,
        run_id: String,
        first_execution_run_id: String,
    ) -> Self {
        // Old servers do not name the first run; for a new workflow it is this one.
        let first_execution_run_id = match first_execution_run_id.is_empty() {
            true => run_id.clone(),
            false => first_execution_run_id,
        };
        Self {
            result_run_id: run_id,
            first_execution_run_id,
            ..Self::existing(client, workflow_id)
        }
    }

    /// The same workflow, but this run of it instead of the current one.
    #[must_use]
    pub fn with_run_id(mut self, run_id: impl Into<String>) -> Self {
        self.run_id = run_id.into();
        self.result_run_id.clone_from(&self.run_id);
        self
    }

    /// The same workflow without its types: messages by name, the result as a payload.
    pub fn untyped(&self) -> WorkflowHandle<Untyped> {
        WorkflowHandle {
            client: self.client.clone(),
            workflow_id: self.workflow_id.clone(),
            run_id: self.run_id.clone(),
            result_run_id: self.result_run_id.clone(),
            first_execution_run_id: self.first_execution_run_id.clone(),
            workflow: PhantomData,
        }
    }

    /// The workflow's id.
    pub fn workflow_id(&self) -> &str {
        &self.workflow_id
    }

    /// The run that was started, or that was chosen by [`with_run_id`](Self::with_run_id); `None` for
    /// a handle by workflow id.
    pub fn run_id(&self) -> Option<&str> {
        Some(self.result_run_id.as_str()).filter(|id| !id.is_empty())
    }

    /// The same workflow with other headers for the messages that are sent to it: see
    /// [`Client::with_headers`].
    #[must_use]
    pub fn with_headers(mut self, headers: Headers) -> Self {
        self.client = self.client.with_headers(headers);
        self
    }

    /// The client.
    pub fn client(&self) -> &Client {
        &self.client
    }

    /// The execution that messages go to.
    fn execution(&self) -> WorkflowExecution {
        WorkflowExecution {
            workflow_id: self.workflow_id.clone(),
            run_id: self.run_id.clone(),
        }
    }
}

impl<W: WorkflowDefinition> Clone for WorkflowHandle<W> {
    fn clone(&self) -> Self {
        let WorkflowHandle {
            client,
            workflow_id,
            run_id,
            result_run_id,
            first_execution_run_id,
            ..
        } = self.untyped();
        Self {
            client,
            workflow_id,
            run_id,
            result_run_id,
            first_execution_run_id,
            workflow: PhantomData,
        }
    }
}

impl<W: WorkflowDefinition> fmt::Debug for WorkflowHandle<W> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("WorkflowHandle")
            .field("workflow_id", &self.workflow_id)
            .field("run_id", &self.run_id())
            .finish_non_exhaustive()
    }
}
