//! What the heartbeats of one attempt have to say, and to whom it was said.

use super::ActivityCanceled;
use crate::payload::{Payload, PayloadError};

/// A heartbeat says that the attempt should stop, or could not be recorded.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum HeartbeatError {
    /// The attempt should stop. The heartbeat was recorded all the same, so an attempt that needs
    /// time to clean up can go on reporting.
    #[error(transparent)]
    Canceled(#[from] ActivityCanceled),
    /// The details cannot be encoded; nothing was recorded.
    #[error("cannot encode the heartbeat's details")]
    Payload(#[from] PayloadError),
    /// The details are larger than the namespace allows; nothing was recorded. The server would
    /// fail the activity for them.
    #[error(
        "the heartbeat's details have {bytes} bytes, the namespace's limit is {limit}: keep large data \
         elsewhere and report a reference to it"
    )]
    TooLarge {
        /// The size of the details.
        bytes: usize,
        /// The namespace's limit.
        limit: usize,
    },
    /// The attempt has ended, and its context outlived it; nothing was recorded. An activity that
    /// goes on elsewhere is reported on by a client, which has its task token.
    #[error("the activity's attempt has ended: a heartbeat through its context reaches no one")]
    Ended,
}

/// The newest details, and whether the server has them.
#[derive(Debug, Default)]
pub(super) struct Newest {
    details: Vec<Payload>,
    /// Counts what was recorded; 0 is nothing.
    recorded: u64,
    /// The record that was last taken to be sent.
    taken: u64,
    /// The record the server last acknowledged.
    acknowledged: u64,
}

impl Newest {
    pub(super) fn record(&mut self, details: Vec<Payload>) {
        self.details = details;
        self.recorded += 1;
    }

    /// The newest details with their number, if they were not taken before.
    pub(super) fn take(&mut self) -> Option<(u64, Vec<Payload>)> {
        if self.taken == self.recorded {
            return None;
        }
        self.taken = self.recorded;
        Some((self.recorded, self.details.clone()))
    }

    pub(super) fn acknowledge(&mut self, record: u64) {
        self.acknowledged = self.acknowledged.max(record);
    }

    /// Offers what was taken once more, because it did not reach the server.
    pub(super) fn put_back(&mut self) {
        self.taken = self.acknowledged;
    }

    /// The newest details, if the server has not acknowledged them.
    pub(super) fn unacknowledged(&self) -> Option<&[Payload]> {
        (self.acknowledged < self.recorded).then_some(&self.details)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::payload::ToPayload;

    #[test]
    fn details_are_kept_until_acknowledged() {
        let payload = |value: i32| vec![value.to_payload().unwrap()];
        let mut newest = Newest::default();
        assert!(newest.take().is_none() && newest.unacknowledged().is_none());
        newest.record(payload(1));
        newest.record(payload(2));
        let (record, details) = newest.take().unwrap();
        assert_eq!(details, payload(2));
        assert!(newest.take().is_none());
        assert_eq!(newest.unacknowledged(), Some(&*payload(2)));
        newest.put_back();
        assert!(newest.take().is_some());
        newest.record(payload(3));
        newest.acknowledge(record);
        assert_eq!(newest.unacknowledged(), Some(&*payload(3)));
        let (record, _) = newest.take().unwrap();
        newest.acknowledge(record);
        assert_eq!(newest.unacknowledged(), None);
    }
}
