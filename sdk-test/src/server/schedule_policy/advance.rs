//! From times to decisions.

use std::sync::Arc;

use durably_protos::temporal::api::enums::v1::ScheduleOverlapPolicy;
use jiff::{SignedDuration, Timestamp};

use super::action::{BufferedStart, Decision, StartAction};
use super::backfill::Backfill;
use super::overlap::decide;
use super::policies::length;
use super::state::ScheduleState;
use crate::server::schedule_spec::TooManyExclusions;
use crate::server::text::seconds_text;

/// The most starts that wait, and the most backfills.
pub(super) const MAX_BUFFER: usize = 1000;

/// Backfills use half of the buffer only.
const MAX_BUFFER_OF_BACKFILLS: usize = MAX_BUFFER / 2;

/// The most times that one call takes; the rest is due at once.
const MAX_TIMES: usize = 100_000;

/// The most starts that backfills make in one call.
const MAX_BACKFILLED: usize = 1000;

/// The pause before backfills go on, as the real server makes it after ten starts.
const BACKFILL_PAUSE: SignedDuration = SignedDuration::from_secs(1);

impl ScheduleState {
    /// Acts on what has become due by `now`. Call it at [`next_wake`](Self::next_wake), or whenever.
    pub(crate) fn advance(&mut self, now: Timestamp) -> Vec<Decision> {
        let more_times = self.take_elapsed(now);
        let mut decisions = Vec::new();
        let mut budget = MAX_BACKFILLED;
        loop {
            let taken = self.take_backfills(&mut budget);
            decisions.extend(self.drain_buffer());
            if taken == 0 || budget == 0 {
                break;
            }
        }
        self.plan_wake(now, more_times);
        decisions
    }

    /// Buffers the times of the spec up to `now`; says whether there are more.
    pub(super) fn take_elapsed(&mut self, now: Timestamp) -> bool {
        if !self.acts_on_times() {
            self.taken_until = self.taken_until.max(now);
            return false;
        }
        let catchup_window = self.policies().catchup_window;
        let catchup_window = catchup_window.as_ref().map_or(SignedDuration::MAX, length);
        let (spec, seed) = (Arc::clone(&self.spec), Arc::clone(&self.seed));
        let times = spec.times(&seed, self.taken_until, now);
        for (taken, time) in times.enumerate() {
            let time = match time {
                Ok(time) => time,
                Err(error) => {
                    self.search_error = error.to_string();
                    return false;
                }
            };
            if taken == MAX_TIMES {
                return true;
            }
            // Not `now`: a time whose jitter is still to pass must be found again from its nominal time on.
            self.taken_until = time.actual;
            if self.update_time.is_some_and(|update| update > time.actual) {
                continue;
            }
            if now.duration_since(time.actual) > catchup_window {
                self.counters.missed_catchup_window += 1;
                continue;
            }
            self.buffer_start(BufferedStart {
                nominal_time: time.nominal,
                actual_time: time.actual,
                overlap_policy: ScheduleOverlapPolicy::Unspecified,
                manual: false,
            });
        }
        self.search_error.clear();
        false
    }

    pub(super) fn buffer_start(&mut self, start: BufferedStart) {
        if self.buffer.len() < MAX_BUFFER {
            self.buffer.push(start);
        } else {
            self.counters.buffer_dropped += 1;
        }
    }

    /// Buffers starts of backfills while there is room; says how many.
    fn take_backfills(&mut self, budget: &mut usize) -> usize {
        let (spec, seed) = (Arc::clone(&self.spec), Arc::clone(&self.seed));
        let mut taken = 0;
        while let Some(backfill) = self.backfills.pop_front() {
            let room = MAX_BUFFER_OF_BACKFILLS
                .saturating_sub(self.buffer.len())
                .min(*budget);
            let found = spec.times(&seed, backfill.after, backfill.until).take(room);
            let mut times = Vec::new();
            for time in found {
                match time {
                    Ok(time) => times.push(time),
                    Err(error) => self.search_error = error.to_string(),
                }
            }
            for time in &times {
                self.buffer_start(BufferedStart {
                    nominal_time: time.nominal,
                    actual_time: time.actual,
                    overlap_policy: backfill.overlap_policy,
                    manual: true,
                });
            }
            taken += times.len();
            *budget -= times.len();
            if times.len() == room {
                let after = times.last().map_or(backfill.after, |last| last.actual);
                self.backfills.push_front(Backfill { after, ..backfill });
                break;
            }
        }
        taken
    }

