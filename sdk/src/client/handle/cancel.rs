//! Ending a workflow from outside: gently, or at once.

use std::fmt;
use std::future::{Future, IntoFuture};
use std::pin::Pin;

use durably_protos::temporal::api::common::v1::Payloads;
use durably_protos::temporal::api::workflowservice::v1::{
    RequestCancelWorkflowExecutionRequest, TerminateWorkflowExecutionRequest,
};
use uuid::Uuid;

use super::super::Client;
use super::super::rpc::{Call, RpcError};
use super::WorkflowHandle;
use crate::definition::WorkflowDefinition;
use crate::payload::{PayloadError, ToPayload};

/// A workflow was not asked to cancel.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum CancelError {
    /// There is no such workflow, or no such run of it.
    #[error("there is no workflow `{workflow_id}` to cancel: {message}")]
    NotFound {
        /// The workflow's id.
        workflow_id: String,
        /// What the server said.
        message: String,
    },
    /// The call failed.
    #[error(transparent)]
    Rpc(RpcError),
}

/// A workflow was not terminated.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum TerminateError {
    /// The workflow does not run: it is closed, or there is no such.
    #[error("workflow `{workflow_id}` is not running: {message}")]
    NotFound {
        /// The workflow's id.
        workflow_id: String,
        /// What the server said.
        message: String,
    },
    /// The call failed.
    #[error(transparent)]
    Rpc(RpcError),
}

/// A termination about to be asked for; see [`WorkflowHandle::terminate`].
#[must_use = "nothing is terminated until this is awaited"]
pub struct TerminateWorkflow {
    client: Client,
    request: TerminateWorkflowExecutionRequest,
}

impl<W: WorkflowDefinition> WorkflowHandle<W> {
    /// Asks the workflow to cancel. It decides itself what to do about that: mostly, to clean up and
    /// end. Asking again changes nothing, and neither does asking a workflow that is closed.
    ///
    /// # Errors
    /// See [`CancelError`].
    pub async fn cancel(&self, reason: impl Into<String>) -> Result<(), CancelError> {
        let request = RequestCancelWorkflowExecutionRequest {
            namespace: self.client.namespace().to_owned(),
            workflow_execution: Some(self.execution()),
            identity: self.client.identity().to_owned(),
            request_id: Uuid::new_v4().to_string(),
            first_execution_run_id: self.first_execution_run_id.clone(),
            reason: reason.into(),
            ..RequestCancelWorkflowExecutionRequest::default()
        };
        match self.client.intercepted(request, Call::ORDINARY).await {
            Ok(_) => Ok(()),
            Err(error) if error.is_not_found() => Err(CancelError::NotFound {
                workflow_id: self.workflow_id.clone(),
                message: error.message().to_owned(),
            }),
            Err(error) => Err(CancelError::Rpc(error)),
        }
    }

    /// Ends the workflow at once. Its code is not told, and cleans nothing up.
    ///
    /// ```no_run
    /// # use durably::client::WorkflowHandle;
    /// # async fn stop(handle: WorkflowHandle) -> Result<(), Box<dyn std::error::Error>> {
    /// handle.terminate("the order was a test").details(&"ticket-7".to_owned())?.await?;
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    /// See [`TerminateError`].
    pub fn terminate(&self, reason: impl Into<String>) -> TerminateWorkflow {
        let request = TerminateWorkflowExecutionRequest {
            namespace: self.client.namespace().to_owned(),
            workflow_execution: Some(self.execution()),
            reason: reason.into(),
            identity: self.client.identity().to_owned(),
            first_execution_run_id: self.first_execution_run_id.clone(),
            ..TerminateWorkflowExecutionRequest::default()
        };
        TerminateWorkflow {
            client: self.client.clone(),
            request,
        }
    }
}

impl TerminateWorkflow {
    /// Adds a detail to the event that is written, one payload a call.
    ///
    /// # Errors
    /// The value cannot be encoded.
    pub fn details<T: ToPayload>(mut self, detail: &T) -> Result<Self, PayloadError> {
        let payload = detail.to_payload()?;
        let details = &mut self.request.details;
        details
            .get_or_insert_with(Payloads::default)
            .payloads
            .push(payload);
        Ok(self)
    }

    async fn run(self) -> Result<(), TerminateError> {
        let execution = self.request.workflow_execution.clone().unwrap_or_default();
        match self.client.intercepted(self.request, Call::ORDINARY).await {
            Ok(_) => Ok(()),
            Err(error) if error.is_not_found() => Err(TerminateError::NotFound {
                workflow_id: execution.workflow_id,
                message: error.message().to_owned(),
            }),
            Err(error) => Err(TerminateError::Rpc(error)),
        }
    }
}

impl IntoFuture for TerminateWorkflow {
    type Output = Result<(), TerminateError>;
    type IntoFuture = Pin<Box<dyn Future<Output = Self::Output> + Send>>;

    fn into_future(self) -> Self::IntoFuture {
        Box::pin(self.run())
    }
}

impl fmt::Debug for TerminateWorkflow {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("TerminateWorkflow")
            .field("request", &self.request)
            .finish_non_exhaustive()
    }
}
