//! The tasks that handlers hold: each can be answered once, and for a while.

use std::collections::BTreeMap;

use crate::server::time::Time;

/// The tasks by their stamps, with the time they expire.
#[derive(Debug, Default)]
pub(crate) struct NexusTasks(BTreeMap<i64, Time>);

impl NexusTasks {
    /// Notes that a task is handed out, and forgets those that nobody may answer any more.
    pub(crate) fn handed_out(&mut self, stamp: i64, now: Time, expires: Time) {
        self.0.retain(|_, expires| *expires > now);
        self.0.insert(stamp, expires);
    }

    /// Whether a task can still be answered.
    pub(crate) fn is_held(&self, stamp: i64, now: Time) -> bool {
        self.0.get(&stamp).is_some_and(|expires| *expires > now)
    }

    /// Takes a task back for its answer; whether there was one.
    pub(crate) fn take(&mut self, stamp: i64, now: Time) -> bool {
        self.0.remove(&stamp).is_some_and(|expires| expires > now)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_task_is_answered_once_and_in_time() {
        let mut tasks = NexusTasks::default();
        tasks.handed_out(1, Time(0), Time(10));
        tasks.handed_out(2, Time(5), Time(10));
        assert!(tasks.is_held(1, Time(9)) && !tasks.is_held(1, Time(10)));
        assert!(tasks.take(1, Time(9)));
        assert!(!tasks.take(1, Time(9)));
        assert!(!tasks.take(2, Time(10)));
        tasks.handed_out(3, Time(0), Time(1));
        tasks.handed_out(4, Time(2), Time(3));
        assert_eq!(tasks.0.len(), 1);
    }
}
