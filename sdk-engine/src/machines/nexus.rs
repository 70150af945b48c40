//! A Nexus operation (protocol 4.11): `ScheduleNexusOperation`, its event, perhaps
//! `NexusOperationStarted`, then one closing event.
//!
//! Code waits for two things: that the operation started, and how it ended. One that is done at
//! once (a synchronous one) ends without having started.
//!
//! | from | input | to | effects |
//! |---|---|---|---|
//! | `ScheduleIssued` | `CancelTry` | `Closed` | `Retract`, `ResolveCanceled` |
//! | `ScheduleIssued` | `CancelWait` | `Closed` | `Retract`, `ResolveCanceled` |
//! | `ScheduleIssued` | `CancelAbandon` | `Closed` | `Retract`, `ResolveCanceled` |
//! | `ScheduleIssued` | `Scheduled` | `Open` | |
//! | `Open` | `Started` | `Open` | `ResolveStarted` |
//! | `Open` | `Ended` | `Closed` | `ResolveEnd` |
//! | `Open` | `CancelTry` | `Abandoned` | `IssueCancel`, `ResolveCanceled` |
//! | `Open` | `CancelWait` | `Canceling` | `IssueCancel` |
//! | `Open` | `CancelAbandon` | `Abandoned` | `ResolveCanceled` |
//! | `Canceling` | `Started` | `Canceling` | `ResolveStarted` |
//! | `Canceling` | `Ended` | `Closed` | `ResolveEnd` |
//! | `Canceling` | `CancelIssued` | `Canceling` | |
//! | `Canceling` | `CancelDelivered` | `Abandoned` | `ResolveCanceled` |
//! | `Canceling` | `CancelFailed` | `Abandoned` | `ResolveEnd` |
//! | `Canceling` | `CancelTry` | `Canceling` | |
//! | `Canceling` | `CancelWait` | `Canceling` | |
//! | `Canceling` | `CancelAbandon` | `Canceling` | |
//! | `Abandoned` | `Started` | `Abandoned` | |
//! | `Abandoned` | `Ended` | `Closed` | |
//! | `Abandoned` | `CancelIssued` | `Abandoned` | |
//! | `Abandoned` | `CancelDelivered` | `Abandoned` | |
//! | `Abandoned` | `CancelFailed` | `Abandoned` | |
//! | `Abandoned` | `CancelTry` | `Abandoned` | |
//! | `Abandoned` | `CancelWait` | `Abandoned` | |
//! | `Abandoned` | `CancelAbandon` | `Abandoned` | |
//! | `Closed` | `CancelIssued` | `Closed` | |
//! | `Closed` | `CancelDelivered` | `Closed` | |
//! | `Closed` | `CancelFailed` | `Closed` | |
//! | `Closed` | `CancelTry` | `Closed` | |
//! | `Closed` | `CancelWait` | `Closed` | |
//! | `Closed` | `CancelAbandon` | `Closed` | |
//!
//! `CancelIssued` is the event of the cancel command; `CancelDelivered` and `CancelFailed`, which
//! tell whether the request has arrived, are put only to an operation whose code waits for just
//! that.

use std::collections::BTreeMap;
use std::rc::Rc;
use std::task::{Poll, Waker};

use durably_protos::temporal::api::common::v1::Payload;
use durably_protos::temporal::api::failure::v1::failure::FailureInfo;
use durably_protos::temporal::api::failure::v1::{
    CanceledFailureInfo, Failure, NexusOperationFailureInfo,
};

use super::slot::Slot;
use crate::command::{Command, CommandId, CommandQueue};
use crate::context::{OperationKind, Reach, Scope};
use crate::shared::Place;

/// What canceling a Nexus operation means for the code that waits for it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum NexusCancellationType {
    /// Ask the operation to cancel, and wait for how it ends.
    #[default]
    WaitCancellationCompleted,
    /// Do not tell the operation; go on at once as canceled.
    Abandon,
    /// Ask the operation to cancel, and go on at once as canceled.
    TryCancel,
    /// Ask the operation to cancel, and wait until the request has reached it.
    WaitCancellationRequested,
}

