//! The commands a run has issued and history has not yet confirmed, in the order of issue.

use std::collections::{BTreeMap, VecDeque};
use std::panic::Location;
use std::rc::Rc;
use std::time::Duration;

use durably_protos::temporal::api::command::v1::{
    RequestCancelExternalWorkflowExecutionCommandAttributes, ScheduleActivityTaskCommandAttributes,
    ScheduleNexusOperationCommandAttributes, SignalExternalWorkflowExecutionCommandAttributes,
    StartChildWorkflowExecutionCommandAttributes,
};
use durably_protos::temporal::api::common::v1::{Payload, Payloads};
use durably_protos::temporal::api::failure::v1::Failure;
use durably_protos::temporal::api::protocol::v1::Message;
use durably_protos::temporal::api::sdk::v1::{EventGroupMarker, UserMetadata};

use super::identity::MarkerIdentity;
use super::marker::{key_details, value_details};
use crate::trace::TracedCommand;
use crate::workflow::Outcome;

/// One thing the code asks for. Things are named by the run's own sequence numbers.
#[derive(Debug)]
pub(crate) enum Command {
    ScheduleActivity {
        seq: u32,
        attributes: Box<ScheduleActivityTaskCommandAttributes>,
        metadata: Option<Box<UserMetadata>>,
    },
    RequestCancelActivity {
        seq: u32,
        scheduled_event_id: i64,
    },
    StartTimer {
        seq: u32,
        duration: Duration,
        metadata: Option<Box<UserMetadata>>,
    },
    CancelTimer {
        seq: u32,
    },
    StartChild {
        seq: u32,
        /// The id is a random one.
        random_id: bool,
        attributes: Box<StartChildWorkflowExecutionCommandAttributes>,
        metadata: Option<Box<UserMetadata>>,
    },
    SignalExternal {
        seq: u32,
        attributes: Box<SignalExternalWorkflowExecutionCommandAttributes>,
    },
    CancelExternal {
        seq: u32,
        attributes: Box<RequestCancelExternalWorkflowExecutionCommandAttributes>,
    },
    ScheduleNexusOperation {
        seq: u32,
        attributes: Box<ScheduleNexusOperationCommandAttributes>,
        metadata: Option<Box<UserMetadata>>,
    },
    RequestCancelNexusOperation {
        seq: u32,
        scheduled_event_id: i64,
    },
    RecordMarker(Box<RecordMarker>),
    UpsertSearchAttributes {
        fields: BTreeMap<String, Payload>,
    },
    ModifyProperties {
        memo: BTreeMap<String, Payload>,
    },
    AcceptUpdate {
        seq: u32,
        id: Rc<str>,
        /// None in a replay, which sends nothing.
        message: Option<Box<Message>>,
    },
    CompleteUpdate {
        seq: u32,
        id: Rc<str>,
        message: Option<Box<Message>>,
    },
    /// Complete, fail, cancel or continue as new.
    End(Box<Outcome>),
    /// Taken back before it was sent.
    Retracted,
}

/// `RecordMarker`. In a replay the details are left out: only the key is compared.
#[derive(Debug)]
pub(crate) struct RecordMarker {
    pub(crate) key: MarkerIdentity,
    pub(crate) details: BTreeMap<String, Payloads>,
    pub(crate) failure: Option<Failure>,
    pub(crate) metadata: Option<Box<UserMetadata>>,
    pub(crate) groups: Vec<EventGroupMarker>,
}

impl RecordMarker {
    /// A marker whose key says everything.
    pub(crate) fn of_key(key: MarkerIdentity) -> Self {
        Self {
            details: key_details(&key),
            key,
            failure: None,
            metadata: None,
            groups: Vec::new(),
        }
    }

    /// The marker of a side effect.
    pub(crate) fn with_value(key: MarkerIdentity, value: Payload) -> Self {
        Self {
            details: value_details(&key, value),
            key,
            failure: None,
            metadata: None,
            groups: Vec::new(),
        }
    }
}

/// A command and the place in user code that issued it.
#[derive(Debug)]
pub(crate) struct Queued {
    pub(crate) command: Command,
    /// None for the run's end, which is the code's as a whole.
    pub(crate) location: Option<&'static Location<'static>>,
}

