//! When a run skips time, how far, and what is written of it.

use durably_protos::temporal::api::history::v1::WorkflowExecutionTimeSkippingTransitionedEventAttributes;

use super::super::write::event;
use super::super::{ActivityState, FirstTask, Run};
use crate::server::time::Time;
use crate::server::world::{Effect, Tx};

impl Run {
    /// Ends a transaction of a run that may skip time: where nothing is under way, on to what is due
    /// next, but not beyond the target of a fast-forward.
    pub(in crate::server::run) fn skip_time(&mut self, tx: &mut Tx<'_>) {
        if !self.skips_time() || !self.is_open() || self.is_busy(tx) {
            return;
        }
        let next = self.next_due(tx);
        let fast_forward = self.time_skipping.as_ref();
        let fast_forward = fast_forward.and_then(|state| state.fast_forward.as_ref());
        let end = fast_forward.filter(|fast_forward| !fast_forward.reached);
        match (next, end.map(|fast_forward| fast_forward.target)) {
            (_, Some(end)) if end <= tx.now => self.transition(tx, None, true),
            (Some(next), Some(end)) if next < end => self.transition(tx, Some(next), false),
            (_, Some(end)) => self.transition(tx, Some(end), true),
            (Some(next), None) => self.transition(tx, Some(next), false),
            (None, None) => {}
        }
    }

    /// Whether something is under way that takes time of its own: anything but timers, and activities
    /// that wait for their next attempt.
    fn is_busy(&self, tx: &Tx<'_>) -> bool {
        let mut activities = self.activities.values();
        let waits_for_retry = |activity: &super::super::PendingActivity| {
            activity.state == ActivityState::BackingOff
                && activity.next_attempt.is_some_and(|next| next > tx.now)
        };
        // Signals and cancellations to others have their answers in the same hold of the lock.
        let asks_others = |effect: &Effect| {
            matches!(effect, Effect::SignalExternal(run, _) | Effect::CancelExternal(run, _)
                if *run == self.index)
        };
        self.workflow_task.is_some()
            || !self.children.is_empty()
            || !self.operations.is_empty()
            || !activities.all(waits_for_retry)
            || tx.effects.iter().any(asks_others)
    }

    /// What is due next. The timeouts of run and execution count once the workflow has begun.
    fn next_due(&self, tx: &Tx<'_>) -> Option<Time> {
        let timers = self.timers.values().map(|timer| timer.due);
        let activities = self.activities.values();
        let retries = activities.filter_map(|activity| activity.next_attempt);
        let first_task = match &self.first_task {
            FirstTask::Delayed(key) => Some(key.due.after(tx.skipped)),
            FirstTask::Due | FirstTask::Parent => None,
        };
        let has_begun = self.last_started_id != 0;
        let timeouts = [self.run_expiration(), self.execution_expiration()];
        let timeouts = timeouts.into_iter().flatten().filter(|_| has_begun);
        let due = timers.chain(retries).chain(first_task).chain(timeouts);
        due.filter(|due| *due > tx.now).min()
    }

    /// The target of the fast-forward has come while the run was busy.
    pub(crate) fn fast_forward_is_due(&mut self, tx: &mut Tx<'_>) {
        if self.skips_time() {
            self.transition(tx, None, true);
        }
    }

    /// Skips time up to a target, or only ends the fast-forward.
    fn transition(&mut self, tx: &mut Tx<'_>, target: Option<Time>, ends_fast_forward: bool) {
        let transitioned = WorkflowExecutionTimeSkippingTransitionedEventAttributes {
            target_time: target.map(Time::timestamp),
            disabled_after_fast_forward: ends_fast_forward,
            // The real server gives the time of the run's clock here, too.
            wall_clock_time: Some(tx.now.timestamp()),
        };
        let mut transitioned = event(tx.now, transitioned);
        transitioned.worker_may_ignore = true;
        self.record_event(tx, transitioned);
        let by = target.map(|target| target.since(tx.now));
        self.note_skip(by, ends_fast_forward);
        if let Some(by) = by {
            self.for_each_key(|key| tx.timers.bring_forward(key, by));
            tx.shift(self.skipped());
            tx.effects.push_back(Effect::TimeSkipped);
        }
        if !self.skips_time() {
            self.history.disable_time_skipping();
            self.end_time_skipping(tx);
        }
    }
}
