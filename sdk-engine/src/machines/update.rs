//! An update (protocol 4.12): accepted and completed by messages, each placed by a
//! `ProtocolMessage` command.
//!
//! A refused update has no machine: its rejection has no command and leaves no event.
//!
//! | from | input | to | effects |
//! |---|---|---|---|
//! | `AcceptIssued` | `UpdateAccepted` | `Accepted` | |
//! | `AcceptIssued` | `Complete` | `BothIssued` | `IssueResponse` |
//! | `BothIssued` | `UpdateAccepted` | `CompleteIssued` | |
//! | `Accepted` | `Complete` | `CompleteIssued` | `IssueResponse` |
//! | `CompleteIssued` | `UpdateCompleted` | `Completed` | |
//!
//! An unlisted event is nondeterminism.

use std::collections::BTreeMap;
use std::rc::Rc;

use durably_protos::temporal::api::protocol::v1::Message;

use crate::command::{Command, CommandQueue};

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum UpdateState {
    AcceptIssued,
    Accepted,
    BothIssued,
    CompleteIssued,
    Completed,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum UpdateInputKind {
    Complete,
    UpdateAccepted,
    UpdateCompleted,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Effect {
    IssueResponse,
}

impl UpdateState {
    fn next(self, input: UpdateInputKind) -> Option<(Self, &'static [Effect])> {
        use UpdateInputKind as I;
        Some(match (self, input) {
            (Self::AcceptIssued, I::UpdateAccepted) => (Self::Accepted, &[]),
            (Self::AcceptIssued, I::Complete) => (Self::BothIssued, &[Effect::IssueResponse]),
            (Self::BothIssued, I::UpdateAccepted) => (Self::CompleteIssued, &[]),
            (Self::Accepted, I::Complete) => (Self::CompleteIssued, &[Effect::IssueResponse]),
            (Self::CompleteIssued, I::UpdateCompleted) => (Self::Completed, &[]),
            _ => return None,
        })
    }
}

#[derive(Debug)]
struct Update {
    state: UpdateState,
    id: Rc<str>,
}

/// The updates of a run that were accepted and are not yet completed in history.
#[derive(Debug, Default)]
pub(crate) struct Updates {
    open: BTreeMap<u32, Update>,
    last: u32,
}

impl Updates {
    /// Accepts an update. `acceptance` is sent when the update is new, not when it is replayed.
    pub(crate) fn accept(
        &mut self,
        commands: &mut CommandQueue,
        id: Rc<str>,
        acceptance: Option<Box<Message>>,
    ) -> u32 {
        self.last += 1;
        let seq = self.last;
        let command = Command::AcceptUpdate {
            seq,
            id: id.clone(),
            message: acceptance,
        };
        commands.push(command, None);
        let state = UpdateState::AcceptIssued;
        self.open.insert(seq, Update { state, id });
        seq
    }

    /// The handler has ended. `response` makes the message, which is sent unless replayed.
    pub(crate) fn complete(
        &mut self,
        commands: &mut CommandQueue,
        seq: u32,
        response: Option<Box<Message>>,
    ) {
        let Some(update) = self.open.get_mut(&seq) else {
            return;
        };
        let Some((state, effects)) = update.state.next(UpdateInputKind::Complete) else {
            return;
        };
        update.state = state;
        if effects.contains(&Effect::IssueResponse) {
            let command = Command::CompleteUpdate {
                seq,
                id: update.id.clone(),
                message: response,
            };
            commands.push(command, None);
        }
    }

    /// Puts an event to an update.
    ///
    /// # Errors
    /// The update's state in words, when the event does not fit it.
    pub(crate) fn apply(&mut self, seq: u32, input: UpdateInputKind) -> Result<(), String> {
        let Some(update) = self.open.get_mut(&seq) else {
            return Err(format!("update number {seq}, which was completed"));
        };
        let Some((state, _)) = update.state.next(input) else {
            return Err(format!(
                "update \"{}\" in state {:?}",
                update.id, update.state
            ));
        };
        update.state = state;
        if state == UpdateState::Completed {
            self.open.remove(&seq);
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::machines::table;

    #[test]
    fn the_table_is_the_machine() {
        use UpdateInputKind as I;
        use UpdateState as S;
        table::check(
            include_str!("update.rs"),
            &[
                S::AcceptIssued,
                S::Accepted,
                S::BothIssued,
                S::CompleteIssued,
                S::Completed,
            ],
            &[I::Complete, I::UpdateAccepted, I::UpdateCompleted],
            S::next,
        );
    }
}
