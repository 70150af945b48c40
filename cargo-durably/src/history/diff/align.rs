//! Which events of two histories belong together.

use std::time::{Duration, Instant};

use similar::{Algorithm, DiffOp, capture_diff_slices_deadline};

use super::compare::Counterparts;
use super::key::Event;

/// How long the best alignment is looked for. After that a good one is taken: histories of 50,000
/// events that have nothing in common would take hours.
const PATIENCE: Duration = Duration::from_secs(20);

/// A step through both histories; places count from 0.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Pair {
    Both(usize, usize),
    Left(usize),
    Right(usize),
}

/// Aligns the events in order.
pub(super) fn align(left: &[Event], right: &[Event]) -> Vec<Pair> {
    let left: Vec<&str> = left.iter().map(|event| event.key.as_str()).collect();
    let right: Vec<&str> = right.iter().map(|event| event.key.as_str()).collect();
    let deadline = Some(Instant::now() + PATIENCE);
    let steps = capture_diff_slices_deadline(Algorithm::Myers, &left, &right, deadline);
    let mut pairs = Vec::with_capacity(left.len().max(right.len()));
    for step in steps {
        match step {
            DiffOp::Equal {
                old_index,
                new_index,
                len,
            } => pairs.extend((0..len).map(|at| Pair::Both(old_index + at, new_index + at))),
            DiffOp::Delete { .. } | DiffOp::Insert { .. } | DiffOp::Replace { .. } => {
                pairs.extend(step.old_range().map(Pair::Left));
                pairs.extend(step.new_range().map(Pair::Right));
            }
        }
    }
    pairs
}

/// The ids of the events that are aligned.
pub(super) fn counterparts(pairs: &[Pair], left: &[Event], right: &[Event]) -> Counterparts {
    let both = pairs.iter().filter_map(|pair| match pair {
        Pair::Both(a, b) => Some((left[*a].event_id, right[*b].event_id)),
        Pair::Left(_) | Pair::Right(_) => None,
    });
    both.collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn events(keys: &str) -> Vec<Event> {
        let keys = keys.chars().zip(1..);
        keys.map(|(key, event_id)| Event {
            event_id,
            key: key.to_string(),
            attributes: serde_json::Map::new(),
        })
        .collect()
    }

    #[test]
    fn what_is_added_and_removed() {
        let (left, right) = (events("abcd"), events("axcd"));
        let pairs = align(&left, &right);
        let expected = [
            Pair::Both(0, 0),
            Pair::Left(1),
            Pair::Right(1),
            Pair::Both(2, 2),
            Pair::Both(3, 3),
        ];
        assert_eq!(pairs, expected);
    }

    #[test]
    fn an_empty_history() {
        assert_eq!(align(&events(""), &events("a")), [Pair::Right(0)]);
        assert_eq!(align(&[], &[]), []);
    }
}
