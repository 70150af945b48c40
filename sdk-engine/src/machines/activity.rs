//! An activity (protocol 4.2): `ScheduleActivityTask`, `ActivityTaskScheduled`, then one closing event.
//!
//! `ActivityTaskStarted` is written only when the activity closes, so it says nothing about
//! whether the activity runs; `Open` stands for scheduled and started alike.
//!
//! | from | input | to | effects |
//! |---|---|---|---|
//! | `ScheduleIssued` | `CancelTry` | `Closed` | `Retract`, `ResolveCanceled` |
//! | `ScheduleIssued` | `CancelWait` | `Closed` | `Retract`, `ResolveCanceled` |
//! | `ScheduleIssued` | `CancelAbandon` | `Closed` | `Retract`, `ResolveCanceled` |
//! | `ScheduleIssued` | `Scheduled` | `Open` | |
//! | `Open` | `Started` | `Open` | |
//! | `Open` | `Ended` | `Closed` | `ResolveEnd` |
//! | `Open` | `CancelTry` | `CancelIssued` | `IssueCancel`, `ResolveCanceled` |
//! | `Open` | `CancelWait` | `CancelIssued` | `IssueCancel` |
//! | `Open` | `CancelAbandon` | `Abandoned` | `ResolveCanceled` |
//! | `CancelIssued` | `CancelRequested` | `CancelRecorded` | |
//! | `CancelIssued` | `CancelTry` | `CancelIssued` | |
//! | `CancelIssued` | `CancelWait` | `CancelIssued` | |
//! | `CancelIssued` | `CancelAbandon` | `CancelIssued` | |
//! | `CancelRecorded` | `Started` | `CancelRecorded` | |
//! | `CancelRecorded` | `Ended` | `Closed` | `ResolveEnd` |
//! | `CancelRecorded` | `Canceled` | `Closed` | `ResolveEnd` |
//! | `CancelRecorded` | `CancelTry` | `CancelRecorded` | |
//! | `CancelRecorded` | `CancelWait` | `CancelRecorded` | |
//! | `CancelRecorded` | `CancelAbandon` | `CancelRecorded` | |
//! | `Abandoned` | `Started` | `Abandoned` | |
//! | `Abandoned` | `Ended` | `Closed` | |
//! | `Abandoned` | `Canceled` | `Closed` | |
//! | `Abandoned` | `CancelTry` | `Abandoned` | |
//! | `Abandoned` | `CancelWait` | `Abandoned` | |
//! | `Abandoned` | `CancelAbandon` | `Abandoned` | |
//! | `Closed` | `CancelTry` | `Closed` | |
//! | `Closed` | `CancelWait` | `Closed` | |
//! | `Closed` | `CancelAbandon` | `Closed` | |
//!
//! `Ended` is `ActivityTaskCompleted`, `Failed` or `TimedOut`. The first resolution counts:
//! after `CancelTry` the code has its answer, and `ResolveEnd` changes nothing.

use std::collections::BTreeMap;
use std::panic::Location;
use std::rc::Rc;
use std::task::{Poll, Waker};

use durably_protos::temporal::api::common::v1::Payloads;
use durably_protos::temporal::api::failure::v1::Failure;

use super::activity_failure::{ActivityIdentity, activity_canceled};
use crate::command::{Command, CommandId, CommandQueue};
use crate::context::{OperationKind, Reach, Scope};

/// What canceling an activity means for the code that waits for it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum ActivityCancellationType {
    /// Ask the activity to stop, and go on at once as canceled.
    #[default]
    TryCancel,
    /// Ask the activity to stop, and wait for how it ends.
    WaitCancellationCompleted,
    /// Do not tell the activity; go on at once as canceled.
    Abandon,
}

