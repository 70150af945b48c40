//! The order of lists.

use std::cmp::Ordering;

use super::VisibilityRecord;

/// Open runs come first, then those that closed last; among those the ones that started last, then by run id.
pub(crate) fn newest_first(left: &VisibilityRecord, right: &VisibilityRecord) -> Ordering {
    let close = match (left.close_time, right.close_time) {
        (Some(left), Some(right)) => right.cmp(&left),
        (left, right) => left.is_some().cmp(&right.is_some()),
    };
    close
        .then_with(|| right.start_time.cmp(&left.start_time))
        .then_with(|| left.run_id.cmp(&right.run_id))
}
