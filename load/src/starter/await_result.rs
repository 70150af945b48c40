//! Waiting for a workflow: until it idles, until it has ended.

use durably_protos::temporal::api::common::v1::WorkflowExecution;
use durably_protos::temporal::api::enums::v1::{EventType, HistoryEventFilterType};
use durably_protos::temporal::api::history::v1::HistoryEvent;
use durably_protos::temporal::api::history::v1::history_event::Attributes;

use super::error::StarterError;
use super::service::Service;
use crate::number::number;

impl Service {
    /// Waits until the workflow's first task is completed.
    pub(super) async fn first_task_completed(
        &self,
        execution: &WorkflowExecution,
    ) -> Result<(), StarterError> {
        let mut token = bytes::Bytes::new();
        loop {
            let filter = HistoryEventFilterType::AllEvent.into();
            let page = self.history(execution, token, filter).await?;
            let events = page.history.unwrap_or_default().events;
            if events
                .iter()
                .any(|event| event.event_type() == EventType::WorkflowTaskCompleted)
            {
                return Ok(());
            }
            // Without a token the next call begins again, which is right as well.
            token = page.next_page_token;
        }
    }

    /// Waits for the workflow's end and checks its result; gives the length of its history.
    pub(super) async fn result(
        &self,
        execution: &WorkflowExecution,
        expected: u64,
    ) -> Result<i64, StarterError> {
        let mut token = bytes::Bytes::new();
        let close = loop {
            let filter = HistoryEventFilterType::CloseEvent.into();
            let page = self.history(execution, token, filter).await?;
            if let Some(event) = page.history.unwrap_or_default().events.pop() {
                break event;
            }
            token = page.next_page_token;
        };
        match outcome(&close) {
            Ok(Some(result)) if result == expected => Ok(close.event_id),
            Ok(result) => Err(format!("it returned {result:?}")),
            Err(outcome) => Err(outcome),
        }
        .map_err(|outcome| StarterError::Outcome {
            workflow_id: execution.workflow_id.clone(),
            expected,
            outcome,
        })
    }
}

/// The number returned, if it is one; or how the workflow ended otherwise.
fn outcome(close: &HistoryEvent) -> Result<Option<u64>, String> {
    match &close.attributes {
        Some(Attributes::WorkflowExecutionCompletedEventAttributes(completed)) => {
            Ok(number(completed.result.as_ref()))
        }
        Some(Attributes::WorkflowExecutionFailedEventAttributes(failed)) => {
            let message = failed
                .failure
                .as_ref()
                .map_or("", |failure| &failure.message);
            Err(format!("it failed: {message}"))
        }
        _ => Err(format!(
            "its last event is {}",
            close.event_type().as_str_name()
        )),
    }
}
