//! An update that was sent, and its result.

use std::fmt;
use std::marker::PhantomData;

use durably_protos::temporal::api::common::v1::WorkflowExecution;
use durably_protos::temporal::api::update::v1::UpdateRef;
use durably_protos::temporal::api::update::v1::outcome::Value;
use durably_protos::temporal::api::workflowservice::v1::PollWorkflowExecutionUpdateRequest;

use super::super::super::Client;
use super::super::super::rpc::Call;
use super::wait::Wait;
use super::{UpdateError, UpdateStage, outcome};
use crate::payload::FromPayload;

/// An update that was sent. `T` is the type of its result.
///
/// From [`start`](super::UpdateWorkflow::start), or by its id from
/// [`update_handle`](crate::client::WorkflowHandle::update_handle).
pub struct UpdateHandle<T> {
    client: Client,
    workflow_id: String,
    /// The run that has the update; empty for the current one.
    run_id: String,
    update_id: String,
    /// What the server has told already.
    outcome: Option<Value>,
    result: PhantomData<fn() -> T>,
}

impl<T> UpdateHandle<T> {
    pub(in crate::client) fn new(
        client: &Client,
        workflow_id: &str,
        run_id: String,
        update_id: &str,
    ) -> Self {
        Self {
            client: client.clone(),
            workflow_id: workflow_id.to_owned(),
            run_id,
            update_id: update_id.to_owned(),
            outcome: None,
            result: PhantomData,
        }
    }

    pub(super) fn with_outcome(mut self, outcome: Option<Value>) -> Self {
        self.outcome = outcome;
        self
    }

    /// The update's id.
    pub fn id(&self) -> &str {
        &self.update_id
    }

    /// The workflow's id.
    pub fn workflow_id(&self) -> &str {
        &self.workflow_id
    }

    /// The run that has the update; `None` for a handle by id to the current run.
    pub fn run_id(&self) -> Option<&str> {
        Some(self.run_id.as_str()).filter(|id| !id.is_empty())
    }

    /// Waits for the update's result, however long that takes. Asked as often as one likes, also after
    /// the workflow's end.
    ///
    /// # Errors
    /// See [`UpdateError`]. A server that cannot be reached is asked again for 5 minutes.
    pub async fn result(&self) -> Result<T, UpdateError>
    where
        T: FromPayload,
    {
        let polled;
        let outcome = match &self.outcome {
            Some(outcome) => outcome,
            None => {
                polled = self.poll().await?;
                &polled
            }
        };
        outcome::result(outcome, &self.workflow_id, &self.update_id)
    }

    /// The same update with its outcome.
    pub(in crate::client) async fn completed(self) -> Result<Self, UpdateError> {
        if self.outcome.is_some() {
            return Ok(self);
        }
        let outcome = self.poll().await?;
        Ok(self.with_outcome(Some(outcome)))
    }

    async fn poll(&self) -> Result<Value, UpdateError> {
        let request = PollWorkflowExecutionUpdateRequest {
            namespace: self.client.namespace().to_owned(),
            update_ref: Some(UpdateRef {
                workflow_execution: Some(WorkflowExecution {
                    workflow_id: self.workflow_id.clone(),
                    run_id: self.run_id.clone(),
                }),
                update_id: self.update_id.clone(),
            }),
            identity: self.client.identity().to_owned(),
            wait_policy: Some(UpdateStage::Completed.wait_policy()),
        };
        let mut wait = Wait::new();
        loop {
            wait.for_turn().await;
            let call = self.client.intercepted(request.clone(), Call::LONG_POLL);
            match call.await {
                Ok(response) => match response.outcome.and_then(|outcome| outcome.value) {
                    Some(outcome) => return Ok(outcome),
                    None => wait.heard(),
                },
                Err(error) if wait.outlasts(&error) => {}
                Err(error) => {
                    let (workflow_id, update_id) = (&self.workflow_id, &self.update_id);
                    return Err(UpdateError::from_rpc(error, workflow_id, update_id));
                }
            }
        }
    }
}

impl<T> Clone for UpdateHandle<T> {
    fn clone(&self) -> Self {
        Self::new(
            &self.client,
            &self.workflow_id,
            self.run_id.clone(),
            &self.update_id,
        )
        .with_outcome(self.outcome.clone())
    }
}

impl<T> fmt::Debug for UpdateHandle<T> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("UpdateHandle")
            .field("id", &self.update_id)
            .field("workflow_id", &self.workflow_id)
            .field("run_id", &self.run_id())
            .finish_non_exhaustive()
    }
}
