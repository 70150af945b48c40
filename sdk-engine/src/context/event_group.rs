//! Groups of events, for who reads the history.

use std::rc::Rc;

use durably_protos::temporal::api::sdk::v1::EventGroupMarker;

use super::Context;
use crate::command::CommandId;

/// A point among the commands that the code issues.
#[derive(Debug, Clone, Copy)]
pub struct CommandMark(CommandId);

impl Context {
    /// Where the code is among its commands.
    #[must_use]
    pub fn command_mark(&self) -> CommandMark {
        CommandMark(self.shared.tables.borrow().commands.next())
    }

    /// Puts the commands that were issued since then into a group. Nothing is recorded but the
    /// group beside their events; in a replay this does nothing.
    pub fn group_commands(&self, since: CommandMark, group: &Rc<EventGroupMarker>) {
        let mut tables = self.shared.tables.borrow_mut();
        let next = tables.commands.next();
        if next > since.0 && !self.is_replaying() {
            let groups = &mut tables.more().event_groups;
            groups.add(since.0..next, group.clone());
        }
    }
}
