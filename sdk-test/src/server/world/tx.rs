//! What a run can reach while it changes.

use std::collections::VecDeque;

use super::{Effect, RunIndex};
use crate::server::ids::Ids;
use crate::server::limits::Limits;
use crate::server::namespaces::Namespaces;
use crate::server::nexus::NexusEndpoints;
use crate::server::time::Time;
use crate::server::timers::{RunTimer, Timer, TimerKey, Timers};

/// One change of one run.
pub(crate) struct Tx<'w> {
    pub(crate) now: Time,
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

    pub(crate) fn arm(&mut self, run: RunIndex, due: Time, timer: RunTimer) -> TimerKey {
        self.timers.arm(due, Timer::Run(run, timer))
    }
}
