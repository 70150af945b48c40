//! What a run can reach while it changes.

use std::collections::VecDeque;

use super::{Effect, RunIndex};
use crate::server::ids::Ids;
use crate::server::limits::Limits;
use crate::server::namespaces::Namespaces;
use crate::server::nexus::NexusEndpoints;
use crate::server::time::{Span, Time};
use crate::server::timers::{RunTimer, Timer, TimerKey, Timers};

/// One change of one run.
pub(crate) struct Tx<'w> {
    /// On the run's clock.
    pub(crate) now: Time,
    /// How far that is ahead of the server's.
    pub(crate) skipped: Span,
    /// Something happened that the workflow is to be told: a workflow task is scheduled at the end.
    pub(crate) needs_workflow_task: bool,
    pub(crate) ids: &'w mut Ids,
    pub(crate) timers: &'w mut Timers,
    pub(crate) effects: &'w mut VecDeque<Effect>,
    pub(crate) limits: &'w Limits,
    pub(crate) namespaces: &'w Namespaces,
    pub(crate) endpoints: &'w NexusEndpoints,
    pub(crate) task_id: &'w mut i64,
}

impl Tx<'_> {
    /// A number that is larger than all before it.
    pub(crate) fn next_task_id(&mut self) -> i64 {
        *self.task_id += 1;
        *self.task_id
    }

    /// Has something be due in a run, at a time of the run's clock.
    pub(crate) fn arm(&mut self, run: RunIndex, due: Time, timer: RunTimer) -> TimerKey {
        let due = due.before(self.skipped);
        self.timers.arm(due, Timer::Run(run, timer))
    }

    /// Goes over to a clock that is this far ahead of the server's.
    pub(crate) fn shift(&mut self, skipped: Span) {
        self.now = self.now.before(self.skipped).after(skipped);
        self.skipped = skipped;
    }
}
