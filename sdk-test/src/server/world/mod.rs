//! Everything a server knows, and the one place where it changes.
//!
//! A call locks the world, changes it and lets it settle: what a change of one run means for others (a
//! child to start, a parent to tell, a task to hand out) is done in the same hold of the lock, in the
//! order it came up. So nobody ever sees a half-done step, and equal calls give equal histories.

mod alarm;
mod breakdown;
mod children;
mod effect;
mod endless;
mod external;
mod fast_forward;
mod find;
mod lists;
mod matching;
mod nexus;
mod reset;
mod schedules;
mod settle;
mod sleep;
mod start;
mod tx;
mod wait;

use std::collections::{BTreeMap, HashMap, VecDeque};
use std::sync::Arc;

use tokio::sync::oneshot;

pub(crate) use breakdown::{Breakdown, TaskFailure};
pub(crate) use effect::Effect;
pub(crate) use fast_forward::FastForwardPoll;
pub(crate) use find::Execution;
pub(crate) use lists::Place;
pub(crate) use matching::Poll;
pub(crate) use reset::ResetRequest;
pub(crate) use schedules::{Scheduled, Schedules, WORKFLOW_ID_PREFIX};
pub(crate) use start::Started;
pub(crate) use tx::Tx;
pub(crate) use wait::HistoryWait;

use super::batches::Batches;
use super::clock::Clock;
use super::ids::Ids;
use super::limits::Limits;
use super::namespaces::Namespaces;
use super::nexus::{NexusEndpoints, NexusTasks};
use super::queues::Queues;
use super::run::Run;
use super::time::Time;
use super::timers::Timers;
use super::waiters::{Waiter, WaiterCount};
use super::workers::Workers;

/// The place of a run.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct RunIndex(pub(crate) u32);

/// A namespace and a workflow id.
pub(crate) type ExecutionKey = (Arc<str>, Arc<str>);

/// The runs of one workflow id.
#[derive(Debug, Default)]
pub(crate) struct Chain {
    /// From the oldest to the newest, which is the current one.
    pub(crate) runs: Vec<RunIndex>,
}

/// Everything a server knows.
#[derive(Debug)]
pub(crate) struct World {
    /// The time of the call that is being worked on.
    pub(crate) now: Time,
    pub(crate) clock: Clock,
    /// Above zero, time is not skipped.
    pub(crate) locks: i64,
    /// Time is skipped without anybody waiting, for environments that lock it instead.
    pub(crate) skips_unasked: bool,
    pub(crate) ids: Ids,
    pub(crate) timers: Timers,
    pub(crate) limits: Limits,
    pub(crate) namespaces: Namespaces,
    pub(crate) nexus_endpoints: NexusEndpoints,
    pub(crate) nexus_tasks: NexusTasks,
    pub(crate) queues: Queues,
    pub(crate) waiters: WaiterCount,
    pub(crate) schedules: Schedules,
    pub(crate) workers: Workers,
    pub(crate) batches: Batches,
    runs: BTreeMap<RunIndex, Box<Run>>,
    next_run: u32,
    by_run_id: HashMap<Arc<str>, RunIndex>,
    chains: BTreeMap<ExecutionKey, Chain>,
    lists: lists::Lists,
    effects: VecDeque<Effect>,
    task_id: i64,
    in_flight: usize,
    history_waits: HashMap<RunIndex, Vec<HistoryWait>>,
    fast_forward_waits: HashMap<ExecutionKey, Vec<fast_forward::FastForwardWait>>,
    sleepers: BTreeMap<u64, Waiter<()>>,
    next_sleeper: u64,
    skips: endless::Skips,
    alarms: BTreeMap<u64, oneshot::Sender<()>>,
    ringing: usize,
    pub(crate) breakdown: Breakdown,
    pub(crate) cluster_id: String,
}

impl World {
    pub(crate) fn new(clock: Clock, seed: u64, limits: Limits) -> Self {
        let mut ids = Ids::seeded(seed);
        let cluster_id = ids.uuid();
        Self {
            now: clock.now(),
            clock,
            locks: 0,
            skips_unasked: false,
            ids,
            timers: Timers::default(),
            limits,
            namespaces: Namespaces::default(),
            nexus_endpoints: NexusEndpoints::default(),
            nexus_tasks: NexusTasks::default(),
            queues: Queues::default(),
            waiters: WaiterCount::default(),
            schedules: Schedules::default(),
            workers: Workers::default(),
            batches: Batches::default(),
            runs: BTreeMap::new(),
            next_run: 0,
            by_run_id: HashMap::new(),
            chains: BTreeMap::new(),
            lists: lists::Lists::default(),
            effects: VecDeque::new(),
            task_id: 0,
            in_flight: 0,
            history_waits: HashMap::new(),
            fast_forward_waits: HashMap::new(),
            sleepers: BTreeMap::new(),
            next_sleeper: 0,
            skips: endless::Skips::default(),
            alarms: BTreeMap::new(),
            ringing: 0,
            breakdown: Breakdown::default(),
            cluster_id,
        }
    }

    /// Changes a run; what that means for others waits until the world settles. `None` if the run is
    /// not there any more.
    pub(crate) fn change<R>(
        &mut self,
        index: RunIndex,
        change: impl FnOnce(&mut Run, &mut Tx<'_>) -> R,
    ) -> Option<R> {
        let run = self.runs.get_mut(&index)?;
        let skipped = run.skipped();
        let mut tx = Tx {
            now: self.now.after(skipped),
            skipped,
            needs_workflow_task: false,
            ids: &mut self.ids,
            timers: &mut self.timers,
            effects: &mut self.effects,
            limits: &self.limits,
            namespaces: &self.namespaces,
            endpoints: &self.nexus_endpoints,
            task_id: &mut self.task_id,
        };
        self.in_flight -= run.in_flight();
        let before = (run.history.last_id(), run.status);
        let place = run.place();
        let result = change(run, &mut tx);
        run.commit(&mut tx);
        if run.is_open()
            && (run.history.last_id() > tx.limits.history_events
                || run.history.size_bytes() > tx.limits.history_bytes)
        {
            let reason = "Workflow history size / count exceeds limit.".to_owned();
            run.terminate(&mut tx, reason, None, "history-service".to_owned());
            run.commit(&mut tx);
        }
        self.in_flight += run.in_flight();
        if place != run.place() {
            self.lists.remove(&run.namespace.name, place);
            self.lists.insert(&run.namespace.name, run.place());
        }
        if before != (run.history.last_id(), run.status) {
            self.history_grew(index);
        }
        Some(result)
    }

    pub(crate) fn run(&self, index: RunIndex) -> Option<&Run> {
        self.runs.get(&index).map(|run| &**run)
    }

    pub(crate) fn runs(&self) -> impl DoubleEndedIterator<Item = &Run> {
        self.runs.values().map(|run| &**run)
    }

    /// How many things are under way that time must not be skipped over.
    pub(crate) fn in_flight(&self) -> usize {
        self.in_flight + self.ringing
    }

    /// Something that changes whenever something happens.
    pub(crate) fn progress(&self) -> (i64, i64) {
        (self.task_id, self.clock.skipped().0)
    }

    /// Registers the types of a run's new search attributes, where that is wanted.
    pub(crate) fn learn_search_attributes(&mut self, index: RunIndex) {
        if let Some(run) = self.runs.get(&index) {
            let namespace = &run.namespace.name;
            self.namespaces
                .learn(namespace, Some(&run.search_attributes));
        }
    }
}
