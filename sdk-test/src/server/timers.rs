//! Everything that is due at some time: one ordered table for the whole server.
//!
//! An entry is named by its [`TimerKey`]; whoever armed it keeps the key and disarms the entry when it
//! no longer matters, so that the first entry is always one that counts.

use std::collections::BTreeMap;

use super::time::{Span, Time};
use super::world::RunIndex;

/// When an entry is due, and which of several at one time comes first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct TimerKey {
    pub(crate) due: Time,
    sequence: u64,
}

/// What is due.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Timer {
    /// A matter of one run.
    Run(RunIndex, RunTimer),
    /// The schedule with this number looks at its times.
    Schedule(u64),
    /// A caller of `Sleep` wakes.
    Sleep(u64),
    /// The owner of the server wants to be told.
    Alarm(u64),
}

/// What is due in a run.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum RunTimer {
    /// A timer of the workflow, by its id.
    User(String),
    /// The wait before the first workflow task ends.
    FirstWorkflowTask,
    /// A worker has had the workflow task for too long.
    WorkflowTaskStartToClose,
    /// No worker took the workflow task from the sticky queue.
    WorkflowTaskScheduleToStart,
    /// An activity waited too long for a worker; by its scheduled event.
    ActivityScheduleToStart(i64),
    /// All attempts of an activity together took too long.
    ActivityScheduleToClose(i64),
    /// An attempt of an activity took too long.
    ActivityStartToClose(i64),
    /// An activity may have missed a heartbeat.
    ActivityHeartbeat(i64),
    /// The next attempt of an activity is due.
    ActivityRetry(i64),
    /// A Nexus operation took too long; by its scheduled event.
    NexusScheduleToClose(i64),
    /// A Nexus operation waited too long for its start.
    NexusScheduleToStart(i64),
    /// A started Nexus operation took too long.
    NexusStartToClose(i64),
    /// A handler has had the task to start (or cancel) a Nexus operation for too long.
    NexusRequest(i64),
    /// The next attempt to start (or cancel) a Nexus operation is due.
    NexusRetry(i64),
    /// The run has come to the time it was to be fast-forwarded to.
    FastForward,
    /// The run took too long.
    RunTimeout,
    /// All runs of the execution together took too long.
    ExecutionTimeout,
}

impl Timer {
    /// Whether it gives up a task.
    fn is_of_task(&self) -> bool {
        use RunTimer as T;
        matches!(
            self,
            Self::Run(
                _,
                T::WorkflowTaskStartToClose
                    | T::WorkflowTaskScheduleToStart
                    | T::ActivityStartToClose(_)
                    | T::ActivityHeartbeat(_)
            )
        )
    }

    /// Whether time is skipped to this only when nothing else is due in the whole server.
    fn is_last_resort(&self) -> bool {
        matches!(
            self,
            Self::Run(_, RunTimer::RunTimeout | RunTimer::ExecutionTimeout)
        )
    }
}

/// The table.
#[derive(Debug, Default)]
pub(crate) struct Timers {
    sequence: u64,
    ordinary: BTreeMap<TimerKey, Timer>,
    last_resort: BTreeMap<TimerKey, Timer>,
}

impl Timers {
    pub(crate) fn arm(&mut self, due: Time, timer: Timer) -> TimerKey {
        self.sequence += 1;
        let key = TimerKey {
            due,
            sequence: self.sequence,
        };
        self.table(&timer).insert(key, timer);
        key
    }

    /// Takes an entry out; nothing happens if it has been due already.
    pub(crate) fn disarm(&mut self, key: TimerKey) {
        if self.ordinary.remove(&key).is_none() {
            self.last_resort.remove(&key);
        }
    }

    /// Has an entry be due this much earlier; its place among those of one time stays.
    pub(crate) fn bring_forward(&mut self, key: &mut TimerKey, by: Span) {
        let earlier = TimerKey {
            due: key.due.before(by),
            ..*key
        };
        for table in [&mut self.ordinary, &mut self.last_resort] {
            if let Some(timer) = table.remove(key) {
                table.insert(earlier, timer);
            }
        }
        *key = earlier;
    }

    /// Disarms what a slot holds, and empties it.
    pub(crate) fn clear(&mut self, slot: &mut Option<TimerKey>) {
        if let Some(key) = slot.take() {
            self.disarm(key);
        }
    }

    /// When the first entry is due.
    pub(crate) fn first(&self) -> Option<Time> {
        let keys = [&self.ordinary, &self.last_resort].map(|table| table.keys().next());
        keys.into_iter().flatten().min().map(|key| key.due)
    }

    /// The moment time may be skipped to.
    pub(crate) fn target(&self) -> Option<Time> {
        let first = |table: &BTreeMap<TimerKey, Timer>| table.keys().next().map(|key| key.due);
        match (first(&self.ordinary), first(&self.last_resort)) {
            (Some(ordinary), _) => Some(ordinary),
            (None, last_resort) => last_resort,
        }
    }

    /// When the first task that a worker has, or should take, is given up.
    pub(crate) fn first_of_tasks(&self) -> Option<Time> {
        let mut entries = self.ordinary.iter();
        let first = entries.find(|(_, timer)| timer.is_of_task());
        first.map(|(key, _)| key.due)
    }

    /// What is waited for at the next target, and until when.
    pub(crate) fn next_target(&self) -> Option<(Time, &Timer)> {
        let first = |table: &'_ BTreeMap<TimerKey, Timer>| table.keys().next().copied();
        let key = first(&self.ordinary).or_else(|| first(&self.last_resort))?;
        let timer = self.ordinary.get(&key).or(self.last_resort.get(&key))?;
        Some((key.due, timer))
    }

    /// Takes the entries out that are due, in their order.
    pub(crate) fn due(&mut self, now: Time) -> Vec<Timer> {
        let mut due = Vec::new();
        for table in [&mut self.ordinary, &mut self.last_resort] {
            while let Some(entry) = table.first_entry().filter(|entry| entry.key().due <= now) {
                due.push(entry.remove_entry());
            }
        }
        due.sort_by_key(|(key, _)| *key);
        due.into_iter().map(|(_, timer)| timer).collect()
    }

    fn table(&mut self, timer: &Timer) -> &mut BTreeMap<TimerKey, Timer> {
        if timer.is_last_resort() {
            &mut self.last_resort
        } else {
            &mut self.ordinary
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn user(id: &str) -> Timer {
        Timer::Run(RunIndex(0), RunTimer::User(id.to_owned()))
    }

    #[test]
    fn entries_come_by_time_then_by_order() {
        let mut timers = Timers::default();
        timers.arm(Time(2), user("c"));
        timers.arm(Time(1), user("a"));
        timers.arm(Time(1), user("b"));
        let gone = timers.arm(Time(1), user("gone"));
        timers.disarm(gone);
        assert_eq!(timers.due(Time(0)), []);
        assert_eq!(timers.due(Time(1)), [user("a"), user("b")]);
        assert_eq!(timers.first(), Some(Time(2)));
    }

    #[test]
    fn run_timeouts_are_targets_when_nothing_else_is() {
        let mut timers = Timers::default();
        timers.arm(Time(1), Timer::Run(RunIndex(0), RunTimer::RunTimeout));
        let other = timers.arm(Time(5), user("a"));
        assert_eq!(timers.target(), Some(Time(5)));
        assert_eq!(timers.first(), Some(Time(1)));
        timers.disarm(other);
        assert_eq!(timers.target(), Some(Time(1)));
    }
}
