//! Sending signals.

use std::future::Future;

use durably_protos::temporal::api::common::v1::Payload;
use durably_protos::temporal::api::workflowservice::v1::SignalWorkflowExecutionRequest;
use uuid::Uuid;

use super::super::rpc::{Call, RpcError};
use super::WorkflowHandle;
use crate::definition::{SignalDefinition, WorkflowDefinition};
use crate::payload::{Arguments, PayloadError, payloads};

/// A signal was not sent.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum SignalError {
    /// The workflow does not run: it is closed, or there is no such.
    #[error("workflow `{workflow_id}` is not running: {message}")]
    NotFound {
        /// The workflow's id.
        workflow_id: String,
        /// What the server said.
        message: String,
    },
    /// An argument could not be encoded.
    #[error("cannot encode the signal's arguments: {0}")]
    Payload(#[from] PayloadError),
    /// The call failed.
    #[error(transparent)]
    Rpc(RpcError),
}

impl<W: WorkflowDefinition> WorkflowHandle<W> {
    /// Sends a signal. It is in the workflow's history when this returns; the workflow sees it with
    /// its next task. Retries of the call send it once.
    ///
    /// ```no_run
    /// # use durably::prelude::*;
    /// # #[derive(Default)]
    /// # struct OrderSaga;
    /// # #[workflow]
    /// # impl OrderSaga {
    /// #     #[run]
    /// #     async fn run(&self, ctx: &WorkflowContext, order: String) -> WorkflowResult<String> { Ok(order) }
    /// #     #[signal]
    /// #     fn cancel(&self, reason: String) {}
    /// #     #[query]
    /// #     fn status(&self) -> String { String::new() }
    /// # }
    /// # async fn signal(client: Client) -> Result<(), durably::client::SignalError> {
    /// let order = client.workflow_handle(OrderSaga::run, "order-123");
    /// order.signal(OrderSaga::cancel, "changed my mind").await?;
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    /// See [`SignalError`].
    pub fn signal<S>(
        &self,
        signal: S,
        arguments: impl Arguments<S::Parameters>,
    ) -> impl Future<Output = Result<(), SignalError>> + Send
    where
        S: SignalDefinition<Workflow = W::Owner>,
    {
        let _ = signal;
        let arguments = arguments.to_payloads();
        async move { self.send_signal(S::NAME.to_owned(), arguments?).await }
    }

    /// As [`signal`](Self::signal), by the signal's name and with arguments as they go over the wire.
    ///
    /// # Errors
    /// See [`SignalError`].
    pub async fn signal_by_name(
        &self,
        name: impl Into<String>,
        arguments: Vec<Payload>,
    ) -> Result<(), SignalError> {
        self.send_signal(name.into(), arguments).await
    }

    async fn send_signal(&self, name: String, arguments: Vec<Payload>) -> Result<(), SignalError> {
        let request = SignalWorkflowExecutionRequest {
            namespace: self.client.namespace().to_owned(),
            workflow_execution: Some(self.execution()),
            signal_name: name,
            input: payloads(arguments),
            identity: self.client.identity().to_owned(),
            request_id: Uuid::new_v4().to_string(),
            header: self.client.headers().to_proto(),
            ..SignalWorkflowExecutionRequest::default()
        };
        match self.client.intercepted(request, Call::ORDINARY).await {
            Ok(_) => Ok(()),
            Err(error) if error.is_not_found() => Err(SignalError::NotFound {
                workflow_id: self.workflow_id.clone(),
                message: error.message().to_owned(),
            }),
            Err(error) => Err(SignalError::Rpc(error)),
        }
    }
}
