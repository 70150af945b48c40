//! The local activities of a run: the table of their [machines](super::local_activity).

use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;
use std::task::{Poll, Waker};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use durably_protos::temporal::api::common::v1::Payloads;
use durably_protos::temporal::api::failure::v1::Failure;

use super::ActivityCancellationType;
use super::activity::Activities;
use super::local_activity::{Effect, LocalActivityInput, LocalActivityRequest, LocalActivityState};
use super::local_activity_task::{
    LocalActivityEnd, LocalActivityOptions, LocalActivityOutcome, LocalActivityResolution,
    LocalActivityTask, canceled_failure, local_activity_failed,
};
use super::slot::Slot;
use crate::command::{
    Command, CommandQueue, LocalActivityData, MarkerIdentity, Parts, RecordMarker,
    local_activity_details,
};
use crate::context::{OperationKind, Reach, Scope};
use crate::shared::Place;

#[derive(Debug)]
struct LocalActivity {
    state: LocalActivityState,
    options: LocalActivityOptions,
    /// When the first attempt was scheduled, by workflow time.
    first_scheduled: SystemTime,
    /// When this one was handed out, by workflow time.
    started: SystemTime,
    cancel_requested: bool,
    scope: Rc<Scope>,
    place: Place,
    slot: Slot<LocalActivityResolution>,
}

impl LocalActivity {
    fn key(&self, seq: u32) -> MarkerIdentity {
        MarkerIdentity::LocalActivity {
            number: seq,
            activity_id: self.options.activity_id.clone(),
            activity_type: self.options.activity_type.clone(),
        }
    }

    fn resolution(
        &self,
        attempt: u32,
        outcome: LocalActivityOutcome,
        next_seq: Option<u32>,
    ) -> LocalActivityResolution {
        let options = &self.options;
        match outcome {
            LocalActivityOutcome::Completed(result) => LocalActivityResolution::Completed(result),
            LocalActivityOutcome::Failed(failure) => {
                let failure = local_activity_failed(options, attempt, *failure);
                LocalActivityResolution::Failed(Box::new(failure))
            }
            LocalActivityOutcome::Backoff { backoff, .. } => LocalActivityResolution::Backoff {
                attempt: attempt.saturating_add(1),
                backoff,
                original_schedule_time: self.first_scheduled,
                seq: next_seq,
            },
        }
    }
}

/// A marker that lies ahead in the commands of the task being replayed.
#[derive(Debug)]
pub(crate) struct Recorded {
    pub(crate) data: Box<LocalActivityData>,
    pub(crate) result: Option<Payloads>,
    pub(crate) failure: Option<Box<Failure>>,
}

impl Recorded {
    fn key(&self) -> MarkerIdentity {
        MarkerIdentity::LocalActivity {
            number: self.data.seq,
            activity_id: self.data.activity_id.clone(),
            activity_type: self.data.activity_type.clone(),
        }
    }

    pub(crate) fn outcome(self) -> LocalActivityOutcome {
        match (self.failure, self.data.backoff) {
            (None, _) => LocalActivityOutcome::Completed(self.result),
            (Some(failure), None) => LocalActivityOutcome::Failed(failure),
            (Some(failure), Some(backoff)) => LocalActivityOutcome::Backoff {
                failure,
                backoff: backoff.duration(),
            },
        }
    }
}

/// When a marker ahead is given to the code: by activation, then in the order of history.
type Turn = (Option<u64>, u64);

/// The local activities of a run that are open or not yet seen by the code.
#[derive(Debug, Default)]
pub(crate) struct LocalActivities {
    open: BTreeMap<u32, Box<LocalActivity>>,
    /// How many there were, in runs where they are not numbered with the activities.
    apart: Option<u32>,
    /// The next attempt has its number before the wait for it.
    numbers_before_backoff: bool,
    /// Those that the code has scheduled since the last `settle`.
    scheduled: Vec<u32>,
    /// Those that wait for their marker.
    awaiting: BTreeSet<u32>,
    /// Those that are being run for this run.
    running: BTreeSet<u32>,
    /// Markers ahead, by the number of their local activity.
    recorded: BTreeMap<u32, (Turn, Recorded)>,
    /// How many markers were ahead so far.
    noted: u64,
    /// The markers ahead whose local activities wait for them.
    due: BTreeMap<Turn, u32>,
    /// What the driver has to do.
    pub(crate) requests: Vec<LocalActivityRequest>,
    /// Which activation of its task the run is in, from 0.
    activation: u64,
}

