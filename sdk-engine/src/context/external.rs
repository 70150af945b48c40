//! Messages to other workflows as futures: signals and cancel requests.

use std::pin::Pin;
use std::task::{Context as PollContext, Poll};

use durably_protos::temporal::api::command::v1::{
    RequestCancelExternalWorkflowExecutionCommandAttributes,
    SignalExternalWorkflowExecutionCommandAttributes,
};

use super::{Context, OperationKind};
use crate::command::Command;
use crate::machines::{ExternalResolution, Externals};
use crate::more::More;
use crate::shared::Place;
use crate::step::note_change;

#[derive(Debug, Clone, Copy)]
enum Kind {
    Signal,
    Cancel,
}

impl Kind {
    fn operation(self) -> OperationKind {
        match self {
            Self::Signal => OperationKind::Signal,
            Self::Cancel => OperationKind::Cancel,
        }
    }

    fn table(self, more: &mut More) -> &mut Externals {
        match self {
            Self::Signal => &mut more.signals,
            Self::Cancel => &mut more.cancels,
        }
    }
}

#[derive(Debug)]
enum State {
    Waiting(u32),
    /// Sent in a scope that was canceled before.
    Refused,
    Done,
    /// Made where nothing may be sent; it never ends.
    Inert,
}

/// A message to another workflow. Dropping it takes it back if it was not sent yet.
#[derive(Debug)]
#[must_use = "a message that is dropped in the same task is not sent"]
pub struct ExternalOperation {
    context: Context,
    kind: Kind,
    state: State,
}

impl Context {
    /// Signals another workflow, or a child.
    pub fn signal_external(
        &self,
        attributes: SignalExternalWorkflowExecutionCommandAttributes,
        place: Place,
    ) -> ExternalOperation {
        let attributes = Box::new(attributes);
        self.send_external(Kind::Signal, place, |seq| Command::SignalExternal {
            seq,
            attributes,
        })
    }

    /// Asks another workflow to cancel.
    pub fn cancel_external(
        &self,
        attributes: RequestCancelExternalWorkflowExecutionCommandAttributes,
        place: Place,
    ) -> ExternalOperation {
        let attributes = Box::new(attributes);
        self.send_external(Kind::Cancel, place, |seq| Command::CancelExternal {
            seq,
            attributes,
        })
    }

    fn send_external(
        &self,
        kind: Kind,
        place: Place,
        command: impl FnOnce(u32) -> Command,
    ) -> ExternalOperation {
        let context = self.clone();
        if !self.may_act(|| format!("sending a message to another workflow at {place}")) {
            let state = State::Inert;
            return ExternalOperation {
                context,
                kind,
                state,
            };
        }
        let scope = self.current_scope();
        let mut tables = self.shared.tables.borrow_mut();
        let (more, commands) = tables.more_and_commands();
        let table = kind.table(more);
        let seq = table.take_seq();
        let state = if scope.is_canceled() {
            State::Refused
        } else {
            let command = commands.push(command(seq), Some(place));
            table.add(seq, kind.operation(), command, scope, place, None);
            State::Waiting(seq)
        };
        ExternalOperation {
            context,
            kind,
            state,
        }
    }
}

impl ExternalOperation {
    /// Lets the message go its way without anyone waiting for its arrival.
    pub fn detach(mut self) {
        self.forget();
    }

    fn cancel(&self) {
        if let State::Waiting(seq) = self.state
            && self
                .context
                .may_act(|| "taking back a message to another workflow".to_owned())
        {
            let waker = {
                let mut tables = self.context.shared.tables.borrow_mut();
                let (more, commands) = tables.more_and_commands();
                self.kind.table(more).cancel(commands, seq)
            };
            if let Some(waker) = waker {
                waker.wake();
            }
        }
    }

    fn forget(&mut self) {
        if let State::Waiting(seq) = std::mem::replace(&mut self.state, State::Done) {
            note_change("dropping a message to another workflow");
            // Not while the tables are borrowed: a waker's drop may run code of the user's.
            let rest = {
                let mut tables = self.context.shared.tables.borrow_mut();
                self.kind.table(tables.more()).forget(seq)
            };
            drop(rest);
        }
    }
}

impl Future for ExternalOperation {
    /// Pending for ever when polled again after the end.
    type Output = ExternalResolution;

    fn poll(mut self: Pin<&mut Self>, cx: &mut PollContext<'_>) -> Poll<Self::Output> {
        let seq = match self.state {
            State::Inert | State::Done => return Poll::Pending,
            State::Refused => {
                self.state = State::Done;
                return Poll::Ready(ExternalResolution::Canceled);
            }
            State::Waiting(seq) => seq,
        };
        let waker = cx.waker().clone();
        let mut tables = self.context.shared.tables.borrow_mut();
        let (poll, spare) = self.kind.table(tables.more()).poll(seq, waker);
        drop(tables);
        drop(spare);
        if poll.is_ready() {
            self.state = State::Done;
        }
        poll
    }
}

impl Drop for ExternalOperation {
    fn drop(&mut self) {
        self.cancel();
        self.forget();
    }
}
