//! `ScheduleNexusOperation` as futures: that it started, how it ended.

use std::pin::Pin;
use std::task::{Context as PollContext, Poll};

use durably_protos::temporal::api::command::v1::ScheduleNexusOperationCommandAttributes;
use durably_protos::temporal::api::failure::v1::Failure;
use durably_protos::temporal::api::failure::v1::failure::FailureInfo;
use durably_protos::temporal::api::sdk::v1::UserMetadata;

use super::Context;
use crate::command::Command;
use crate::machines::{NexusCancellationType, NexusIdentity, NexusResolution, NexusStart};
use crate::shared::Place;
use crate::step::note_change;

#[derive(Debug)]
enum State {
    Waiting(u32),
    /// Scheduled in a scope that was canceled before.
    Refused(Box<Failure>),
    /// Made where nothing may be scheduled; it never ends.
    Inert,
    Detached,
}

/// A Nexus operation. Dropping it cancels the operation, unless it was detached.
#[derive(Debug)]
#[must_use = "a Nexus operation that is dropped is canceled"]
pub struct NexusOperationFuture {
    context: Context,
    state: State,
    /// The end was taken.
    done: bool,
}

impl Context {
    /// Schedules a Nexus operation.
    pub fn schedule_nexus_operation(
        &self,
        attributes: ScheduleNexusOperationCommandAttributes,
        metadata: Option<UserMetadata>,
        cancellation: NexusCancellationType,
        place: Place,
    ) -> NexusOperationFuture {
        let state = self.schedule_nexus_state(attributes, metadata, cancellation, place);
        NexusOperationFuture {
            context: self.clone(),
            state,
            done: false,
        }
    }

    fn schedule_nexus_state(
        &self,
        attributes: ScheduleNexusOperationCommandAttributes,
        metadata: Option<UserMetadata>,
        cancellation: NexusCancellationType,
        place: Place,
    ) -> State {
        if !self.may_act(|| format!("scheduling a Nexus operation at {place}")) {
            return State::Inert;
        }
        let scope = self.current_scope();
        let identity = NexusIdentity {
            endpoint: attributes.endpoint.clone(),
            service: attributes.service.clone(),
            operation: attributes.operation.clone(),
            ..NexusIdentity::default()
        };
        let mut tables = self.shared.tables.borrow_mut();
        let (more, commands) = tables.more_and_commands();
        let seq = more.nexus_operations.take_seq();
        if scope.is_canceled() {
            let cause = Failure {
                message: "canceled".to_owned(),
                failure_info: Some(FailureInfo::CanceledFailureInfo(Default::default())),
                ..Failure::default()
            };
            return State::Refused(Box::new(identity.failure(cause)));
        }
        let command = Command::ScheduleNexusOperation {
            seq,
            attributes: Box::new(attributes),
            metadata: metadata.map(Box::new),
        };
        let command = commands.push(command, Some(place));
        more.nexus_operations
            .schedule(seq, command, identity, cancellation, scope, place);
        State::Waiting(seq)
    }
}

impl NexusOperationFuture {
    /// Cancels the operation, as its cancellation type says.
    pub fn cancel(&self) {
        if let State::Waiting(seq) = self.state
            && self
                .context
                .may_act(|| "canceling a Nexus operation".to_owned())
        {
            let wakers = {
                let mut tables = self.context.shared.tables.borrow_mut();
                let (more, commands) = tables.more_and_commands();
                more.nexus_operations.cancel(commands, seq)
            };
            wakers
                .into_iter()
                .flatten()
                .for_each(std::task::Waker::wake);
        }
    }

    /// Lets the operation run on without anyone waiting for it.
    pub fn detach(mut self) {
        self.forget();
    }

    /// Whether the operation has started: its token, or why it has not.
    pub fn poll_started(&mut self, cx: &mut PollContext<'_>) -> Poll<NexusStart> {
        match &self.state {
            State::Inert | State::Detached => Poll::Pending,
            State::Refused(failure) => Poll::Ready(Err(failure.clone())),
            State::Waiting(seq) => {
                let waker = cx.waker().clone();
                let mut tables = self.context.shared.tables.borrow_mut();
                let (poll, spare) = tables.more().nexus_operations.poll_started(*seq, waker);
                drop(tables);
                drop(spare);
                poll
            }
        }
    }

    fn forget(&mut self) {
        if let State::Waiting(seq) = std::mem::replace(&mut self.state, State::Detached) {
            note_change("dropping a Nexus operation");
            // Not while the tables are borrowed: a waker's drop may run code of the user's.
            let rest = {
                let mut tables = self.context.shared.tables.borrow_mut();
                tables.more().nexus_operations.forget(seq)
            };
            drop(rest);
        }
    }
}

impl Future for NexusOperationFuture {
    /// How the operation ended. Pending for ever when polled again after the end.
    type Output = NexusResolution;

    fn poll(mut self: Pin<&mut Self>, cx: &mut PollContext<'_>) -> Poll<Self::Output> {
        if self.done {
            return Poll::Pending;
        }
        let poll = match &self.state {
            State::Inert | State::Detached => Poll::Pending,
            State::Refused(failure) => Poll::Ready(NexusResolution::Failed(failure.clone())),
            State::Waiting(seq) => {
                let waker = cx.waker().clone();
                let mut tables = self.context.shared.tables.borrow_mut();
                let (poll, spare) = tables.more().nexus_operations.poll_ended(*seq, waker);
                drop(tables);
                drop(spare);
                poll
            }
        };
        self.done |= poll.is_ready();
        poll
    }
}

impl Drop for NexusOperationFuture {
    fn drop(&mut self) {
        if !self.done {
            self.cancel();
        }
        self.forget();
    }
}
