//! The buffer: events that came while a worker had the workflow task.
//!
//! A flush puts what ended an activity, a child or a Nexus operation behind everything else, each group
//! in the order of arrival, and tells the ends the ids of their starts.

use std::collections::BTreeMap;

use super::Run;
use super::events::{ends, is_completion, starts};
use crate::server::world::Tx;

impl Run {
    /// Writes the buffer to the history; whether there was anything in it.
    pub(crate) fn flush_buffer(&mut self, tx: &mut Tx<'_>) -> bool {
        if self.buffer.is_empty() {
            return false;
        }
        let buffered = std::mem::take(&mut self.buffer);
        let (last, first): (Vec<_>, Vec<_>) = buffered
            .into_iter()
            .partition(|event| event.attributes.as_ref().is_some_and(is_completion));
        let mut started = BTreeMap::new();
        for mut event in first.into_iter().chain(last) {
            if let Some((from, started_event_id)) = event.attributes.as_mut().and_then(ends)
                && let Some(&id) = started.get(&from)
            {
                *started_event_id = id;
            }
            let from = event.attributes.as_ref().and_then(starts);
            let attached_request = attached_request(&event);
            let id = self.append(tx, event);
            if let Some(from) = from {
                started.insert(from, id);
                if let Some(child) = self.children.get_mut(&from) {
                    child.started_id = id;
                }
            }
            if let Some(request) = attached_request
                && let Some(place) = self.request_ids.get_mut(&request)
            {
                *place = id;
            }
        }
        true
    }
}

/// The request that an event's id is to be known by.
fn attached_request(
    event: &durably_protos::temporal::api::history::v1::HistoryEvent,
) -> Option<String> {
    use durably_protos::temporal::api::history::v1::history_event::Attributes as A;
    match event.attributes.as_ref()? {
        A::WorkflowExecutionOptionsUpdatedEventAttributes(updated) => {
            Some(updated.attached_request_id.clone())
        }
        _ => None,
    }
}
