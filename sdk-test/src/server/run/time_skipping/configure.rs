//! Config and fast-forward: at the start of a run, and when its options change.

use durably_protos::temporal::api::history::v1::WorkflowExecutionTimeSkippingTransitionedEventAttributes;

use super::super::Run;
use super::{FastForward, TimeSkipping};
use crate::server::time::{Span, Time};
use crate::server::timers::RunTimer;
use crate::server::world::{Effect, Tx};

impl Run {
    /// Takes over what the first event says. The transaction must be on the run's clock.
    pub(in crate::server::run) fn begin_time_skipping(&mut self, now: Time) {
        let propagated = self.started().time_skipping_state_propagation.as_ref();
        let skipped =
            propagated.and_then(|propagated| propagated.initial_skipped_duration.as_ref());
        let skipped = Span::of(skipped);
        if self.options.time_skipping_config.is_none() && skipped.is_zero() {
            return;
        }
        let target = propagated.and_then(|propagated| propagated.fast_forward_target_time.as_ref());
        let target = target.map(Time::from_timestamp);
        let skips = propagated.map_or(0, |propagated| propagated.initial_skip_count);
        self.time_skipping = Some(Box::new(TimeSkipping {
            skipped,
            skips,
            fast_forward: None,
        }));
        self.set_fast_forward(now, target);
    }

    /// The config has been set anew: skips are counted from here, and a fast-forward begins here.
    pub(in crate::server::run) fn reconfigure_time_skipping(&mut self, tx: &mut Tx<'_>) {
        self.disarm_fast_forward(tx);
        self.replay_time_skipping_config(tx.now);
        self.arm_fast_forward(tx);
    }

    /// As [`reconfigure_time_skipping`](Self::reconfigure_time_skipping), of a run that lies still.
    pub(in crate::server::run) fn replay_time_skipping_config(&mut self, now: Time) {
        if self.time_skipping.is_none() && self.options.time_skipping_config.is_none() {
            return;
        }
        self.time_skipping.get_or_insert_default().skips = 0;
        self.set_fast_forward(now, None);
    }

    /// Takes over an event that tells of a skip, of a run that lies still.
    pub(in crate::server::run) fn replay_skip(
        &mut self,
        tx: &mut Tx<'_>,
        time: Time,
        event: &WorkflowExecutionTimeSkippingTransitionedEventAttributes,
    ) {
        let target = event.target_time.as_ref().map(Time::from_timestamp);
        self.note_skip(
            target.map(|target| target.since(time)),
            event.disabled_after_fast_forward,
        );
        tx.shift(self.skipped());
    }

    /// Sets how far time is to be skipped by the config, from now on or up to what an earlier run of
    /// the chain began with.
    fn set_fast_forward(&mut self, now: Time, propagated: Option<Time>) {
        let Some(state) = &mut self.time_skipping else {
            return;
        };
        state.fast_forward = None;
        let Some(config) = &mut self.options.time_skipping_config else {
            return;
        };
        let Some(fast_forward) = &config.fast_forward_config else {
            return;
        };
        let duration = Span::of(fast_forward.duration.as_ref());
        let target = propagated.unwrap_or_else(|| now.after(duration));
        let reached = propagated.is_some_and(|target| target <= now);
        if reached {
            config.enabled = false;
            self.history.disable_time_skipping();
        }
        state.fast_forward = Some(FastForward {
            target,
            reached,
            timer: None,
        });
    }

    /// Has the target of the fast-forward be due, and tells those who wait for one that it has changed.
    pub(in crate::server::run) fn arm_fast_forward(&mut self, tx: &mut Tx<'_>) {
        let skips_time = self.skips_time();
        let Some(state) = &mut self.time_skipping else {
            return;
        };
        if let Some(fast_forward) = &mut state.fast_forward
            && skips_time
            && !fast_forward.reached
        {
            let timer = RunTimer::FastForward;
            fast_forward.timer = Some(tx.arm(self.index, fast_forward.target, timer));
        }
        tx.effects.push_back(Effect::FastForward(self.index));
    }

    fn disarm_fast_forward(&mut self, tx: &mut Tx<'_>) {
        let state = self.time_skipping.as_mut();
        if let Some(fast_forward) = state.and_then(|state| state.fast_forward.as_mut()) {
            tx.timers.clear(&mut fast_forward.timer);
        }
    }

    /// The run has closed: no time is skipped any more.
    pub(in crate::server::run) fn end_time_skipping(&mut self, tx: &mut Tx<'_>) {
        if self.time_skipping.is_some() {
            self.disarm_fast_forward(tx);
            tx.effects.push_back(Effect::FastForward(self.index));
        }
    }

    /// Reckons with a skip that is written down.
    pub(super) fn note_skip(&mut self, by: Option<Span>, ends_fast_forward: bool) {
        let Some(state) = &mut self.time_skipping else {
            return;
        };
        let skipped = state.skipped.0.saturating_add(by.unwrap_or_default().0);
        state.skipped = Span(skipped);
        state.skips = state.skips.saturating_add(1);
        let Some(config) = &mut self.options.time_skipping_config else {
            return;
        };
        if ends_fast_forward && let Some(fast_forward) = &mut state.fast_forward {
            fast_forward.reached = true;
            config.enabled = false;
        }
        if state.skips >= config.max_session_skip_count {
            config.enabled = false;
        }
    }
}
