//! Which groups of events the commands belong to (`Command.event_group_markers`): for who reads the
//! history. A replay does not compare them.

use std::ops::Range;
use std::rc::Rc;

use durably_protos::temporal::api::sdk::v1::EventGroupMarker;

use super::CommandId;

/// The groups of the commands that were issued since the last completion.
#[derive(Debug, Default)]
pub(crate) struct EventGroups {
    groups: Vec<(Range<CommandId>, Rc<EventGroupMarker>)>,
}

impl EventGroups {
    /// The commands from one to before another belong to a group.
    pub(crate) fn add(&mut self, commands: Range<CommandId>, group: Rc<EventGroupMarker>) {
        if !commands.is_empty() {
            self.groups.push((commands, group));
        }
    }

    /// The groups of a command. What is within others comes before them.
    pub(crate) fn of(&self, command: CommandId) -> impl Iterator<Item = &EventGroupMarker> {
        let groups = self.groups.iter();
        let of_command = groups.filter(move |(commands, _)| commands.contains(&command));
        of_command.map(|(_, group)| &**group)
    }
}
