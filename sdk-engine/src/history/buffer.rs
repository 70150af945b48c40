//! Events that have arrived and are not yet applied.

use durably_protos::temporal::api::history::v1::HistoryEvent;

/// A window on the history: pages come in at the end, events are taken at the front.
#[derive(Debug, Default)]
pub(crate) struct HistoryBuffer(std::vec::IntoIter<HistoryEvent>);

impl HistoryBuffer {
    pub(crate) fn push(&mut self, page: Vec<HistoryEvent>) {
        let mut rest = std::mem::take(&mut self.0);
        self.0 = if rest.len() == 0 {
            page.into_iter()
        } else {
            let mut events = Vec::with_capacity(rest.len() + page.len());
            events.extend(rest.by_ref());
            events.extend(page);
            events.into_iter()
        };
    }

    /// What is not taken yet.
    pub(crate) fn rest(&self) -> &[HistoryEvent] {
        self.0.as_slice()
    }

    pub(crate) fn take(&mut self) -> Option<HistoryEvent> {
        self.0.next()
    }

    pub(crate) fn clear(&mut self) {
        *self = Self::default();
    }
}