/// Names a command of a queue for good, wherever the queue's head is by then.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct CommandId(u64);

/// First in, first out: each command event in history confirms the head (protocol 3.6).
#[derive(Debug, Default)]
pub(crate) struct CommandQueue {
    queue: VecDeque<Queued>,
    head: u64,
    /// All commands, where a trace is kept.
    traced: Option<Vec<TracedCommand>>,
}

impl CommandQueue {
    pub(crate) fn push(
        &mut self,
        command: Command,
        location: Option<&'static Location<'static>>,
    ) -> CommandId {
        let id = self.next();
        // A command that is pushed was not taken back, and so has an identity.
        if let Some(traced) = &mut self.traced
            && let Some(identity) = command.identity()
        {
            traced.push(TracedCommand {
                command: identity,
                place: location,
                event_id: None,
                retracted: false,
            });
        }
        self.queue.push_back(Queued { command, location });
        id
    }

    /// Takes a command back that was not sent yet (protocol 4.0).
    pub(crate) fn retract(&mut self, id: CommandId) -> Option<Command> {
        let index = usize::try_from(id.0.checked_sub(self.head)?).ok()?;
        let queued = self.queue.get_mut(index)?;
        if let Some(traced) = &mut self.traced
            && let Some(command) = traced.get_mut(usize::try_from(id.0).ok()?)
        {
            command.retracted = true;
        }
        Some(std::mem::replace(&mut queued.command, Command::Retracted))
    }

    /// The command that will be issued next.
    pub(crate) fn next(&self) -> CommandId {
        CommandId(self.head + self.queue.len() as u64)
    }

    /// A command that is not yet confirmed.
    pub(crate) fn get(&self, id: CommandId) -> Option<&Command> {
        let index = usize::try_from(id.0.checked_sub(self.head)?).ok()?;
        self.queue.get(index).map(|queued| &queued.command)
    }

    /// The command that the next command event must confirm.
    pub(crate) fn pop(&mut self) -> Option<Queued> {
        loop {
            let queued = self.queue.pop_front()?;
            self.head += 1;
            if !matches!(queued.command, Command::Retracted) {
                return Some(queued);
            }
        }
    }

    /// The command that the next command event must confirm, left in place.
    pub(crate) fn peek(&mut self) -> Option<&Queued> {
        while let Some(Queued {
            command: Command::Retracted,
            ..
        }) = self.queue.front()
        {
            self.queue.pop_front();
            self.head += 1;
        }
        self.queue.front()
    }

    /// Keeps what names all commands from now on: before the first.
    pub(crate) fn keep_trace(&mut self) {
        self.traced = Some(Vec::new());
    }

    /// What names the commands, if it is kept.
    pub(crate) fn traced(&self) -> &[TracedCommand] {
        self.traced.as_deref().unwrap_or_default()
    }

    /// An event confirmed the command popped last.
    pub(crate) fn confirmed(&mut self, event_id: i64) {
        let Some(traced) = &mut self.traced else {
            return;
        };
        let popped = usize::try_from(self.head)
            .unwrap_or_default()
            .checked_sub(1);
        if let Some(command) = popped.and_then(|popped| traced.get_mut(popped)) {
            command.event_id = Some(event_id);
        }
    }

    /// Every command not yet confirmed. When a completion is made all earlier completions
    /// were confirmed, so these are the commands of that completion.
    pub(crate) fn iter_mut(&mut self) -> impl Iterator<Item = (CommandId, &mut Queued)> {
        let ids = (self.head..).map(CommandId);
        ids.zip(self.queue.iter_mut())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn retracted_commands_are_passed_over() {
        let mut queue = CommandQueue::default();
        let here = Some(Location::caller());
        let first = queue.push(Command::CancelTimer { seq: 1 }, here);
        queue.push(Command::CancelTimer { seq: 2 }, here);
        let third = queue.push(Command::CancelTimer { seq: 3 }, here);
        queue.retract(first);
        let popped = queue.pop().map(|queued| queued.command);
        assert!(matches!(popped, Some(Command::CancelTimer { seq: 2 })));
        queue.retract(first);
        queue.retract(third);
        assert!(queue.pop().is_none());
    }
}