impl LocalActivities {
    pub(crate) fn schedule(
        &mut self,
        seq: u32,
        mut options: LocalActivityOptions,
        now: SystemTime,
        scope: Rc<Scope>,
        place: Place,
    ) {
        if options.activity_id.is_empty() {
            options.activity_id = seq.to_string();
        }
        let activity = LocalActivity {
            state: LocalActivityState::Scheduled,
            first_scheduled: options.original_schedule_time.unwrap_or(now),
            started: now,
            options,
            cancel_requested: false,
            scope,
            place,
            slot: Slot::default(),
        };
        activity.scope.enter(OperationKind::LocalActivity, seq);
        self.open.insert(seq, Box::new(activity));
        self.scheduled.push(seq);
    }

    /// The run was recorded by the Python SDK, which numbers the next attempt when the one before it
    /// has failed, and not after the wait (protocol 3.8).
    pub(crate) fn number_before_backoff(&mut self) {
        self.numbers_before_backoff = true;
    }

    /// The run was recorded by the Go SDK, which counts local activities by themselves.
    pub(crate) fn number_apart(&mut self) {
        self.apart = Some(0);
    }

    /// The number of the next one: they are numbered with the activities, as the SDKs built on
    /// Temporal's core do (protocol 3.8).
    pub(crate) fn take_seq(&mut self, numbers: &mut Activities) -> u32 {
        match &mut self.apart {
            Some(last) => {
                *last += 1;
                *last
            }
            None => numbers.take_seq(),
        }
    }

    fn next_seq(&self, outcome: &LocalActivityOutcome, numbers: &mut Activities) -> Option<u32> {
        let waits = matches!(outcome, LocalActivityOutcome::Backoff { .. });
        (waits && self.numbers_before_backoff).then(|| numbers.take_seq())
    }

    /// A task's events begin to be applied: its activations count from 0.
    pub(crate) fn begin_task(&mut self) {
        self.activation = 0;
    }

    /// A marker lies ahead.
    pub(crate) fn note(&mut self, recorded: Recorded) {
        self.noted += 1;
        let (seq, turn) = (
            recorded.data.seq,
            (recorded.data.activation_index, self.noted),
        );
        self.recorded.insert(seq, (turn, recorded));
        let is_awaited = self.awaiting.contains(&seq) || self.running.contains(&seq);
        if is_awaited && self.recorded_turn(seq).is_some() {
            self.due.insert(turn, seq);
        }
    }

    /// The end of an activation: what the code scheduled waits for its marker, or is run.
    pub(crate) fn settle(&mut self, live: bool, now: SystemTime) {
        let scheduled = std::mem::take(&mut self.scheduled);
        if !live {
            for seq in scheduled {
                if self.step(seq, LocalActivityInput::Settle).is_some() {
                    self.awaiting.insert(seq);
                    let turn = self.recorded_turn(seq);
                    self.due.extend(turn.map(|turn| (turn, seq)));
                }
            }
            return;
        }
        let awaiting = std::mem::take(&mut self.awaiting);
        self.due.clear();
        for seq in awaiting.into_iter().chain(scheduled) {
            if self.step(seq, LocalActivityInput::Start).is_none() {
                continue;
            }
            if let Some(activity) = self.open.get_mut(&seq) {
                activity.started = now;
                let task = LocalActivityTask {
                    seq,
                    options: activity.options.clone(),
                    scheduled_time: activity.first_scheduled,
                    cancel_requested: activity.cancel_requested,
                };
                self.running.insert(seq);
                self.requests
                    .push(LocalActivityRequest::Execute(Box::new(task)));
            }
        }
    }

