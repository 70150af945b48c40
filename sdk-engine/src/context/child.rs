//! `StartChildWorkflowExecution` as futures: that it started, how it ended.

use std::pin::Pin;
use std::task::{Context as PollContext, Poll};

use durably_protos::temporal::api::command::v1::StartChildWorkflowExecutionCommandAttributes;
use durably_protos::temporal::api::sdk::v1::UserMetadata;

use super::Context;
use crate::command::Command;
use crate::machines::{
    ChildCancellationType, ChildIdentity, ChildResolution, ChildStart, child_canceled,
};
use crate::shared::Place;
use crate::step::note_change;

#[derive(Debug)]
enum State {
    Waiting(u32),
    /// Started in a scope that was canceled before.
    Refused(Box<ChildIdentity>),
    /// Made where nothing may be started; it never ends.
    Inert,
    Detached,
}

/// A child workflow. Dropping it cancels the child, unless it was detached.
#[derive(Debug)]
#[must_use = "a child workflow whose operation is dropped is canceled"]
pub struct ChildOperation {
    context: Context,
    state: State,
    /// The end was taken.
    done: bool,
}

impl Context {
    /// Starts a child workflow.
    pub fn start_child(
        &self,
        attributes: StartChildWorkflowExecutionCommandAttributes,
        metadata: Option<UserMetadata>,
        cancellation: ChildCancellationType,
        place: Place,
    ) -> ChildOperation {
        self.child_operation((attributes, false), metadata, cancellation, place)
    }

    /// Starts a child workflow whose id was made by chance. In runs that other SDKs began the id may
    /// become [another one](ChildOperation::workflow_id): that of history.
    pub fn start_child_of_random_id(
        &self,
        attributes: StartChildWorkflowExecutionCommandAttributes,
        metadata: Option<UserMetadata>,
        cancellation: ChildCancellationType,
        place: Place,
    ) -> ChildOperation {
        self.child_operation((attributes, true), metadata, cancellation, place)
    }

    fn child_operation(
        &self,
        child: (StartChildWorkflowExecutionCommandAttributes, bool),
        metadata: Option<UserMetadata>,
        cancellation: ChildCancellationType,
        place: Place,
    ) -> ChildOperation {
        let state = self.start_child_state(child, metadata, cancellation, place);
        ChildOperation {
            context: self.clone(),
            state,
            done: false,
        }
    }

    #[expect(deprecated, reason = "the namespace still tells where the child runs")]
    fn start_child_state(
        &self,
        (attributes, random_id): (StartChildWorkflowExecutionCommandAttributes, bool),
        metadata: Option<UserMetadata>,
        cancellation: ChildCancellationType,
        place: Place,
    ) -> State {
        if !self.may_act(|| format!("starting a child workflow at {place}")) {
            return State::Inert;
        }
        let scope = self.current_scope();
        let identity = ChildIdentity {
            namespace: attributes.namespace.clone(),
            workflow_id: attributes.workflow_id.clone(),
            workflow_type: attributes
                .workflow_type
                .as_ref()
                .map(|kind| kind.name.clone())
                .unwrap_or_default(),
            ..ChildIdentity::default()
        };
        let mut tables = self.shared.tables.borrow_mut();
        let (more, commands) = tables.more_and_commands();
        let seq = more.children.take_seq();
        if scope.is_canceled() {
            return State::Refused(Box::new(identity));
        }
        let command = Command::StartChild {
            seq,
            random_id,
            attributes: Box::new(attributes),
            metadata: metadata.map(Box::new),
        };
        let command = commands.push(command, Some(place));
        more.children
            .start(seq, command, identity, cancellation, scope, place);
        State::Waiting(seq)
    }
}

impl ChildOperation {
    /// The child's workflow id, unless it has ended or was never begun.
    #[must_use]
    pub fn workflow_id(&self) -> Option<String> {
        let State::Waiting(seq) = self.state else {
            return None;
        };
        let mut tables = self.context.shared.tables.borrow_mut();
        let identity = tables.more().children.identity(seq)?;
        Some(identity.workflow_id.clone())
    }

    /// Cancels the child, as its cancellation type says.
    pub fn cancel(&self) {
        if let State::Waiting(seq) = self.state
            && self
                .context
                .may_act(|| "canceling a child workflow".to_owned())
        {
            let wakers = {
                let mut tables = self.context.shared.tables.borrow_mut();
                let (more, commands) = tables.more_and_commands();
                more.cancel_child(commands, seq)
            };
            wakers.into_iter().for_each(std::task::Waker::wake);
        }
    }

    /// Lets the child run on without anyone waiting for it.
    pub fn detach(mut self) {
        self.forget();
    }

    /// Whether the child has started: its run id, or why it has not.
    pub fn poll_started(&mut self, cx: &mut PollContext<'_>) -> Poll<ChildStart> {
        match &self.state {
            State::Inert | State::Detached => Poll::Pending,
            State::Refused(identity) => Poll::Ready(Err(Box::new(child_canceled(identity, None)))),
            State::Waiting(seq) => {
                let waker = cx.waker().clone();
                let mut tables = self.context.shared.tables.borrow_mut();
                let (poll, spare) = tables.more().children.poll_started(*seq, waker);
                drop(tables);
                drop(spare);
                poll
            }
        }
    }

    fn forget(&mut self) {
        if let State::Waiting(seq) = std::mem::replace(&mut self.state, State::Detached) {
            note_change("dropping a child workflow");
            // Not while the tables are borrowed: a waker's drop may run code of the user's.
            let rest = {
                let mut tables = self.context.shared.tables.borrow_mut();
                tables.more().children.forget(seq)
            };
            drop(rest);
        }
    }
}

impl Future for ChildOperation {
    /// How the child ended. Pending for ever when polled again after the end.
    type Output = ChildResolution;

    fn poll(mut self: Pin<&mut Self>, cx: &mut PollContext<'_>) -> Poll<Self::Output> {
        if self.done {
            return Poll::Pending;
        }
        let poll = match &self.state {
            State::Inert | State::Detached => Poll::Pending,
            State::Refused(identity) => {
                let failure = Box::new(child_canceled(identity, None));
                Poll::Ready(ChildResolution::Failed(failure))
            }
            State::Waiting(seq) => {
                let waker = cx.waker().clone();
                let mut tables = self.context.shared.tables.borrow_mut();
                let (poll, spare) = tables.more().children.poll_ended(*seq, waker);
                drop(tables);
                drop(spare);
                poll
            }
        };
        self.done |= poll.is_ready();
        poll
    }
}

impl Drop for ChildOperation {
    fn drop(&mut self) {
        if !self.done {
            self.cancel();
        }
        self.forget();
    }
}