/// How an activity ended for the code that waits for it.
#[derive(Debug, Clone, PartialEq)]
pub enum ActivityResolution {
    /// Its result.
    Completed(Option<Payloads>),
    /// An `ActivityFailureInfo` failure, whose cause says what happened: failed, timed out, canceled.
    Failed(Box<Failure>),
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum ActivityState {
    ScheduleIssued,
    Open,
    CancelIssued,
    CancelRecorded,
    Abandoned,
    Closed,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum ActivityInput {
    CancelTry,
    CancelWait,
    CancelAbandon,
    Scheduled,
    Started,
    CancelRequested,
    Ended,
    Canceled,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Effect {
    Retract,
    IssueCancel,
    ResolveCanceled,
    ResolveEnd,
}

impl ActivityState {
    fn next(self, input: ActivityInput) -> Option<(Self, &'static [Effect])> {
        use ActivityInput as I;

        use Effect::{IssueCancel, ResolveCanceled, ResolveEnd, Retract};
        Some(match (self, input) {
            (Self::ScheduleIssued, I::CancelTry | I::CancelWait | I::CancelAbandon) => {
                (Self::Closed, &[Retract, ResolveCanceled])
            }
            (Self::ScheduleIssued, I::Scheduled) => (Self::Open, &[]),
            (Self::Open, I::Ended) | (Self::CancelRecorded, I::Ended | I::Canceled) => {
                (Self::Closed, &[ResolveEnd])
            }
            (Self::Open, I::CancelTry) => (Self::CancelIssued, &[IssueCancel, ResolveCanceled]),
            (Self::Open, I::CancelWait) => (Self::CancelIssued, &[IssueCancel]),
            (Self::Open, I::CancelAbandon) => (Self::Abandoned, &[ResolveCanceled]),
            (Self::CancelIssued, I::CancelRequested) => (Self::CancelRecorded, &[]),
            (Self::Abandoned, I::Ended | I::Canceled) => (Self::Closed, &[]),
            (Self::Open | Self::CancelRecorded | Self::Abandoned, I::Started)
            | (
                Self::CancelIssued | Self::CancelRecorded | Self::Abandoned | Self::Closed,
                I::CancelTry | I::CancelWait | I::CancelAbandon,
            ) => (self, &[]),
            _ => return None,
        })
    }
}

/// One activity: its machine, who it is, and the slot that its future reads.
#[derive(Debug)]
pub(crate) struct Activity {
    state: ActivityState,
    pub(crate) identity: ActivityIdentity,
    cancellation: ActivityCancellationType,
    command: CommandId,
    location: &'static Location<'static>,
    scope: Rc<Scope>,
    resolution: Option<ActivityResolution>,
    /// The code has taken its answer, or does not want it any more.
    forgotten: bool,
    answered: bool,
    waker: Option<Waker>,
}

impl Activity {
    fn resolve(&mut self, resolution: ActivityResolution) {
        if !self.answered {
            self.answered = true;
            self.resolution = Some(resolution);
        }
    }
}

/// The activities of a run that are open or not yet seen by the code.
#[derive(Debug, Default)]
pub(crate) struct Activities {
    open: BTreeMap<u32, Box<Activity>>,
    next: u32,
}

impl Activities {
    pub(crate) fn take_seq(&mut self) -> u32 {
        self.next += 1;
        self.next
    }

    pub(crate) fn schedule(
        &mut self,
        seq: u32,
        command: CommandId,
        identity: ActivityIdentity,
        cancellation: ActivityCancellationType,
        scope: Rc<Scope>,
        location: &'static Location<'static>,
    ) {
        let activity = Activity {
            state: ActivityState::ScheduleIssued,
            identity,
            cancellation,
            command,
            location,
            scope,
            resolution: None,
            forgotten: false,
            answered: false,
            waker: None,
        };
        activity.scope.enter(OperationKind::Activity, seq);
        self.open.insert(seq, Box::new(activity));
    }

    pub(crate) fn find(&mut self, seq: u32) -> Option<&mut Activity> {
        self.open.get_mut(&seq).map(|activity| &mut **activity)
    }

    /// Puts an event to an activity; `end` makes the resolution of a closing event.
    ///
    /// # Errors
    /// The activity's state in words, when the event does not fit it.
    pub(crate) fn apply(
        &mut self,
        commands: &mut CommandQueue,
        seq: u32,
        input: ActivityInput,
        end: impl FnOnce(&mut ActivityIdentity) -> Option<ActivityResolution>,
    ) -> Result<Option<Waker>, String> {
        let Some(activity) = self.open.get_mut(&seq) else {
            return Err(format!("activity {seq}, which has ended"));
        };
        let Some((state, effects)) = activity.state.next(input) else {
            return Err(format!("activity {seq} in state {:?}", activity.state));
        };
        activity.state = state;
        for effect in effects {
            match effect {
                Effect::Retract => {
                    // History never told who the activity is: the command did.
                    if let Some(Command::ScheduleActivity { attributes, .. }) =
                        commands.retract(activity.command)
                    {
                        activity.identity = ActivityIdentity::of(*attributes);
                    }
                }
                Effect::IssueCancel => {
                    let command = Command::RequestCancelActivity {
                        seq,
                        scheduled_event_id: activity.identity.scheduled_event_id,
                    };
                    commands.push(command, Some(activity.location));
                }
                Effect::ResolveCanceled => {
                    let failure = activity_canceled(&activity.identity, None);
                    activity.resolve(ActivityResolution::Failed(Box::new(failure)));
                }
                Effect::ResolveEnd => break,
            }
        }
        // Also called for what ends nothing: `Started` only notes who runs the activity.
        let end = end(&mut activity.identity);
        if effects.contains(&Effect::ResolveEnd)
            && let Some(resolution) = end
        {
            activity.resolve(resolution);
        }
        let waker = activity
            .resolution
            .as_ref()
            .and_then(|_| activity.waker.take());
        self.sweep(seq);
        Ok(waker)
    }

    /// The code cancels an activity, as its cancellation type says.
    pub(crate) fn cancel(&mut self, commands: &mut CommandQueue, seq: u32) -> Option<Waker> {
        let input = match self.open.get(&seq)?.cancellation {
            ActivityCancellationType::TryCancel => ActivityInput::CancelTry,
            ActivityCancellationType::WaitCancellationCompleted => ActivityInput::CancelWait,
            ActivityCancellationType::Abandon => ActivityInput::CancelAbandon,
        };
        // Every state has a row for every way to cancel, as the table test shows.
        self.apply(commands, seq, input, |_| None)
            .unwrap_or_default()
    }

    /// Gives the end, or keeps the waker. The second part is a waker to drop, outside of any borrow.
    pub(crate) fn poll(
        &mut self,
        seq: u32,
        waker: Waker,
    ) -> (Poll<Option<ActivityResolution>>, Option<Waker>) {
        let Some(activity) = self.open.get_mut(&seq) else {
            return (Poll::Ready(None), Some(waker));
        };
        if let Some(resolution) = activity.resolution.take() {
            activity.forgotten = true;
            self.sweep(seq);
            return (Poll::Ready(Some(resolution)), Some(waker));
        }
        (Poll::Pending, activity.waker.replace(waker))
    }

    /// Nobody waits for the activity any more; the caller has canceled it if it should be.
    pub(crate) fn forget(&mut self, seq: u32) -> (Option<Waker>, Option<ActivityResolution>) {
        let Some(activity) = self.open.get_mut(&seq) else {
            return (None, None);
        };
        activity.forgotten = true;
        activity.answered = true;
        let rest = (activity.waker.take(), activity.resolution.take());
        self.sweep(seq);
        rest
    }

    /// The activities that wait where a cancellation reaches, in order of creation.
    pub(crate) fn waiting_within(&self, reach: &Reach) -> Vec<u32> {
        reach.within(OperationKind::Activity, &self.open, |activity| {
            (!activity.answered).then_some(&activity.scope)
        })
    }

    /// Whether some code waits for an activity.
    pub(crate) fn has_waiters(&self) -> bool {
        self.open.values().any(|activity| activity.waker.is_some())
    }

    /// The activities that code waits for: their types and ids, and where. Until history has
    /// confirmed an activity only its command knows them.
    pub(crate) fn waits<'a>(
        &'a self,
        commands: &'a CommandQueue,
    ) -> impl Iterator<Item = (&'a str, &'a str, &'static Location<'static>)> {
        let awaited = self.open.values().filter(|one| one.waker.is_some());
        awaited.map(|activity| match commands.get(activity.command) {
            Some(Command::ScheduleActivity { attributes, .. }) => {
                let kind = attributes.activity_type.as_ref();
                let kind = kind.map_or("", |kind| &kind.name);
                (kind, &*attributes.activity_id, activity.location)
            }
            _ => {
                let ActivityIdentity {
                    activity_type,
                    activity_id,
                    ..
                } = &activity.identity;
                (&**activity_type, &**activity_id, activity.location)
            }
        })
    }

    fn sweep(&mut self, seq: u32) {
        if self
            .open
            .get(&seq)
            .is_some_and(|activity| activity.forgotten && activity.state == ActivityState::Closed)
            && let Some(ended) = self.open.remove(&seq)
        {
            ended.scope.leave(OperationKind::Activity, seq);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::machines::table;

    #[test]
    fn the_table_is_the_machine() {
        use ActivityInput as I;
        use ActivityState as S;
        table::check(
            include_str!("activity.rs"),
            &[
                S::ScheduleIssued,
                S::Open,
                S::CancelIssued,
                S::CancelRecorded,
                S::Abandoned,
                S::Closed,
            ],
            &[
                I::CancelTry,
                I::CancelWait,
                I::CancelAbandon,
                I::Scheduled,
                I::Started,
                I::CancelRequested,
                I::Ended,
                I::Canceled,
            ],
            S::next,
        );
    }
}