    /// When the marker of a local activity came. A marker of the same number that names another one
    /// is not its own: it gets no result from it, and waits until the marker's event tells.
    fn recorded_turn(&self, seq: u32) -> Option<Turn> {
        let (turn, recorded) = self.recorded.get(&seq)?;
        let is_own = self.open.get(&seq)?.key(seq) == recorded.key();
        is_own.then_some(*turn)
    }

    /// Puts an input to a local activity; none when it has no row for it.
    fn step(&mut self, seq: u32, input: LocalActivityInput) -> Option<&'static [Effect]> {
        let activity = self.open.get_mut(&seq)?;
        let (state, effects) = activity.state.next(input)?;
        activity.state = state;
        Some(effects)
    }

    /// What the next activation of a replayed task brings: the markers that it was recorded with.
    /// Gives the wakers of who waits, in the order of the markers, and the time it then was; none
    /// when the task had no further activation.
    pub(crate) fn next_recorded(
        &mut self,
        numbers: &mut Activities,
    ) -> Option<(Vec<Waker>, Duration)> {
        let ((next, _), _) = self.due.first_key_value()?;
        let next = *next;
        self.activation += 1;
        let mut wakers = Vec::new();
        let mut time = Duration::ZERO;
        while let Some(due) = self.due.first_entry()
            && due.key().0 == next
        {
            let seq = due.remove();
            if let Some((_, recorded)) = self.recorded.remove(&seq) {
                let complete_time = recorded.data.complete_time.unwrap_or_default();
                time = time.max(complete_time.duration());
                wakers.extend(self.resolve_recorded(recorded, numbers));
            }
        }
        Some((wakers, time))
    }

    fn resolve_recorded(
        &mut self,
        mut recorded: Recorded,
        numbers: &mut Activities,
    ) -> Option<Waker> {
        let (seq, attempt) = (recorded.data.seq, recorded.data.attempt);
        self.step(seq, LocalActivityInput::MarkerAhead)?;
        self.awaiting.remove(&seq);
        if self.running.remove(&seq) {
            self.requests.push(LocalActivityRequest::Cancel { seq });
        }
        let original_schedule_time = recorded.data.original_schedule_time.take();
        let outcome = recorded.outcome();
        let next_seq = self.next_seq(&outcome, numbers);
        let activity = self.open.get_mut(&seq)?;
        if let Some(time) = original_schedule_time {
            activity.first_scheduled = UNIX_EPOCH + time.duration();
        }
        let resolution = activity.resolution(attempt, outcome, next_seq);
        activity.slot.fill(resolution)
    }

    /// Local activities have ended: issues their markers. Gives the wakers of who waits, and the
    /// time it is now.
    pub(crate) fn ended(
        &mut self,
        commands: &mut CommandQueue,
        ends: Vec<LocalActivityEnd>,
        numbers: &mut Activities,
    ) -> (Vec<Waker>, Duration) {
        self.activation += 1;
        let mut wakers = Vec::new();
        let mut time = Duration::ZERO;
        for end in ends {
            let Some(effects) = self.step(end.seq, LocalActivityInput::Ended) else {
                continue;
            };
            self.running.remove(&end.seq);
            let next_seq = match effects.is_empty() {
                true => None,
                false => self.next_seq(&end.outcome, numbers),
            };
            let Some(activity) = self.open.get_mut(&end.seq).filter(|_| !effects.is_empty()) else {
                // It was given up; nobody wants its end.
                self.sweep(end.seq);
                continue;
            };
            let completed = activity.started + end.runtime;
            let completed = completed.duration_since(UNIX_EPOCH).unwrap_or_default();
            time = time.max(completed);
            let index = self.activation;
            issue_marker(commands, activity, &end, completed, index);
            let resolution = activity.resolution(end.attempt, end.outcome, next_seq);
            wakers.extend(activity.slot.fill(resolution));
            self.sweep(end.seq);
        }
        (wakers, time)
    }

    /// The code cancels a local activity, as its cancellation type says.
    pub(crate) fn cancel(
        &mut self,
        commands: &mut CommandQueue,
        seq: u32,
        now: SystemTime,
        numbers: &mut Activities,
    ) -> Option<Waker> {
        let is_recorded = self.recorded_turn(seq).is_some();
        let activity = self.open.get_mut(&seq)?;
        let input = match activity.options.cancellation_type {
            ActivityCancellationType::TryCancel => LocalActivityInput::CancelTry,
            ActivityCancellationType::WaitCancellationCompleted => LocalActivityInput::CancelWait,
            ActivityCancellationType::Abandon => LocalActivityInput::CancelAbandon,
        };
        let at_once = input != LocalActivityInput::CancelWait;
        use LocalActivityState::{AwaitingMarker, Running, Scheduled};
        if !at_once && activity.state == Scheduled && is_recorded {
            activity.cancel_requested = true;
            return None;
        }
        if at_once && matches!(activity.state, Scheduled | AwaitingMarker | Running) {
            // Its marker was written when the code canceled it.
            if is_recorded && let Some((turn, recorded)) = self.recorded.remove(&seq) {
                self.due.remove(&turn);
                return self.resolve_recorded(recorded, numbers);
            }
        }
        let (state, effects) = activity.state.next(input)?;
        activity.state = state;
        let mut waker = None;
        for effect in effects {
            match effect {
                Effect::CancelExecution => {
                    if !std::mem::replace(&mut activity.cancel_requested, true) {
                        self.requests.push(LocalActivityRequest::Cancel { seq });
                    }
                }
                Effect::NoteCancel => activity.cancel_requested = true,
                Effect::IssueMarker => {
                    let end = LocalActivityEnd {
                        seq,
                        attempt: activity.options.attempt.max(1),
                        runtime: Duration::ZERO,
                        outcome: LocalActivityOutcome::Failed(Box::new(canceled_failure())),
                    };
                    let completed = now.duration_since(UNIX_EPOCH).unwrap_or_default();
                    // On replay it must not come before the code cancels it again.
                    let index = self.activation + 1;
                    issue_marker(commands, activity, &end, completed, index);
                }
                Effect::ResolveCanceled => {
                    let outcome = LocalActivityOutcome::Failed(Box::new(canceled_failure()));
                    let resolution = activity.resolution(1, outcome, None);
                    waker = activity.slot.fill(resolution);
                }
                Effect::Execute | Effect::ResolveEnd => {}
            }
        }
        if at_once {
            self.awaiting.remove(&seq);
            self.running.remove(&seq);
        }
        self.sweep(seq);
        waker
    }

    /// Whether a marker's event belongs to one that a marker ahead resolved. It then confirms no
    /// command (protocol 3.6).
    pub(crate) fn was_replayed(&self, seq: u32) -> bool {
        let state = self.open.get(&seq).map(|activity| activity.state);
        state == Some(LocalActivityState::Resolved)
    }

    /// The local activity that has a marker's number, in words, if the marker names another one.
    pub(crate) fn other_than(&self, key: &MarkerIdentity) -> Option<String> {
        let MarkerIdentity::LocalActivity { number: seq, .. } = key else {
            return None;
        };
        let own = self.open.get(seq)?.key(*seq);
        (own != *key).then(|| own.to_string())
    }

    /// Puts the event of a marker to its local activity.
    ///
    /// # Errors
    /// The local activity's state in words, when the event does not fit it.
    pub(crate) fn marker_recorded(&mut self, seq: u32, key: &MarkerIdentity) -> Result<(), String> {
        let Some(activity) = self.open.get_mut(&seq) else {
            return Err(format!(
                "local activity number {seq}, which the code did not start or which has ended"
            ));
        };
        if activity.key(seq) != *key {
            return Err(activity.key(seq).to_string());
        }
        let Some((state, _)) = activity.state.next(LocalActivityInput::MarkerRecorded) else {
            return Err(format!(
                "{} in state {:?}",
                activity.key(seq),
                activity.state
            ));
        };
        activity.state = state;
        self.sweep(seq);
        Ok(())
    }

    pub(crate) fn poll(
        &mut self,
        seq: u32,
        waker: Waker,
    ) -> (Poll<LocalActivityResolution>, Option<Waker>) {
        let Some(activity) = self.open.get_mut(&seq) else {
            return (Poll::Pending, Some(waker));
        };
        let polled = activity.slot.poll(waker);
        self.sweep(seq);
        polled
    }

    /// Nobody waits for it any more; the caller has canceled it if it should be. Gives what is
    /// left, to drop.
    pub(crate) fn forget(&mut self, seq: u32) -> impl Sized + use<> {
        let rest = self.open.get_mut(&seq).map(|one| one.slot.forget());
        self.sweep(seq);
        rest
    }

    /// Whether any is being run for this run.
    pub(crate) fn is_running(&self) -> bool {
        !self.running.is_empty()
    }

    /// Whether this one is being run for this run.
    pub(crate) fn runs(&self, seq: u32) -> bool {
        self.running.contains(&seq)
    }

    /// The end of one that is being run, as a marker has it.
    pub(crate) fn end_as_recorded(&self, recorded: Recorded) -> Option<LocalActivityEnd> {
        let seq = recorded.data.seq;
        let started = self.open.get(&seq)?.started;
        let completed = UNIX_EPOCH + recorded.data.complete_time.unwrap_or_default().duration();
        Some(LocalActivityEnd {
            seq,
            attempt: recorded.data.attempt,
            // No time when the clocks disagree.
            runtime: completed.duration_since(started).unwrap_or_default(),
            outcome: recorded.outcome(),
        })
    }

    /// The run has ended: what is still being run is of no use.
    pub(crate) fn give_up(&mut self) {
        for seq in std::mem::take(&mut self.running) {
            self.requests.push(LocalActivityRequest::Cancel { seq });
        }
    }

    /// Those that wait where a cancellation reaches, in order of creation.
    pub(crate) fn waiting_within(&self, reach: &Reach) -> Vec<u32> {
        reach.within(OperationKind::LocalActivity, &self.open, |one| {
            (!one.slot.is_answered() && !one.cancel_requested).then_some(&one.scope)
        })
    }

    pub(crate) fn has_waiters(&self) -> bool {
        self.open.values().any(|one| one.slot.is_awaited())
    }

    /// For what code waits, and where.
    pub(crate) fn waits(&self) -> impl Iterator<Item = (&str, Place)> {
        let awaited = self.open.values().filter(|one| one.slot.is_awaited());
        awaited.map(|one| (&*one.options.activity_type, one.place))
    }

    fn sweep(&mut self, seq: u32) {
        let gone =
            |one: &LocalActivity| one.slot.is_done() && one.state == LocalActivityState::Closed;
        if self.open.get(&seq).is_some_and(|one| gone(one))
            && let Some(ended) = self.open.remove(&seq)
        {
            ended.scope.leave(OperationKind::LocalActivity, seq);
        }
    }
}

