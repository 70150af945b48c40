//! From a task's history to the run's progress (protocol 2.3, 2.4).

use durably_protos::temporal::api::common::v1::WorkflowExecution;
use durably_protos::temporal::api::history::v1::HistoryEvent;
use durably_protos::temporal::api::workflowservice::v1::{
    GetWorkflowExecutionHistoryRequest, PollWorkflowTaskQueueResponse,
};

use super::NullError;
use super::error::call;
use super::progress::Progress;
use super::shard::Shard;

impl Shard {
    /// The progress that the cached one, if any, and the task's events add up to.
    pub(super) async fn progress(
        &self,
        task: &mut PollWorkflowTaskQueueResponse,
    ) -> Result<Progress, NullError> {
        let execution = task.workflow_execution.clone().unwrap_or_default();
        let events = task.history.take().unwrap_or_default().events;
        let mut cached = self.take(&execution.run_id);
        let first = events.first().map_or(0, |event| event.event_id);
        if first > 1 && cached.is_none() {
            // A cache miss: everything from the beginning, then the rest.
            cached = self.fetch(&execution, bytes::Bytes::new(), None).await?;
        }
        let mut progress = fold(&execution, cached, events)?;
        if !task.next_page_token.is_empty() {
            let token = std::mem::take(&mut task.next_page_token);
            progress = self.fetch(&execution, token, progress).await?;
        }
        progress.ok_or_else(|| not_prepared(&execution, "the task has no history"))
    }

    async fn fetch(
        &self,
        execution: &WorkflowExecution,
        mut next_page_token: bytes::Bytes,
        mut progress: Option<Progress>,
    ) -> Result<Option<Progress>, NullError> {
        let mut client = self.connection.client.clone();
        loop {
            let request = self.connection.request(GetWorkflowExecutionHistoryRequest {
                namespace: self.namespace.clone(),
                execution: Some(execution.clone()),
                next_page_token,
                ..GetWorkflowExecutionHistoryRequest::default()
            });
            let response = client.get_workflow_execution_history(request).await;
            let response = response.map_err(call("GetWorkflowExecutionHistory"))?;
            let page = response.into_inner();
            progress = fold(execution, progress, page.history.unwrap_or_default().events)?;
            next_page_token = page.next_page_token;
            if next_page_token.is_empty() {
                return Ok(progress);
            }
        }
    }
}

fn fold(
    execution: &WorkflowExecution,
    mut progress: Option<Progress>,
    events: Vec<HistoryEvent>,
) -> Result<Option<Progress>, NullError> {
    for event in events {
        let step = if event.event_id == 1 {
            Progress::begin(event).map(|begun| progress = Some(begun))
        } else if let Some(progress) = &mut progress {
            progress.apply(&event)
        } else {
            Err("its history begins in the middle")
        };
        step.map_err(|reason| not_prepared(execution, reason))?;
    }
    Ok(progress)
}

fn not_prepared(execution: &WorkflowExecution, reason: &'static str) -> NullError {
    NullError::NotPrepared {
        workflow_id: execution.workflow_id.clone(),
        reason,
    }
}
