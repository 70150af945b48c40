//! Speculative workflow tasks: made for an update, and gone without a trace if nothing comes of them.

use durably_protos::temporal::api::workflowservice::v1::RespondWorkflowTaskCompletedRequest;

use super::Run;

/// How many events a worker that knows how to forget them may have seen with such a task.
const EVENTS_TO_FORGET: i64 = 10;

impl Run {
    /// Whether a speculative task whose answer brought nothing can be as if it had never been.
    ///
    /// The worker has seen events with it that are in the history: one that cannot forget them needs
    /// the end of the task there as well.
    pub(crate) fn may_discard(&self, request: &RespondWorkflowTaskCompletedRequest) -> bool {
        if request.force_create_new_workflow_task || !self.buffer.is_empty() {
            return false;
        }
        let new = self.history.last_id() - self.last_completed_id;
        let forgets = request.capabilities.as_ref();
        let forgets =
            forgets.is_some_and(|worker| worker.discard_speculative_workflow_task_with_events);
        self.last_completed_id > 0 && (new == 0 || (forgets && new <= EVENTS_TO_FORGET))
    }
}
