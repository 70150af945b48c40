//! What the server knows of a workflow.

use std::time::{Duration, SystemTime};

use durably_protos::google::protobuf;
use durably_protos::temporal::api::common::v1::Payload;
use durably_protos::temporal::api::enums::v1::WorkflowExecutionStatus;
use durably_protos::temporal::api::sdk::v1::UserMetadata;
use durably_protos::temporal::api::workflow::v1::{
    PendingActivityInfo, PendingChildExecutionInfo, WorkflowExecutionConfig, WorkflowExecutionInfo,
};
use durably_protos::temporal::api::workflowservice::v1::{
    DescribeWorkflowExecutionRequest, DescribeWorkflowExecutionResponse,
};

use super::super::rpc::{Call, RpcError};
use super::WorkflowHandle;
use crate::definition::WorkflowDefinition;
use crate::options::Priority;
use crate::payload::{FromPayload, Memo, PayloadError, SearchAttributes};
use crate::proto_time::{std_duration, system_time};

/// A workflow could not be described.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum DescribeError {
    /// There is no such workflow, or no such run of it.
    #[error("there is no workflow `{workflow_id}` with the run asked for")]
    NotFound {
        /// The workflow's id.
        workflow_id: String,
    },
    /// The call failed.
    #[error(transparent)]
    Rpc(RpcError),
}

impl<W: WorkflowDefinition> WorkflowHandle<W> {
    /// Asks the server what it knows of the workflow. No worker takes part in that.
    ///
    /// # Errors
    /// See [`DescribeError`].
    pub async fn describe(&self) -> Result<WorkflowDescription, DescribeError> {
        let request = DescribeWorkflowExecutionRequest {
            namespace: self.client.namespace().to_owned(),
            execution: Some(self.execution()),
        };
        match self.client.intercepted(request, Call::ORDINARY).await {
            Ok(response) => Ok(WorkflowDescription::from(response)),
            Err(error) if error.is_not_found() => Err(DescribeError::NotFound {
                workflow_id: self.workflow_id.clone(),
            }),
            Err(error) => Err(DescribeError::Rpc(error)),
        }
    }
}

/// What the server knows of a run of a workflow.
#[derive(Debug, Clone, PartialEq)]
pub struct WorkflowDescription {
    raw: DescribeWorkflowExecutionResponse,
    info: WorkflowExecutionInfo,
    config: WorkflowExecutionConfig,
}

impl From<DescribeWorkflowExecutionResponse> for WorkflowDescription {
    fn from(raw: DescribeWorkflowExecutionResponse) -> Self {
        Self {
            info: raw.workflow_execution_info.clone().unwrap_or_default(),
            config: raw.execution_config.clone().unwrap_or_default(),
            raw,
        }
    }
}

impl WorkflowDescription {
    /// The answer as it came, with all that has no method here.
    pub fn raw(&self) -> &DescribeWorkflowExecutionResponse {
        &self.raw
    }

    /// The workflow's id.
    pub fn workflow_id(&self) -> &str {
        self.info
            .execution
            .as_ref()
            .map_or("", |execution| &execution.workflow_id)
    }

    /// The run.
    pub fn run_id(&self) -> &str {
        self.info
            .execution
            .as_ref()
            .map_or("", |execution| &execution.run_id)
    }

    /// The first run of the chain that this run belongs to.
    pub fn first_run_id(&self) -> &str {
        &self.info.first_run_id
    }

    /// The workflow's type.
    pub fn workflow_type(&self) -> &str {
        self.info.r#type.as_ref().map_or("", |kind| &kind.name)
    }

    /// The status; one that this version does not know counts as unspecified.
    pub fn status(&self) -> WorkflowExecutionStatus {
        self.info.status()
    }

    /// The task queue.
    pub fn task_queue(&self) -> &str {
        &self.info.task_queue
    }

    /// When the run was created.
    pub fn start_time(&self) -> Option<SystemTime> {
        self.info.start_time.as_ref().and_then(system_time)
    }

    /// When the run began to work: later than its start after a delay, a retry's wait, or for a cron
    /// schedule.
    pub fn execution_time(&self) -> Option<SystemTime> {
        self.info.execution_time.as_ref().and_then(system_time)
    }

    /// When the run was closed, if it is.
    pub fn close_time(&self) -> Option<SystemTime> {
        self.info.close_time.as_ref().and_then(system_time)
    }

    /// How many events its history has.
    pub fn history_length(&self) -> i64 {
        self.info.history_length
    }

    /// How large its history is.
    pub fn history_size_bytes(&self) -> i64 {
        self.info.history_size_bytes
    }

    /// How long the workflow may take in all; `None` without limit.
    pub fn workflow_execution_timeout(&self) -> Option<Duration> {
        timeout(self.config.workflow_execution_timeout.as_ref())
    }

    /// How long one run may take; `None` without limit.
    pub fn workflow_run_timeout(&self) -> Option<Duration> {
        timeout(self.config.workflow_run_timeout.as_ref())
    }

    /// How long one workflow task may take.
    pub fn workflow_task_timeout(&self) -> Option<Duration> {
        timeout(self.config.default_workflow_task_timeout.as_ref())
    }

    /// The memo.
    pub fn memo(&self) -> Memo {
        self.info.memo.clone().map(Memo::from).unwrap_or_default()
    }

    /// The search attributes.
    pub fn search_attributes(&self) -> SearchAttributes {
        self.info
            .search_attributes
            .clone()
            .map(SearchAttributes::from)
            .unwrap_or_default()
    }

    /// The order of the workflow's tasks among others.
    pub fn priority(&self) -> Priority {
        self.info
            .priority
            .clone()
            .map(Priority::from)
            .unwrap_or_default()
    }

    /// Workflow id and run id of the parent, if this is a child.
    pub fn parent(&self) -> Option<(&str, &str)> {
        let parent = self.info.parent_execution.as_ref()?;
        Some((&parent.workflow_id, &parent.run_id))
    }

    /// The activities that are scheduled or running.
    pub fn pending_activities(&self) -> &[PendingActivityInfo] {
        &self.raw.pending_activities
    }

    /// The child workflows that are running.
    pub fn pending_children(&self) -> &[PendingChildExecutionInfo] {
        &self.raw.pending_children
    }

    /// The line of Markdown that the start gave.
    ///
    /// # Errors
    /// It cannot be read as text.
    pub fn static_summary(&self) -> Result<Option<String>, PayloadError> {
        self.text(|metadata| metadata.summary.as_ref())
    }

    /// The longer text in Markdown that the start gave.
    ///
    /// # Errors
    /// It cannot be read as text.
    pub fn static_details(&self) -> Result<Option<String>, PayloadError> {
        self.text(|metadata| metadata.details.as_ref())
    }

    fn text(
        &self,
        field: impl FnOnce(&UserMetadata) -> Option<&Payload>,
    ) -> Result<Option<String>, PayloadError> {
        let payload = self.config.user_metadata.as_ref().and_then(field);
        payload.map(String::from_payload).transpose()
    }
}

/// Zero is how the server says that there is no limit.
fn timeout(duration: Option<&protobuf::Duration>) -> Option<Duration> {
    duration
        .map(std_duration)
        .filter(|timeout| !timeout.is_zero())
}
