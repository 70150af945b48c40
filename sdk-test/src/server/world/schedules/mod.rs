//! Schedules: which exist, and when each has to look at its times.
//!
//! What a schedule decides is that of [`ScheduleState`]; `carry_out` does it, and `follow` tells the schedule how
//! the workflows end that it waits for.

mod carry_out;
mod follow;

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::Arc;

use durably_protos::temporal::api::common::v1::{Memo, SearchAttributes};

use super::World;
use crate::server::namespaces::NamespaceName;
use crate::server::refusal::{Answer, already_completed, workflow_not_found};
use crate::server::schedule_policy::{Decision, ScheduleState};
use crate::server::time::Time;
use crate::server::timers::{Timer, TimerKey};

/// What the real server puts before the id of a schedule to name the workflow that runs it. Errors show it.
pub(crate) const WORKFLOW_ID_PREFIX: &str = "temporal-sys-scheduler:";

/// A schedule and what it was created with.
#[derive(Debug)]
pub(crate) struct Scheduled {
    pub(crate) namespace: Arc<NamespaceName>,
    pub(crate) schedule_id: Arc<str>,
    /// The request that created it.
    pub(crate) request_id: String,
    pub(crate) memo: Memo,
    pub(crate) search_attributes: SearchAttributes,
    pub(crate) created: Time,
    pub(crate) state: ScheduleState,
}

/// A namespace and a schedule id.
type ScheduleKey = (Arc<str>, Arc<str>);

/// The schedules of a server. Each has a number, in the order of their creation.
#[derive(Debug, Default)]
pub(crate) struct Schedules {
    last: u64,
    by_number: BTreeMap<u64, Scheduled>,
    by_id: BTreeMap<ScheduleKey, u64>,
    timers: HashMap<u64, TimerKey>,
    /// The schedules that wait for the end of an execution, by its first run.
    followed: HashMap<Arc<str>, u64>,
    /// Those that are no more: calls about them are answered differently.
    deleted: BTreeSet<ScheduleKey>,
}

impl Schedules {
    pub(crate) fn get(&self, number: u64) -> Option<&Scheduled> {
        self.by_number.get(&number)
    }

    pub(crate) fn get_mut(&mut self, number: u64) -> Option<&mut Scheduled> {
        self.by_number.get_mut(&number)
    }

    /// The number of a schedule.
    pub(crate) fn number(&self, namespace: &str, schedule_id: &str) -> Option<u64> {
        self.by_id.get(&key(namespace, schedule_id)).copied()
    }

    /// Whether there was such a schedule.
    pub(crate) fn is_deleted(&self, namespace: &str, schedule_id: &str) -> bool {
        self.deleted.contains(&key(namespace, schedule_id))
    }

    /// The number of a schedule that there must be.
    ///
    /// # Errors
    /// There is none; the words are those of the real server, where a workflow runs each schedule.
    pub(crate) fn find(&self, namespace: &str, schedule_id: &str) -> Answer<u64> {
        self.number(namespace, schedule_id).ok_or_else(|| {
            if self.is_deleted(namespace, schedule_id) {
                already_completed()
            } else {
                workflow_not_found(&format!("{WORKFLOW_ID_PREFIX}{schedule_id}"))
            }
        })
    }

    /// The schedules of a namespace that were created before a number, from the newest on.
    pub(crate) fn of_namespace(
        &self,
        namespace: &str,
        before: Option<u64>,
    ) -> impl Iterator<Item = (u64, &Scheduled)> {
        let schedules = self.by_number.range(..before.unwrap_or(u64::MAX)).rev();
        schedules
            .filter(move |(_, schedule)| schedule.namespace.name == namespace)
            .map(|(number, schedule)| (*number, schedule))
    }
}

impl World {
    /// Adds a schedule. [Change](Self::change_schedule) it next, so that it looks at its times.
    pub(crate) fn add_schedule(&mut self, schedule: Scheduled) -> u64 {
        let schedules = &mut self.schedules;
        schedules.last += 1;
        let key = key(&schedule.namespace.name, &schedule.schedule_id);
        schedules.deleted.remove(&key);
        schedules.by_id.insert(key, schedules.last);
        schedules.by_number.insert(schedules.last, schedule);
        schedules.last
    }

    /// Changes a schedule, does what it decides, and wakes it when its next time comes.
    pub(crate) fn change_schedule(
        &mut self,
        number: u64,
        change: impl FnOnce(&mut ScheduleState, jiff::Timestamp) -> Vec<Decision>,
    ) {
        let now = self.now.jiff();
        let Some(schedule) = self.schedules.get_mut(number) else {
            return;
        };
        let decisions = change(&mut schedule.state, now);
        self.carry_out_decisions(number, decisions);
        self.arm_schedule(number);
    }

    /// A time of a schedule has come.
    pub(super) fn schedule_is_due(&mut self, number: u64) {
        self.schedules.timers.remove(&number);
        self.change_schedule(number, ScheduleState::advance);
    }

    /// Forgets a schedule. What it started goes on.
    pub(crate) fn remove_schedule(&mut self, number: u64) {
        self.disarm_schedule(number);
        if let Some(schedule) = self.schedules.by_number.remove(&number) {
            let key = key(&schedule.namespace.name, &schedule.schedule_id);
            self.schedules.by_id.remove(&key);
            self.schedules.deleted.insert(key);
        }
    }

    /// Forgets all schedules of a namespace, and that there were any.
    pub(crate) fn remove_schedules_of(&mut self, namespace: &str) {
        let schedules = self.schedules.of_namespace(namespace, None);
        let numbers: Vec<u64> = schedules.map(|(number, _)| number).collect();
        for number in numbers {
            self.remove_schedule(number);
        }
        let deleted = &mut self.schedules.deleted;
        deleted.retain(|(of, _)| **of != *namespace);
    }

    fn arm_schedule(&mut self, number: u64) {
        self.disarm_schedule(number);
        let wake = self.schedules.get(number);
        if let Some(wake) = wake.and_then(|schedule| schedule.state.next_wake()) {
            let due = Time::from_jiff(wake);
            let key = self.timers.arm(due, Timer::Schedule(number));
            self.schedules.timers.insert(number, key);
        }
    }

    fn disarm_schedule(&mut self, number: u64) {
        if let Some(key) = self.schedules.timers.remove(&number) {
            self.timers.disarm(key);
        }
    }
}

fn key(namespace: &str, schedule_id: &str) -> ScheduleKey {
    (namespace.into(), schedule_id.into())
}
