//! A child workflow (protocol 4.4): `StartChildWorkflowExecution`, its `Initiated` event, the
//! child's start or the failure to start it, then one closing event.
//!
//! Code waits for two things: that the child started, and how it ended. A cancellation is a
//! command of its own, `RequestCancelExternalWorkflowExecution`, with machines of its own
//! ([`external`](super::external) for one, [`child_request`](super::child_request) for whether
//! another is needed); `CancelRequested` tells that it arrived.
//!
//! | from | input | to | effects |
//! |---|---|---|---|
//! | `StartIssued` | `CancelTry` | `Closed` | `Retract`, `ResolveCanceled` |
//! | `StartIssued` | `CancelWait` | `Closed` | `Retract`, `ResolveCanceled` |
//! | `StartIssued` | `CancelAbandon` | `Closed` | `Retract`, `ResolveCanceled` |
//! | `StartIssued` | `Initiated` | `Initiated` | |
//! | `Initiated` | `StartFailed` | `Closed` | `ResolveEnd` |
//! | `Initiated` | `ChildStarted` | `Started` | `ResolveStarted` |
//! | `Initiated` | `CancelTry` | `Abandoned` | `IssueCancel`, `ResolveCanceled` |
//! | `Initiated` | `CancelWait` | `InitiatedCanceling` | `IssueCancel` |
//! | `Initiated` | `CancelAbandon` | `Abandoned` | `ResolveCanceled` |
//! | `InitiatedCanceling` | `StartFailed` | `Closed` | `ResolveEnd` |
//! | `InitiatedCanceling` | `ChildStarted` | `Canceling` | `ResolveStarted` |
//! | `InitiatedCanceling` | `CancelRequested` | `Abandoned` | `ResolveCanceled` |
//! | `InitiatedCanceling` | `CancelTry` | `InitiatedCanceling` | |
//! | `InitiatedCanceling` | `CancelWait` | `InitiatedCanceling` | |
//! | `InitiatedCanceling` | `CancelAbandon` | `InitiatedCanceling` | |
//! | `Started` | `Ended` | `Closed` | `ResolveEnd` |
//! | `Started` | `CancelTry` | `Abandoned` | `IssueCancel`, `ResolveCanceled` |
//! | `Started` | `CancelWait` | `Canceling` | `IssueCancel` |
//! | `Started` | `CancelAbandon` | `Abandoned` | `ResolveCanceled` |
//! | `Canceling` | `Ended` | `Closed` | `ResolveEnd` |
//! | `Canceling` | `CancelRequested` | `Abandoned` | `ResolveCanceled` |
//! | `Canceling` | `CancelTry` | `Canceling` | |
//! | `Canceling` | `CancelWait` | `Canceling` | |
//! | `Canceling` | `CancelAbandon` | `Canceling` | |
//! | `Abandoned` | `StartFailed` | `Closed` | |
//! | `Abandoned` | `ChildStarted` | `Abandoned` | |
//! | `Abandoned` | `Ended` | `Closed` | |
//! | `Abandoned` | `CancelRequested` | `Abandoned` | |
//! | `Abandoned` | `CancelTry` | `Abandoned` | |
//! | `Abandoned` | `CancelWait` | `Abandoned` | |
//! | `Abandoned` | `CancelAbandon` | `Abandoned` | |
//! | `Closed` | `CancelRequested` | `Closed` | |
//! | `Closed` | `CancelTry` | `Closed` | |
//! | `Closed` | `CancelWait` | `Closed` | |
//! | `Closed` | `CancelAbandon` | `Closed` | |
//!
//! `Ended` is any closing event of the child's. `CancelRequested` is put only to a child whose
//! code waits for just that.

use std::collections::BTreeMap;
use std::rc::Rc;
use std::task::{Poll, Waker};

use durably_protos::temporal::api::common::v1::Payloads;
use durably_protos::temporal::api::failure::v1::Failure;

use super::child_failure::{ChildIdentity, child_canceled};
use super::child_request::{ChildRequest, RequestInput};
use super::slot::Slot;
use crate::command::{CommandId, CommandQueue};
use crate::context::{OperationKind, Reach, Scope};
use crate::shared::Place;

/// What canceling a child workflow means for the code that waits for it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum ChildCancellationType {
    /// Do not tell the child; go on at once as canceled.
    Abandon,
    /// Ask the child to cancel, and go on at once as canceled.
    TryCancel,
    /// Ask the child to cancel, and wait for how it ends.
    #[default]
    WaitCancellationCompleted,
    /// Ask the child to cancel, and wait until the request has reached it.
    WaitCancellationRequested,
}

