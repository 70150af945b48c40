//! Requests to cancel the run.

use durably_protos::temporal::api::common::v1::WorkflowExecution;
use durably_protos::temporal::api::history::v1::WorkflowExecutionCancelRequestedEventAttributes;

use super::Run;
use crate::server::world::Tx;

impl Run {
    /// Writes the first request down; later ones, and those to a closed run, change nothing.
    pub(crate) fn request_cancel(
        &mut self,
        tx: &mut Tx<'_>,
        cause: String,
        identity: String,
        sender: Option<(WorkflowExecution, i64)>,
    ) {
        if !self.is_open() || self.cancel_requested {
            return;
        }
        self.cancel_requested = true;
        let (external_workflow_execution, external_initiated_event_id) = match sender {
            Some((execution, initiated_id)) => (Some(execution), initiated_id),
            None => (None, 0),
        };
        let requested = WorkflowExecutionCancelRequestedEventAttributes {
            cause,
            external_initiated_event_id,
            external_workflow_execution,
            identity,
        };
        self.record(tx, requested);
        tx.needs_workflow_task = true;
    }
}