    /// Applies the overlap policy to the buffer until nothing more can start.
    pub(super) fn drain_buffer(&mut self) -> Vec<Decision> {
        let mut decisions = Vec::new();
        if self.action().is_none() {
            self.buffer.clear();
        }
        while !self.buffer.is_empty() {
            let running =
                !self.running.is_empty() || self.starting.iter().any(|start| !start.overlapping);
            let policy = self.policies().overlap_policy();
            let outcome = decide(std::mem::take(&mut self.buffer), running, policy);
            self.buffer = outcome.kept;
            self.counters.overlap_skipped += outcome.skipped;
            let overlapping = outcome.overlapping.into_iter().map(|start| (start, true));
            let single = outcome.single.map(|start| (start, false));
            let mut dropped = false;
            for (start, overlapping) in overlapping.chain(single) {
                if start.manual || self.take_action() {
                    let action = self.start(start, overlapping);
                    decisions.push(Decision::Start(Box::new(action)));
                } else {
                    dropped = true;
                }
            }
            decisions.extend(self.stop_running(outcome.cancel, outcome.terminate));
            // What was dropped, paused or out of actions as the schedule is, made room for another.
            if !dropped {
                break;
            }
        }
        decisions
    }

    /// Uses one of the remaining actions, if they are limited.
    fn take_action(&mut self) -> bool {
        if !self.acts_on_times() {
            return false;
        }
        if self.settings().limited_actions {
            self.settings().remaining_actions -= 1;
            self.conflict_token += 1;
        }
        true
    }

    fn start(&mut self, start: BufferedStart, overlapping: bool) -> StartAction {
        let configured = self
            .action()
            .map_or("", |action| action.workflow_id.as_str());
        let action = StartAction {
            id: self.next_start_id,
            workflow_id: format!("{configured}-{}", seconds_text(start.nominal_time)),
            nominal_time: start.nominal_time,
            actual_time: start.actual_time,
            manual: start.manual,
            overlapping,
            last_completion_result: self.last_completion_result.clone().filter(|_| !overlapping),
            continued_failure: self.continued_failure.clone().filter(|_| !overlapping),
        };
        self.next_start_id += 1;
        self.starting.push(action.clone());
        action
    }

    /// Asks each running workflow once; a termination is asked for beside a cancellation.
    fn stop_running(&mut self, cancel: bool, terminate: bool) -> Vec<Decision> {
        let mut decisions = Vec::new();
        for running in &mut self.running {
            if terminate && !running.terminate_requested {
                running.terminate_requested = true;
                decisions.push(Decision::Terminate(running.execution.clone()));
            } else if cancel
                && !terminate
                && !running.cancel_requested
                && !running.terminate_requested
            {
                running.cancel_requested = true;
                decisions.push(Decision::Cancel(running.execution.clone()));
            }
        }
        decisions
    }

    pub(super) fn plan_wake(&mut self, now: Timestamp, more_times: bool) {
        let backfills_go_on =
            !self.backfills.is_empty() && self.buffer.len() < MAX_BUFFER_OF_BACKFILLS;
        self.wake = if more_times {
            Some(now)
        } else if backfills_go_on {
            now.checked_add(BACKFILL_PAUSE).ok()
        } else if self.acts_on_times() {
            self.next_time()
        } else {
            None
        };
    }

    /// The next time; if it cannot be found, the description tells why.
    fn next_time(&mut self) -> Option<Timestamp> {
        let next = self.next_times(1).next()?;
        match next {
            Ok(time) => Some(time),
            Err(error) => {
                self.search_error = error.to_string();
                None
            }
        }
    }

    /// The next times that are not before the last update.
    pub(super) fn next_times(
        &self,
        count: usize,
    ) -> impl Iterator<Item = Result<Timestamp, TooManyExclusions>> {
        self.spec
            .times(&self.seed, self.taken_until, Timestamp::MAX)
            .map(|time| time.map(|time| time.actual))
            .filter(|time| match (time, self.update_time) {
                (Ok(time), Some(update)) => *time >= update,
                _ => true,
            })
            .take(count)
    }
}
