//! Setting a rebuilt run in motion.

use std::collections::BTreeSet;

use crate::server::run::Run;
use crate::server::timers::RunTimer;
use crate::server::world::{Effect, Tx};

/// What a run asked of other workflows and has no answer to; no run keeps this, for the answers come
/// in the same hold of the lock.
#[derive(Debug, Default)]
pub(crate) struct Pending {
    pub(super) signals: BTreeSet<i64>,
    pub(super) cancellations: BTreeSet<i64>,
}

impl Run {
    /// Arms what is due and sends out what waits: timers at their old time, activities from their
    /// first attempt, Nexus operations and children that have not started.
    pub(crate) fn resume(&mut self, tx: &mut Tx<'_>, pending: Pending) {
        self.arm_run_timers(tx);
        self.arm_fast_forward(tx);
        for (id, timer) in &mut self.timers {
            let key = tx.arm(self.index, timer.due, RunTimer::User(id.clone()));
            timer.key = Some(key);
        }
        let activities: Vec<_> = self.activities.keys().copied().collect();
        for scheduled_id in activities {
            self.arm_overall(tx, scheduled_id);
            self.dispatch_activity(tx, scheduled_id);
        }
        self.resume_nexus(tx);
        let not_started = self.children.iter();
        let not_started = not_started.filter(|(_, child)| child.started_id == 0);
        for (&initiated_id, _) in not_started {
            let effect = Effect::StartChild(self.index, initiated_id);
            tx.effects.push_back(effect);
        }
        for initiated_id in pending.signals {
            let effect = Effect::SignalExternal(self.index, initiated_id);
            tx.effects.push_back(effect);
        }
        for initiated_id in pending.cancellations {
            let effect = Effect::CancelExternal(self.index, initiated_id);
            tx.effects.push_back(effect);
        }
    }
}