/// How a child ended for the code that waits for it.
#[derive(Debug, Clone, PartialEq)]
pub enum ChildResolution {
    /// Its result.
    Completed(Option<Payloads>),
    /// A `ChildWorkflowExecutionFailureInfo` failure, whose cause says what happened.
    Failed(Box<Failure>),
}

/// Whether a child started: its run id, or why it did not.
pub type ChildStart = Result<Rc<str>, Box<Failure>>;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum ChildState {
    StartIssued,
    Initiated,
    InitiatedCanceling,
    Started,
    Canceling,
    Abandoned,
    Closed,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum ChildInput {
    CancelTry,
    CancelWait,
    CancelAbandon,
    Initiated,
    StartFailed,
    ChildStarted,
    Ended,
    CancelRequested,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Effect {
    Retract,
    IssueCancel,
    ResolveStarted,
    ResolveCanceled,
    ResolveEnd,
}

impl ChildState {
    fn next(self, input: ChildInput) -> Option<(Self, &'static [Effect])> {
        use ChildInput as I;
        use Effect::{IssueCancel, ResolveCanceled, ResolveEnd, ResolveStarted, Retract};
        Some(match (self, input) {
            (Self::StartIssued, I::CancelTry | I::CancelWait | I::CancelAbandon) => {
                (Self::Closed, &[Retract, ResolveCanceled])
            }
            (Self::StartIssued, I::Initiated) => (Self::Initiated, &[]),
            (Self::Initiated | Self::InitiatedCanceling, I::StartFailed)
            | (Self::Started | Self::Canceling, I::Ended) => (Self::Closed, &[ResolveEnd]),
            (Self::Initiated, I::ChildStarted) => (Self::Started, &[ResolveStarted]),
            (Self::InitiatedCanceling, I::ChildStarted) => (Self::Canceling, &[ResolveStarted]),
            (Self::Initiated | Self::Started, I::CancelTry) => {
                (Self::Abandoned, &[IssueCancel, ResolveCanceled])
            }
            (Self::Initiated | Self::Started, I::CancelAbandon)
            | (Self::InitiatedCanceling | Self::Canceling, I::CancelRequested) => {
                (Self::Abandoned, &[ResolveCanceled])
            }
            (Self::Initiated, I::CancelWait) => (Self::InitiatedCanceling, &[IssueCancel]),
            (Self::Started, I::CancelWait) => (Self::Canceling, &[IssueCancel]),
            (Self::Abandoned, I::StartFailed | I::Ended) => (Self::Closed, &[]),
            (Self::Abandoned, I::ChildStarted | I::CancelRequested)
            | (Self::Closed, I::CancelRequested)
            | (
                Self::InitiatedCanceling | Self::Canceling | Self::Abandoned | Self::Closed,
                I::CancelTry | I::CancelWait | I::CancelAbandon,
            ) => (self, &[]),
            _ => return None,
        })
    }
}

/// What an event brings besides its input.
pub(crate) enum ChildNews {
    /// `ChildWorkflowExecutionStarted`.
    Started {
        run_id: String,
        event_id: i64,
    },
    /// A closing event: the resolution, made from who the child is.
    End(Box<dyn FnOnce(&ChildIdentity) -> ChildResolution>),
    Nothing,
}

/// What follows from an input.
#[derive(Debug, Default)]
pub(crate) struct Applied {
    pub(crate) wakers: [Option<Waker>; 2],
    /// A cancel request must be sent to this workflow, of this run if it is known.
    pub(crate) cancel: Option<CancelTarget>,
}

#[derive(Debug)]
pub(crate) struct CancelTarget {
    pub(crate) namespace: String,
    pub(crate) workflow_id: String,
    pub(crate) run_id: String,
    pub(crate) place: Place,
    pub(crate) scope: Rc<Scope>,
}

#[derive(Debug)]
struct Child {
    state: ChildState,
    identity: ChildIdentity,
    request: ChildRequest,
    cancellation: ChildCancellationType,
    command: CommandId,
    place: Place,
    scope: Rc<Scope>,
    started: Slot<ChildStart>,
    ended: Slot<ChildResolution>,
}

impl Child {
    fn resolve(&mut self, resolution: ChildResolution) -> [Option<Waker>; 2] {
        // Whoever waits for the start of a child that never starts learns why.
        let started = match &resolution {
            ChildResolution::Failed(failure) => self.started.fill(Err(failure.clone())),
            ChildResolution::Completed(_) => None,
        };
        [started, self.ended.fill(resolution)]
    }
}

/// The children of a run that are open or not yet seen by the code.
#[derive(Debug, Default)]
pub(crate) struct Children {
    open: BTreeMap<u32, Box<Child>>,
    last: u32,
    /// The run was recorded by an SDK built on Temporal's core.
    of_core: bool,
}

impl Children {
    pub(crate) fn take_seq(&mut self) -> u32 {
        self.last += 1;
        self.last
    }

    pub(crate) fn start(
        &mut self,
        seq: u32,
        command: CommandId,
        identity: ChildIdentity,
        cancellation: ChildCancellationType,
        scope: Rc<Scope>,
        place: Place,
    ) {
        let child = Child {
            state: ChildState::StartIssued,
            request: ChildRequest::default(),
            identity,
            cancellation,
            command,
            place,
            scope,
            started: Slot::default(),
            ended: Slot::default(),
        };
        child.scope.enter(OperationKind::Child, seq);
        self.open.insert(seq, Box::new(child));
    }

    pub(crate) fn identity(&mut self, seq: u32) -> Option<&mut ChildIdentity> {
        self.open.get_mut(&seq).map(|child| &mut child.identity)
    }

    /// The run was recorded by an SDK built on Temporal's core: there, who waits for the arrival of a
    /// cancel request waits for the end (protocol 4.4). Random ids are those of history, since other
    /// SDKs have other generators.
    pub(crate) fn follow_core(&mut self) {
        self.of_core = true;
    }

    /// Whether random ids are those of history.
    pub(crate) fn adopts_random_ids(&self) -> bool {
        self.of_core
    }

    /// The code waits until the cancel request has arrived, no longer.
    pub(crate) fn waits_for_request(&self, seq: u32) -> bool {
        if self.of_core {
            return false;
        }
        let kind = self.open.get(&seq).map(|child| child.cancellation);
        kind == Some(ChildCancellationType::WaitCancellationRequested)
    }

    /// Puts an input to a child.
    ///
    /// # Errors
    /// The child's state in words, when the event does not fit it.
    pub(crate) fn apply(
        &mut self,
        commands: &mut CommandQueue,
        seq: u32,
        input: ChildInput,
        news: ChildNews,
    ) -> Result<Applied, String> {
        let Some(child) = self.open.get_mut(&seq) else {
            return Err(format!("child workflow number {seq}, which has ended"));
        };
        let Some((state, effects)) = child.state.next(input) else {
            return Err(format!(
                "child workflow \"{}\" in state {:?}",
                child.identity.workflow_id, child.state
            ));
        };
        child.state = state;
        let mut applied = Applied::default();
        let end = match news {
            ChildNews::Started { run_id, event_id } => {
                child.identity.run_id = run_id;
                child.identity.started_event_id = event_id;
                if child.request.apply(RequestInput::ChildStarted) {
                    applied.cancel = Some(child.cancel_target());
                }
                None
            }
            ChildNews::End(end) => Some(end),
            ChildNews::Nothing => None,
        };
        for effect in effects {
            match effect {
                Effect::Retract => drop(commands.retract(child.command)),
                Effect::IssueCancel => {
                    if child.request.apply(RequestInput::Ask) {
                        applied.cancel = Some(child.cancel_target());
                    }
                }
                Effect::ResolveStarted => {
                    let run_id = Ok(child.identity.run_id.as_str().into());
                    applied.wakers[0] = child.started.fill(run_id);
                }
                Effect::ResolveCanceled => {
                    let failure = child_canceled(&child.identity, None);
                    applied.wakers = child.resolve(ChildResolution::Failed(Box::new(failure)));
                }
                Effect::ResolveEnd => break,
            }
        }
        if effects.contains(&Effect::ResolveEnd)
            && let Some(end) = end
        {
            let resolution = end(&child.identity);
            applied.wakers = child.resolve(resolution);
        }
        self.sweep(seq);
        Ok(applied)
    }

    /// The code cancels a child, as its cancellation type says.
    pub(crate) fn cancel(&mut self, commands: &mut CommandQueue, seq: u32) -> Applied {
        let Some(child) = self.open.get(&seq) else {
            return Applied::default();
        };
        let input = match child.cancellation {
            ChildCancellationType::Abandon => ChildInput::CancelAbandon,
            ChildCancellationType::TryCancel => ChildInput::CancelTry,
            ChildCancellationType::WaitCancellationCompleted
            | ChildCancellationType::WaitCancellationRequested => ChildInput::CancelWait,
        };
        // Every state has a row for every way to cancel, as the table test shows.
        self.apply(commands, seq, input, ChildNews::Nothing)
            .unwrap_or_default()
    }

    /// The request that cancels the child was not delivered: whom to ask again.
    pub(crate) fn request_not_delivered(&mut self, seq: u32) -> Option<CancelTarget> {
        // Core sends no second request.
        if self.of_core {
            return None;
        }
        // The child may have ended, and been forgotten, before.
        let child = self.open.get_mut(&seq)?;
        let again = child.request.apply(RequestInput::NotDelivered);
        again.then(|| child.cancel_target())
    }

    /// Whether the child started, or the waker is kept. The second part is a waker to drop.
    pub(crate) fn poll_started(
        &mut self,
        seq: u32,
        waker: Waker,
    ) -> (Poll<ChildStart>, Option<Waker>) {
        let Some(child) = self.open.get_mut(&seq) else {
            return (Poll::Pending, Some(waker));
        };
        let polled = child.started.poll(waker);
        self.sweep(seq);
        polled
    }

    /// How the child ended, or the waker is kept. The second part is a waker to drop.
    pub(crate) fn poll_ended(
        &mut self,
        seq: u32,
        waker: Waker,
    ) -> (Poll<ChildResolution>, Option<Waker>) {
        let Some(child) = self.open.get_mut(&seq) else {
            return (Poll::Pending, Some(waker));
        };
        let polled = child.ended.poll(waker);
        self.sweep(seq);
        polled
    }

    /// Nobody waits for the child any more; the caller has canceled it if it should be. Gives what
    /// is left, to drop.
    pub(crate) fn forget(&mut self, seq: u32) -> impl Sized + use<> {
        let rest = self
            .open
            .get_mut(&seq)
            .map(|child| (child.started.forget(), child.ended.forget()));
        self.sweep(seq);
        rest
    }

    /// The children that wait where a cancellation reaches, in order of creation.
    pub(crate) fn waiting_within(&self, reach: &Reach) -> Vec<u32> {
        reach.within(OperationKind::Child, &self.open, |one| {
            (!one.ended.is_answered()).then_some(&one.scope)
        })
    }

    pub(crate) fn has_waiters(&self) -> bool {
        self.open
            .values()
            .any(|one| one.started.is_awaited() || one.ended.is_awaited())
    }

    /// For what code waits, and where.
    pub(crate) fn waits(&self) -> impl Iterator<Item = (&ChildIdentity, Place)> {
        self.open
            .values()
            .filter(|one| one.started.is_awaited() || one.ended.is_awaited())
            .map(|one| (&one.identity, one.place))
    }

    fn sweep(&mut self, seq: u32) {
        // Code may ask for the start after the end.
        let taken = |one: &Child| one.started.is_done() && one.ended.is_done();
        let gone = |one: &Child| taken(one) && one.state == ChildState::Closed;
        if self.open.get(&seq).is_some_and(|child| gone(child))
            && let Some(ended) = self.open.remove(&seq)
        {
            ended.scope.leave(OperationKind::Child, seq);
        }
    }
}

impl Child {
    fn cancel_target(&self) -> CancelTarget {
        CancelTarget {
            namespace: self.identity.namespace.clone(),
            workflow_id: self.identity.workflow_id.clone(),
            run_id: self.identity.run_id.clone(),
            place: self.place,
            scope: self.scope.clone(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::machines::table;

    #[test]
    fn the_table_is_the_machine() {
        use ChildInput as I;
        use ChildState as S;
        table::check(
            include_str!("child.rs"),
            &[
                S::StartIssued,
                S::Initiated,
                S::InitiatedCanceling,
                S::Started,
                S::Canceling,
                S::Abandoned,
                S::Closed,
            ],
            &[
                I::CancelTry,
                I::CancelWait,
                I::CancelAbandon,
                I::Initiated,
                I::StartFailed,
                I::ChildStarted,
                I::Ended,
                I::CancelRequested,
            ],
            S::next,
        );
    }
}
