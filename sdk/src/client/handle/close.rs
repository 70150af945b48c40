//! How a run ended, as its last event tells.

use durably_protos::temporal::api::common::v1::Payload;
use durably_protos::temporal::api::history::v1::HistoryEvent;
use durably_protos::temporal::api::history::v1::history_event::Attributes;

use super::ResultError;
use crate::failure::Failure;

/// The end of a run.
#[derive(Debug)]
pub(super) struct Close {
    pub(super) outcome: Result<Option<Payload>, ResultError>,
    /// The run that goes on where this one ended: a retry, the next run of a cron schedule, or a
    /// continuation.
    pub(super) next_run_id: Option<String>,
}

impl Close {
    /// Reads a closing event; `None` if the event is no such.
    pub(super) fn from_event(event: HistoryEvent) -> Option<Self> {
        let (outcome, next_run_id) = match event.attributes? {
            Attributes::WorkflowExecutionCompletedEventAttributes(completed) => {
                let payloads = completed.result.unwrap_or_default().payloads;
                (
                    Ok(payloads.into_iter().next()),
                    completed.new_execution_run_id,
                )
            }
            Attributes::WorkflowExecutionFailedEventAttributes(failed) => {
                let failure = Failure::from(failed.failure.unwrap_or_default());
                (
                    Err(ResultError::Failed(failure)),
                    failed.new_execution_run_id,
                )
            }
            Attributes::WorkflowExecutionTimedOutEventAttributes(timed_out) => {
                (Err(ResultError::TimedOut), timed_out.new_execution_run_id)
            }
            Attributes::WorkflowExecutionCanceledEventAttributes(canceled) => {
                let details = canceled.details.unwrap_or_default().payloads;
                (Err(ResultError::Canceled { details }), String::new())
            }
            Attributes::WorkflowExecutionTerminatedEventAttributes(terminated) => {
                let error = ResultError::Terminated {
                    reason: terminated.reason,
                    details: terminated.details.unwrap_or_default().payloads,
                    identity: terminated.identity,
                };
                (Err(error), String::new())
            }
            Attributes::WorkflowExecutionContinuedAsNewEventAttributes(continued) => {
                let new_run_id = continued.new_execution_run_id;
                let error = ResultError::ContinuedAsNew {
                    new_run_id: new_run_id.clone(),
                };
                (Err(error), new_run_id)
            }
            _ => return None,
        };
        Some(Self {
            outcome,
            next_run_id: Some(next_run_id).filter(|id| !id.is_empty()),
        })
    }
}
