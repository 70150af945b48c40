//! Events that have arrived and are not yet applied.

use durably_protos::temporal::api::history::v1::HistoryEvent;

/// A window on the history: pages come in at the end, events are taken at the front.
#[derive(Debug, Default)]
pub(crate) struct HistoryBuffer {
    events: Vec<HistoryEvent>,
    taken: usize,
}

impl HistoryBuffer {
    pub(crate) fn push(&mut self, page: Vec<HistoryEvent>) {
        if self.taken == self.events.len() {
            self.events = page;
        } else {
            self.events.drain(..self.taken);
            self.events.extend(page);
        }
        self.taken = 0;
    }

    /// What is not taken yet.
    pub(crate) fn rest(&self) -> &[HistoryEvent] {
        &self.events[self.taken..]
    }

    /// Takes the next event; what it leaves behind is freed with its page.
    pub(crate) fn take(&mut self) -> Option<HistoryEvent> {
        let event = self.events.get_mut(self.taken)?;
        self.taken += 1;
        Some(std::mem::take(event))
    }

    pub(crate) fn clear(&mut self) {
        *self = Self::default();
    }
}
