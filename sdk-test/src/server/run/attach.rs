//! Requests that are attached to a run they found instead of starting one.

use durably_protos::temporal::api::common::v1::Link;
use durably_protos::temporal::api::history::v1::WorkflowExecutionOptionsUpdatedEventAttributes;

use super::Run;
use crate::server::world::Tx;

impl Run {
    /// Writes down what was attached; the workflow is not told.
    pub(crate) fn attach(
        &mut self,
        tx: &mut Tx<'_>,
        updated: WorkflowExecutionOptionsUpdatedEventAttributes,
        links: Vec<Link>,
    ) {
        self.add_callbacks(&updated.attached_completion_callbacks, tx.now);
        let request_id = updated.attached_request_id.clone();
        let mut event = super::write::event(tx.now, updated);
        event.worker_may_ignore = true;
        event.links = links;
        let event_id = self.record_event(tx, event);
        if !request_id.is_empty() {
            self.request_ids.insert(request_id, event_id);
        }
    }
}
