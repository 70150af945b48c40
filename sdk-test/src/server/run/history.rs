//! The events of one run, and the batches they were written in.

use durably_protos::temporal::api::history::v1::HistoryEvent;
use durably_protos::temporal::api::history::v1::history_event::Attributes;
use prost::Message;

/// What is written: event `n` stands at place `n - 1`.
#[derive(Debug, Default)]
pub(crate) struct History {
    events: Vec<HistoryEvent>,
    /// Where each batch begins, as a place in `events`. Pages and resets keep to these.
    batches: Vec<usize>,
    size_bytes: i64,
    batch_is_open: bool,
}

impl History {
    pub(crate) fn events(&self) -> &[HistoryEvent] {
        &self.events
    }

    /// The events from an id on.
    pub(crate) fn from(&self, event_id: i64) -> &[HistoryEvent] {
        let start = usize::try_from(event_id.saturating_sub(1)).unwrap_or(0);
        self.events.get(start..).unwrap_or_default()
    }

    pub(crate) fn attributes(&self, event_id: i64) -> Option<&Attributes> {
        let place = usize::try_from(event_id.checked_sub(1)?).ok()?;
        self.events.get(place)?.attributes.as_ref()
    }

    /// How many events there are, which is the id of the last.
    pub(crate) fn last_id(&self) -> i64 {
        i64::try_from(self.events.len()).expect("no history has 2^63 events")
    }

    pub(crate) fn next_id(&self) -> i64 {
        self.last_id() + 1
    }

    /// The encoded length of all events.
    pub(crate) fn size_bytes(&self) -> i64 {
        self.size_bytes
    }

    pub(crate) fn push(&mut self, event: HistoryEvent) {
        if !self.batch_is_open {
            self.batches.push(self.events.len());
            self.batch_is_open = true;
        }
        self.size_bytes += i64::try_from(event.encoded_len()).unwrap_or(i64::MAX);
        self.events.push(event);
    }

    /// Sets `enabled` of a time skipping config to false where it is written in the batch that is open, as
    /// the real server does when the batch also tells of the skip that was the last.
    pub(crate) fn disable_time_skipping(&mut self) {
        if !self.batch_is_open {
            return;
        }
        let start = self.batches.last().copied().unwrap_or(0);
        for event in &mut self.events[start..] {
            let before = event.encoded_len();
            let config = match &mut event.attributes {
                Some(Attributes::WorkflowExecutionStartedEventAttributes(started)) => {
                    &mut started.time_skipping_config
                }
                Some(Attributes::WorkflowExecutionOptionsUpdatedEventAttributes(updated)) => {
                    &mut updated.time_skipping_config
                }
                _ => continue,
            };
            if let Some(config) = config {
                config.enabled = false;
                let less = before.saturating_sub(event.encoded_len());
                self.size_bytes -= i64::try_from(less).unwrap_or(0);
            }
        }
    }

    /// What is written next is a batch of its own.
    pub(crate) fn end_batch(&mut self) {
        self.batch_is_open = false;
    }

    /// Where each batch begins.
    pub(crate) fn batches(&self) -> &[usize] {
        &self.batches
    }

    /// Whether a batch begins with this event.
    pub(crate) fn begins_batch(&self, event_id: i64) -> bool {
        let place = usize::try_from(event_id.saturating_sub(1));
        place.is_ok_and(|place| self.batches.binary_search(&place).is_ok())
    }

    /// Whether a batch ends with this event.
    pub(crate) fn ends_batch(&self, event_id: i64) -> bool {
        let Ok(next) = usize::try_from(event_id) else {
            return false;
        };
        next == self.events.len() || self.batches.binary_search(&next).is_ok()
    }
}