fn issue_marker(
    commands: &mut CommandQueue,
    activity: &LocalActivity,
    end: &LocalActivityEnd,
    completed: Duration,
    activation: u64,
) {
    let options = &activity.options;
    let scheduled = activity.first_scheduled.duration_since(UNIX_EPOCH);
    let (result, failure, backoff) = match &end.outcome {
        LocalActivityOutcome::Completed(result) => (result.clone(), None, None),
        LocalActivityOutcome::Failed(failure) => (None, Some(failure.clone()), None),
        LocalActivityOutcome::Backoff { failure, backoff } => {
            (None, Some(failure.clone()), Some(Parts::from(*backoff)))
        }
    };
    let data = LocalActivityData {
        seq: end.seq,
        attempt: end.attempt,
        activity_id: options.activity_id.clone(),
        activity_type: options.activity_type.clone(),
        complete_time: Some(completed.into()),
        backoff,
        original_schedule_time: Some(scheduled.unwrap_or_default().into()),
        activation_index: Some(activation),
    };
    let input = options.include_arguments_in_marker.then(|| Payloads {
        payloads: options.arguments.clone(),
    });
    let marker = RecordMarker {
        key: activity.key(end.seq),
        details: local_activity_details(&data, result, input),
        failure: failure.map(|failure| *failure),
        metadata: options.metadata.clone(),
        groups: options.groups.clone(),
    };
    let command = Command::RecordMarker(Box::new(marker));
    commands.push(command, Some(activity.place));
}
