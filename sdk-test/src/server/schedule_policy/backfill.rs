//! A range of past times whose starts are made up for.

use durably_protos::temporal::api::enums::v1::ScheduleOverlapPolicy;
use durably_protos::temporal::api::schedule::v1::BackfillRequest;
use jiff::{SignedDuration, Timestamp};

use crate::server::schedule_spec::timestamp_of;

/// A backfill that goes on.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Backfill {
    /// Times after this are to come.
    pub(super) after: Timestamp,
    /// The last time, if it is one of the schedule's.
    pub(super) until: Timestamp,
    pub(super) overlap_policy: ScheduleOverlapPolicy,
}

impl Backfill {
    /// Both bounds belong to the range; one that is absent is 1970.
    pub(super) fn new(request: &BackfillRequest) -> Self {
        let time = |time: Option<_>| time.as_ref().map_or(Timestamp::UNIX_EPOCH, timestamp_of);
        let start = time(request.start_time);
        Self {
            after: start
                .checked_sub(SignedDuration::from_millis(1))
                .unwrap_or(start),
            until: time(request.end_time),
            overlap_policy: request.overlap_policy(),
        }
    }
}
