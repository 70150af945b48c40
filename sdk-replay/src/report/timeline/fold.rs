//! Which events of a long history are shown.

use std::ops::Range;

use durably_protos::temporal::api::history::v1::HistoryEvent;

/// Histories up to this length are shown whole.
const WHOLE: usize = 100;
/// How much of the beginning and of the end is shown.
const ENDS: usize = 8;
const BEFORE: usize = 40;
const AFTER: usize = 25;

/// The parts that are shown, in order, none touching another.
pub(super) fn shown(events: &[HistoryEvent], event_id: Option<i64>) -> Vec<Range<usize>> {
    let length = events.len();
    if length == 0 {
        return Vec::new();
    }
    if length <= WHOLE {
        return std::iter::once(0..length).collect();
    }
    let at = event_id.map(|id| events.partition_point(|event| event.event_id < id));
    let middle = at.map(|at| {
        let at = at.min(length - 1);
        at.saturating_sub(BEFORE)..(at + AFTER).min(length)
    });
    let first = std::iter::once(0..ENDS);
    let parts = first
        .chain(middle)
        .chain(std::iter::once(length - ENDS..length));
    let mut joined: Vec<Range<usize>> = Vec::new();
    for part in parts {
        match joined.last_mut() {
            // Leaving out one or two events takes more room than showing them.
            Some(last) if part.start <= last.end + 2 => last.end = last.end.max(part.end),
            _ => joined.push(part),
        }
    }
    joined
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown_of(length: i64, event_id: i64) -> Vec<Range<usize>> {
        let events = (1..=length).map(|event_id| HistoryEvent {
            event_id,
            ..HistoryEvent::default()
        });
        shown(&events.collect::<Vec<_>>(), Some(event_id))
    }

    #[test]
    fn parts_that_meet_are_one() {
        assert_eq!(shown_of(1000, 500), [0..8, 459..524, 992..1000]);
        assert_eq!(shown_of(1000, 30), [0..54, 992..1000]);
        assert_eq!(shown_of(1000, 1001), [0..8, 959..1000]);
    }
}
