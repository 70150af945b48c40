//! Skipping time in a workflow that runs, in tests.

use std::time::Duration;

use durably_protos::temporal::api::common::v1::{TimeSkippingConfig, WorkflowExecution};
use durably_protos::temporal::api::enums::v1::FastForwardPollingResult;
use durably_protos::temporal::api::workflowservice::v1::PollWorkflowExecutionTimeSkippingRequest;
use uuid::Uuid;

use super::super::rpc::{Call, RpcError};
use super::{DescribeError, UpdateWorkflowOptionsError, WorkflowHandle};
use crate::definition::WorkflowDefinition;
use crate::options::TimeSkipping;

/// A workflow did not come to the time it was to be fast-forwarded to.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum FastForwardError {
    /// There is no such workflow, or it is closed.
    #[error("workflow `{workflow_id}` is not running: {message}")]
    NotFound {
        /// The workflow's id.
        workflow_id: String,
        /// What the server said.
        message: String,
    },
    /// The time will not come: the workflow ended before, another fast-forward took the place of this
    /// one, or time skipping was disabled.
    #[error("workflow `{workflow_id}` was not fast-forwarded: {reason}")]
    Failed {
        /// The workflow's id.
        workflow_id: String,
        /// What the server said.
        reason: String,
    },
    /// A call failed: the server does not allow that time is skipped, say.
    #[error(transparent)]
    Rpc(RpcError),
}

impl<W: WorkflowDefinition> WorkflowHandle<W> {
    /// Skips so much of the workflow's time as soon as nothing is under way in it, and waits until it has
    /// passed. What is due in between happens on the way. After that the workflow skips no time, until it
    /// is told to again.
    ///
    /// ```no_run
    /// # use std::time::Duration;
    /// # use durably::client::{FastForwardError, WorkflowHandle};
    /// # async fn remind(trial: WorkflowHandle) -> Result<(), FastForwardError> {
    /// const DAY: Duration = Duration::from_secs(24 * 60 * 60);
    /// trial.fast_forward(29 * DAY).await?;
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// For tests; see [`TimeSkipping`] for what servers allow it. Whether children do the same, and how
    /// often time may be skipped, stays as it was. In a `TestEnv`, whose server skips time for all
    /// workflows together, this is seldom needed.
    ///
    /// # Errors
    /// See [`FastForwardError`].
    pub async fn fast_forward(&self, duration: Duration) -> Result<(), FastForwardError> {
        let id = Uuid::new_v4().to_string();
        let skipping = self.time_skipping().await?.fast_forward(&id, duration);
        let changed = self.update_options().time_skipping(skipping).await;
        changed.map_err(|error| match error {
            UpdateWorkflowOptionsError::Rpc(error) => FastForwardError::Rpc(error),
            UpdateWorkflowOptionsError::NotFound { message, .. } => self.not_running(message),
            error @ UpdateWorkflowOptionsError::NoChange { .. } => {
                self.not_running(error.to_string())
            }
        })?;
        self.wait_for_fast_forward(id).await
    }

    /// Waits until the workflow, or a run that follows it, has come to the time that the
    /// [fast-forward](TimeSkipping::fast_forward) with this id goes to.
    ///
    /// # Errors
    /// See [`FastForwardError`].
    pub async fn wait_for_fast_forward(
        &self,
        id: impl Into<String>,
    ) -> Result<(), FastForwardError> {
        let request = PollWorkflowExecutionTimeSkippingRequest {
            namespace: self.client.namespace().to_owned(),
            // The fast-forward belongs to the chain of runs: a run that others follow would not tell.
            workflow_execution: Some(WorkflowExecution {
                workflow_id: self.workflow_id.clone(),
                run_id: String::new(),
            }),
            fast_forward_id: id.into(),
        };
        loop {
            let polled = self.client.intercepted(request.clone(), Call::LONG_POLL);
            let polled = polled.await.map_err(|error| match error.is_not_found() {
                true => self.not_running(error.message().to_owned()),
                false => FastForwardError::Rpc(error),
            })?;
            match polled.fast_forward_polling_result() {
                FastForwardPollingResult::FastForwardCompleted => return Ok(()),
                FastForwardPollingResult::FastForwardFailed => {
                    return Err(FastForwardError::Failed {
                        workflow_id: self.workflow_id.clone(),
                        reason: polled.failed_reason,
                    });
                }
                FastForwardPollingResult::PollTimeout | FastForwardPollingResult::Unspecified => {}
            }
        }
    }

    /// How the workflow skips time now, enabled.
    async fn time_skipping(&self) -> Result<TimeSkipping, FastForwardError> {
        let described = self.describe().await.map_err(|error| match error {
            DescribeError::Rpc(error) => FastForwardError::Rpc(error),
            error @ DescribeError::NotFound { .. } => self.not_running(error.to_string()),
        })?;
        let info = described.raw().workflow_extended_info.as_ref();
        let info = info.and_then(|info| info.time_skipping_info.as_ref());
        let config = info.and_then(|info| info.effective_config.clone());
        Ok(TimeSkipping::from_proto(TimeSkippingConfig {
            enabled: true,
            ..config.unwrap_or_default()
        }))
    }

    fn not_running(&self, message: String) -> FastForwardError {
        FastForwardError::NotFound {
            workflow_id: self.workflow_id.clone(),
            message,
        }
    }
}