/// How an operation ended for the code that waits for it.
#[derive(Debug, Clone, PartialEq)]
pub enum NexusResolution {
    /// Its result.
    Completed(Option<Payload>),
    /// A `NexusOperationFailureInfo` failure, whose cause says what happened.
    Failed(Box<Failure>),
}

/// Whether an operation started: its token, none for a synchronous one; or why it did not.
pub type NexusStart = Result<Option<Rc<str>>, Box<Failure>>;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum NexusState {
    ScheduleIssued,
    Open,
    Canceling,
    Abandoned,
    Closed,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum NexusInput {
    CancelTry,
    CancelWait,
    CancelAbandon,
    Scheduled,
    Started,
    Ended,
    CancelIssued,
    CancelDelivered,
    CancelFailed,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Effect {
    Retract,
    IssueCancel,
    ResolveStarted,
    ResolveCanceled,
    ResolveEnd,
}

impl NexusState {
    fn next(self, input: NexusInput) -> Option<(Self, &'static [Effect])> {
        use Effect::{IssueCancel, ResolveCanceled, ResolveEnd, ResolveStarted, Retract};
        use NexusInput as I;
        Some(match (self, input) {
            (Self::ScheduleIssued, I::CancelTry | I::CancelWait | I::CancelAbandon) => {
                (Self::Closed, &[Retract, ResolveCanceled])
            }
            (Self::ScheduleIssued, I::Scheduled) => (Self::Open, &[]),
            (Self::Open | Self::Canceling, I::Started) => (self, &[ResolveStarted]),
            (Self::Open | Self::Canceling, I::Ended) => (Self::Closed, &[ResolveEnd]),
            (Self::Open, I::CancelTry) => (Self::Abandoned, &[IssueCancel, ResolveCanceled]),
            (Self::Open, I::CancelWait) => (Self::Canceling, &[IssueCancel]),
            (Self::Open, I::CancelAbandon) | (Self::Canceling, I::CancelDelivered) => {
                (Self::Abandoned, &[ResolveCanceled])
            }
            (Self::Canceling, I::CancelFailed) => (Self::Abandoned, &[ResolveEnd]),
            (Self::Abandoned, I::Ended) => (Self::Closed, &[]),
            (Self::Abandoned, I::Started)
            | (Self::Canceling | Self::Abandoned | Self::Closed, I::CancelIssued)
            | (Self::Abandoned | Self::Closed, I::CancelDelivered | I::CancelFailed)
            | (
                Self::Canceling | Self::Abandoned | Self::Closed,
                I::CancelTry | I::CancelWait | I::CancelAbandon,
            ) => (self, &[]),
            _ => return None,
        })
    }
}

/// Who an operation is, for `NexusOperationFailureInfo`.
#[derive(Debug, Default)]
pub(crate) struct NexusIdentity {
    pub(crate) endpoint: String,
    pub(crate) service: String,
    pub(crate) operation: String,
    pub(crate) scheduled_event_id: i64,
    pub(crate) token: Option<Rc<str>>,
}

impl NexusIdentity {
    /// The failure of an operation, with its cause.
    pub(crate) fn failure(&self, cause: Failure) -> Failure {
        Failure {
            message: "nexus operation completed unsuccessfully".to_owned(),
            cause: Some(Box::new(cause)),
            failure_info: Some(FailureInfo::NexusOperationExecutionFailureInfo(
                NexusOperationFailureInfo {
                    scheduled_event_id: self.scheduled_event_id,
                    endpoint: self.endpoint.clone(),
                    service: self.service.clone(),
                    operation: self.operation.clone(),
                    operation_token: self.token.as_deref().unwrap_or_default().to_owned(),
                    ..Default::default()
                },
            )),
            ..Default::default()
        }
    }
}

fn canceled() -> Failure {
    Failure {
        message: "canceled".to_owned(),
        failure_info: Some(FailureInfo::CanceledFailureInfo(
            CanceledFailureInfo::default(),
        )),
        ..Default::default()
    }
}

#[derive(Debug)]
struct NexusOperation {
    state: NexusState,
    identity: NexusIdentity,
    cancellation: NexusCancellationType,
    command: CommandId,
    place: Place,
    scope: Rc<Scope>,
    started: Slot<NexusStart>,
    ended: Slot<NexusResolution>,
}

impl NexusOperation {
    fn resolve(&mut self, resolution: NexusResolution) -> [Option<Waker>; 2] {
        let started = match &resolution {
            NexusResolution::Failed(failure) => Err(failure.clone()),
            NexusResolution::Completed(_) => Ok(None),
        };
        [self.started.fill(started), self.ended.fill(resolution)]
    }
}

/// What an event brings besides its input.
pub(crate) enum NexusNews {
    Started(String),
    End(NexusResolution),
    /// The cancel request failed.
    NotCanceled(Box<Failure>),
    Nothing,
}

/// The operations of a run that are open or not yet seen by the code.
#[derive(Debug, Default)]
pub(crate) struct NexusOperations {
    open: BTreeMap<u32, Box<NexusOperation>>,
    last: u32,
}

impl NexusOperations {
    pub(crate) fn take_seq(&mut self) -> u32 {
        self.last += 1;
        self.last
    }

    pub(crate) fn schedule(
        &mut self,
        seq: u32,
        command: CommandId,
        identity: NexusIdentity,
        cancellation: NexusCancellationType,
        scope: Rc<Scope>,
        place: Place,
    ) {
        let operation = NexusOperation {
            state: NexusState::ScheduleIssued,
            identity,
            cancellation,
            command,
            place,
            scope,
            started: Slot::default(),
            ended: Slot::default(),
        };
        operation.scope.enter(OperationKind::Nexus, seq);
        self.open.insert(seq, Box::new(operation));
    }

    pub(crate) fn identity(&mut self, seq: u32) -> Option<&mut NexusIdentity> {
        self.open.get_mut(&seq).map(|one| &mut one.identity)
    }

    /// The code waits until the cancel request has arrived, no longer.
    pub(crate) fn waits_for_request(&self, seq: u32) -> bool {
        let kind = self.open.get(&seq).map(|one| one.cancellation);
        kind == Some(NexusCancellationType::WaitCancellationRequested)
    }

    /// Puts an input to an operation.
    ///
    /// # Errors
    /// The operation's state in words, when the event does not fit it.
    pub(crate) fn apply(
        &mut self,
        commands: &mut CommandQueue,
        seq: u32,
        input: NexusInput,
        news: NexusNews,
    ) -> Result<[Option<Waker>; 2], String> {
        let Some(operation) = self.open.get_mut(&seq) else {
            return match input {
                // The operation may have ended before its cancel request was answered.
                NexusInput::CancelIssued
                | NexusInput::CancelDelivered
                | NexusInput::CancelFailed => Ok([None, None]),
                _ => Err(format!("Nexus operation number {seq}, which has ended")),
            };
        };
        let Some((state, effects)) = operation.state.next(input) else {
            return Err(format!(
                "Nexus operation number {seq} in state {:?}",
                operation.state
            ));
        };
        operation.state = state;
        let mut end = None;
        match news {
            NexusNews::Started(token) => operation.identity.token = Some(token.into()),
            NexusNews::End(resolution) => end = Some(resolution),
            NexusNews::NotCanceled(cause) => {
                let failure = operation.identity.failure(*cause);
                end = Some(NexusResolution::Failed(Box::new(failure)));
            }
            NexusNews::Nothing => {}
        }
        let mut wakers = [None, None];
        for effect in effects {
            match effect {
                Effect::Retract => drop(commands.retract(operation.command)),
                Effect::IssueCancel => {
                    let command = Command::RequestCancelNexusOperation {
                        seq,
                        scheduled_event_id: operation.identity.scheduled_event_id,
                    };
                    commands.push(command, Some(operation.place));
                }
                Effect::ResolveStarted => {
                    let token = operation.identity.token.clone();
                    wakers[0] = operation.started.fill(Ok(token));
                }
                Effect::ResolveCanceled => {
                    let failure = operation.identity.failure(canceled());
                    wakers = operation.resolve(NexusResolution::Failed(Box::new(failure)));
                }
                Effect::ResolveEnd => {
                    if let Some(end) = end.take() {
                        wakers = operation.resolve(end);
                    }
                }
            }
        }
        self.sweep(seq);
        Ok(wakers)
    }

    /// The code cancels an operation, as its cancellation type says.
    pub(crate) fn cancel(&mut self, commands: &mut CommandQueue, seq: u32) -> [Option<Waker>; 2] {
        let Some(operation) = self.open.get(&seq) else {
            return [None, None];
        };
        let input = match operation.cancellation {
            NexusCancellationType::Abandon => NexusInput::CancelAbandon,
            NexusCancellationType::TryCancel => NexusInput::CancelTry,
            NexusCancellationType::WaitCancellationCompleted
            | NexusCancellationType::WaitCancellationRequested => NexusInput::CancelWait,
        };
        // Every state has a row for every way to cancel, as the table test shows.
        self.apply(commands, seq, input, NexusNews::Nothing)
            .unwrap_or_default()
    }

    pub(crate) fn poll_started(
        &mut self,
        seq: u32,
        waker: Waker,
    ) -> (Poll<NexusStart>, Option<Waker>) {
        let Some(operation) = self.open.get_mut(&seq) else {
            return (Poll::Pending, Some(waker));
        };
        let polled = operation.started.poll(waker);
        self.sweep(seq);
        polled
    }

    pub(crate) fn poll_ended(
        &mut self,
        seq: u32,
        waker: Waker,
    ) -> (Poll<NexusResolution>, Option<Waker>) {
        let Some(operation) = self.open.get_mut(&seq) else {
            return (Poll::Pending, Some(waker));
        };
        let polled = operation.ended.poll(waker);
        self.sweep(seq);
        polled
    }

    /// Nobody waits for it any more; the caller has canceled it if it should be. Gives what is
    /// left, to drop.
    pub(crate) fn forget(&mut self, seq: u32) -> impl Sized + use<> {
        let rest = self
            .open
            .get_mut(&seq)
            .map(|one| (one.started.forget(), one.ended.forget()));
        self.sweep(seq);
        rest
    }

    /// Those that wait where a cancellation reaches, in order of creation.
    pub(crate) fn waiting_within(&self, reach: &Reach) -> Vec<u32> {
        reach.within(OperationKind::Nexus, &self.open, |one| {
            (!one.ended.is_answered()).then_some(&one.scope)
        })
    }

    pub(crate) fn has_waiters(&self) -> bool {
        self.open
            .values()
            .any(|one| one.started.is_awaited() || one.ended.is_awaited())
    }

    /// For what code waits, and where.
    pub(crate) fn waits(&self) -> impl Iterator<Item = (&NexusIdentity, Place)> {
        self.open
            .values()
            .filter(|one| one.started.is_awaited() || one.ended.is_awaited())
            .map(|one| (&one.identity, one.place))
    }

    fn sweep(&mut self, seq: u32) {
        // Code may ask for the start after the end.
        let taken = |one: &NexusOperation| one.started.is_done() && one.ended.is_done();
        let gone = |one: &NexusOperation| taken(one) && one.state == NexusState::Closed;
        if self.open.get(&seq).is_some_and(|one| gone(one))
            && let Some(ended) = self.open.remove(&seq)
        {
            ended.scope.leave(OperationKind::Nexus, seq);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::machines::table;

    #[test]
    fn the_table_is_the_machine() {
        use NexusInput as I;
        use NexusState as S;
        table::check(
            include_str!("nexus.rs"),
            &[
                S::ScheduleIssued,
                S::Open,
                S::Canceling,
                S::Abandoned,
                S::Closed,
            ],
            &[
                I::CancelTry,
                I::CancelWait,
                I::CancelAbandon,
                I::Scheduled,
                I::Started,
                I::Ended,
                I::CancelIssued,
                I::CancelDelivered,
                I::CancelFailed,
            ],
            S::next,
        );
    }
}
