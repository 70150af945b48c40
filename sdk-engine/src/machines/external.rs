//! A signal or a cancel request to another workflow (protocol 4.5, 4.6):
//! `SignalExternalWorkflowExecution` or `RequestCancelExternalWorkflowExecution`, its `Initiated`
//! event, then the event that says whether it arrived.
//!
//! | from | input | to | effects |
//! |---|---|---|---|
//! | `Issued` | `Cancel` | `Closed` | `Retract`, `ResolveCanceled` |
//! | `Issued` | `Initiated` | `Initiated` | |
//! | `Initiated` | `Ended` | `Closed` | `ResolveEnd` |
//! | `Initiated` | `Cancel` | `Initiated` | |
//! | `Closed` | `Cancel` | `Closed` | |
//!
//! Once sent it cannot be taken back: a later cancel changes nothing. An unlisted event is
//! nondeterminism.

use std::collections::BTreeMap;
use std::rc::Rc;
use std::task::{Poll, Waker};

use durably_protos::temporal::api::failure::v1::Failure;

use super::slot::Slot;
use crate::command::{CommandId, CommandQueue};
use crate::context::{OperationKind, Reach, Scope};
use crate::shared::Place;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum ExternalState {
    Issued,
    Initiated,
    Closed,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum ExternalInput {
    Cancel,
    Initiated,
    Ended,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Effect {
    Retract,
    ResolveCanceled,
    ResolveEnd,
}

impl ExternalState {
    fn next(self, input: ExternalInput) -> Option<(Self, &'static [Effect])> {
        use ExternalInput as I;
        Some(match (self, input) {
            (Self::Issued, I::Cancel) => {
                (Self::Closed, &[Effect::Retract, Effect::ResolveCanceled])
            }
            (Self::Issued, I::Initiated) => (Self::Initiated, &[]),
            (Self::Initiated, I::Ended) => (Self::Closed, &[Effect::ResolveEnd]),
            (Self::Initiated | Self::Closed, I::Cancel) => (self, &[]),
            _ => return None,
        })
    }
}

/// Whether a message to another workflow arrived.
#[derive(Debug, Clone, PartialEq)]
pub enum ExternalResolution {
    /// It did.
    Delivered,
    /// It did not, and why.
    Failed(Box<Failure>),
    /// It was taken back before it was sent.
    Canceled,
}

#[derive(Debug)]
struct External {
    state: ExternalState,
    command: CommandId,
    /// Which of the two it is.
    kind: OperationKind,
    scope: Rc<Scope>,
    place: Place,
    slot: Slot<ExternalResolution>,
    /// The child for whose cancellation this was sent.
    child: Option<u32>,
}

/// What becomes of an input: a waker to wake, and the child to tell.
#[derive(Debug, Default)]
pub(crate) struct Applied {
    pub(crate) waker: Option<Waker>,
    pub(crate) child: Option<u32>,
}

/// The messages of one kind that are under way, or not yet seen by the code.
#[derive(Debug, Default)]
pub(crate) struct Externals {
    open: BTreeMap<u32, External>,
    last: u32,
}

impl Externals {
    pub(crate) fn take_seq(&mut self) -> u32 {
        self.last += 1;
        self.last
    }

    /// Adds one whose command was queued.
    pub(crate) fn add(
        &mut self,
        seq: u32,
        kind: OperationKind,
        command: CommandId,
        scope: Rc<Scope>,
        place: Place,
        child: Option<u32>,
    ) {
        let mut slot = Slot::default();
        if child.is_some() {
            // No code waits for it.
            slot.forget();
        } else {
            scope.enter(kind, seq);
        }
        let external = External {
            state: ExternalState::Issued,
            command,
            kind,
            scope,
            place,
            slot,
            child,
        };
        self.open.insert(seq, external);
    }

    /// Puts an input to a message; `end` makes the resolution of a closing event.
    ///
    /// # Errors
    /// The message's state in words, when the event does not fit it.
    pub(crate) fn apply(
        &mut self,
        commands: &mut CommandQueue,
        seq: u32,
        input: ExternalInput,
        end: Option<ExternalResolution>,
    ) -> Result<Applied, String> {
        let Some(external) = self.open.get_mut(&seq) else {
            return match input {
                ExternalInput::Cancel => Ok(Applied::default()),
                _ => Err(format!(
                    "message {seq} to another workflow, which has ended"
                )),
            };
        };
        let Some((state, effects)) = external.state.next(input) else {
            return Err(format!(
                "message {seq} to another workflow in state {:?}",
                external.state
            ));
        };
        external.state = state;
        let mut applied = Applied::default();
        for effect in effects {
            match effect {
                Effect::Retract => drop(commands.retract(external.command)),
                Effect::ResolveCanceled => {
                    applied.waker = external.slot.fill(ExternalResolution::Canceled);
                }
                Effect::ResolveEnd => {
                    applied.child = external.child;
                    applied.waker = end.clone().and_then(|end| external.slot.fill(end));
                }
            }
        }
        self.sweep(seq);
        Ok(applied)
    }

    pub(crate) fn cancel(&mut self, commands: &mut CommandQueue, seq: u32) -> Option<Waker> {
        // Every state has a row for a cancel, as the table test shows.
        let applied = self.apply(commands, seq, ExternalInput::Cancel, None);
        applied.unwrap_or_default().waker
    }

    /// Gives the end, or keeps the waker. The second part is a waker to drop.
    pub(crate) fn poll(
        &mut self,
        seq: u32,
        waker: Waker,
    ) -> (Poll<ExternalResolution>, Option<Waker>) {
        let Some(external) = self.open.get_mut(&seq) else {
            return (Poll::Ready(ExternalResolution::Canceled), Some(waker));
        };
        let polled = external.slot.poll(waker);
        self.sweep(seq);
        polled
    }

    pub(crate) fn forget(&mut self, seq: u32) -> (Option<Waker>, Option<ExternalResolution>) {
        let Some(external) = self.open.get_mut(&seq) else {
            return (None, None);
        };
        let rest = external.slot.forget();
        self.sweep(seq);
        rest
    }

    /// Those that wait where a cancellation reaches, in order of creation.
    pub(crate) fn waiting_within(&self, reach: &Reach, kind: OperationKind) -> Vec<u32> {
        reach.within(kind, &self.open, |one| {
            (!one.slot.is_answered()).then_some(&one.scope)
        })
    }

    pub(crate) fn has_waiters(&self) -> bool {
        self.open.values().any(|one| one.slot.is_awaited())
    }

    /// Where code waits for one of these.
    pub(crate) fn waits(&self) -> impl Iterator<Item = Place> {
        let awaited = self.open.values().filter(|one| one.slot.is_awaited());
        awaited.map(|one| one.place)
    }

    fn sweep(&mut self, seq: u32) {
        let gone = |one: &External| one.slot.is_done() && one.state == ExternalState::Closed;
        if self.open.get(&seq).is_some_and(gone)
            && let Some(ended) = self.open.remove(&seq)
        {
            ended.scope.leave(ended.kind, seq);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::machines::table;

    #[test]
    fn the_table_is_the_machine() {
        use ExternalInput as I;
        use ExternalState as S;
        table::check(
            include_str!("external.rs"),
            &[S::Issued, S::Initiated, S::Closed],
            &[I::Cancel, I::Initiated, I::Ended],
            S::next,
        );
    }
}
